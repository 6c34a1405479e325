use wfe_webhook::admission::Outcome;
use wfe_webhook::check::{self, Document, JudgeError, Review, Stored, Subject};
use wfe_webhook::policy::Policy;

use crate::answers;
use crate::oracle::now;

/// Any file is judged or reported as unusable. What completion prints can be read again, and is complete.
pub fn holds(file: &[u8]) {
    let documents = match check::read(file) {
        Ok(documents) => documents,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let _ = Stored::of(&documents);
    for document in &documents {
        for is_stored in [false, true] {
            let Fixed {
                printed, judged, ..
            } = fix(document, is_stored);
            if judged == 0 {
                continue;
            }
            let again = check::read(printed.as_bytes())
                .unwrap_or_else(|error| panic!("printed what {error}\n{printed}"));
            let [again] = &again[..] else {
                panic!("printed {} documents\n{printed}", again.len());
            };
            if !is_stored {
                let twice = fix(again, false);
                assert_eq!(twice.judged, judged, "judged again\n{printed}");
                assert!(
                    !twice.changed,
                    "completed again\n{printed}\n{}",
                    twice.printed
                );
            }
        }
    }
}

/// A document after completion.
struct Fixed {
    printed: String,
    judged: usize,
    changed: bool,
}

fn fix(document: &Document, is_stored: bool) -> Fixed {
    let mut completed = Vec::new();
    let mut judged = 0;
    for item in document.items() {
        let item = match item {
            Ok(item) => item,
            Err((_, unusable)) => {
                assert!(!unusable.to_string().is_empty());
                continue;
            }
        };
        let review = match &item.subject {
            Subject::Review(text) => Review::as_sent(text, &item.range),
            Subject::Object(object) => {
                assert!(answers::is_printable(&object.label()), "{object:?}");
                Review::of_write(object, is_stored.then_some(object.text))
            }
        };
        let object = document.part(&item.range);
        let verdict = match check::judge(&review, object, &Policy::default(), now()) {
            Ok(verdict) => verdict,
            Err(JudgeError::Review(_) | JudgeError::NotJudged) => continue,
            Err(fault) => panic!("{fault}\n{object}"),
        };
        judged += 1;
        let is_denied = verdict.findings.iter().any(|it| it.action == "deny");
        assert_eq!(is_denied, verdict.outcome == Outcome::Denied, "{verdict:?}");
        completed.extend(verdict.completed.map(|object| (item.range.clone(), object)));
    }
    let changed = !completed.is_empty();
    let printed = document
        .print(completed)
        .unwrap_or_else(|error| panic!("{error}"));
    Fixed {
        printed,
        judged,
        changed,
    }
}
