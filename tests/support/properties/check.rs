use wfe_webhook::admission::Outcome;
use wfe_webhook::admission::Verdict;
use wfe_webhook::check::{self, CheckError, Document, ItemContent, ReviewFrame, StoredObjects};
use wfe_webhook::policy::Policy;
use wfe_webhook::rules::Action;

use crate::answers;
use crate::oracle::now;

/// Any file is judged or reported as unusable. What completion prints can be read again, and is complete.
pub fn holds(file: &[u8]) {
    let documents = match check::read(file) {
        Ok(documents) => documents,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let _ = StoredObjects::of(&documents);
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
        let frame = match &item.content {
            ItemContent::Review(text) => ReviewFrame::as_sent(text, &item.range),
            ItemContent::Object(object) => {
                assert!(answers::is_printable(&object.label()), "{object:?}");
                ReviewFrame::of_write(object, is_stored.then_some(object.text))
            }
        };
        let object = document.part(&item.range);
        let checked = match check::check(&frame, object, &Policy::default(), now()) {
            Ok(checked) => checked,
            Err(CheckError::Review(_) | CheckError::NotJudged) => continue,
            Err(fault) => panic!("{fault}\n{object}"),
        };
        judged += 1;
        let is_denied = checked
            .findings
            .iter()
            .any(|it| it.verdict == Verdict::Acted(Action::Deny));
        assert_eq!(is_denied, checked.outcome == Outcome::Denied, "{checked:?}");
        completed.extend(
            checked
                .completed
                .map(|object| (item.range.clone(), object.text)),
        );
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
