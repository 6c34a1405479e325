use std::fmt;

use serde::Serialize;

use super::Verdicts;
use super::joined::joined;
use super::quote::write_printable;
use super::words::{cause_reason, message};
use crate::review::{KIND, Review};
use crate::rules::{Action, Subject};

/// The most causes of a denial, the last one that sums up included.
const MAX_CAUSES: usize = 50;
/// The longest status message, in bytes.
const MAX_MESSAGE: usize = 4096;
/// The longest name of a Kubernetes object.
const MAX_NAME: usize = 253;

/// `response.status` of a refused write: a `metav1.Status` of the form that kubectl prints best.
#[derive(Debug, Serialize)]
pub struct Denial {
    status: &'static str,
    message: String,
    reason: &'static str,
    details: Details,
    code: u16,
}

#[derive(Debug, Serialize)]
struct Details {
    name: String,
    group: String,
    kind: &'static str,
    causes: Vec<Cause>,
}

#[derive(Debug, Serialize)]
struct Cause {
    reason: &'static str,
    message: String,
    field: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        f.write_str(": ")?;
        f.write_str(&self.message)
    }
}

/// The refusal of a write, a cause for each denied finding; `None` when none is denied.
#[must_use]
pub fn denial(
    review: &Review<'_>,
    subject: &Subject<'_>,
    verdicts: &Verdicts<'_>,
) -> Option<Denial> {
    let count = verdicts.denied();
    if count == 0 {
        return None;
    }
    let shown = if count > MAX_CAUSES {
        MAX_CAUSES - 1
    } else {
        count
    };
    let mut causes: Vec<_> = verdicts
        .with_action(Action::Deny)
        .take(shown)
        .map(|finding| Cause {
            reason: cause_reason(&finding.fault),
            message: message(subject, finding, true),
            field: finding.place.to_string(),
        })
        .collect();
    let message = status_message(&causes, count);
    if let Some(next) = verdicts.with_action(Action::Deny).nth(shown) {
        let more = count - shown;
        causes.push(Cause {
            reason: cause_reason(&next.fault),
            message: format!(
                "{more} more findings, from here on, are not shown [{}]",
                next.rule()
            ),
            field: next.place.to_string(),
        });
    }
    Some(Denial {
        status: "Failure",
        message,
        reason: "Invalid",
        details: Details {
            name: printable(&review.name, MAX_NAME),
            group: printable(&review.group, MAX_NAME),
            kind: KIND,
            causes,
        },
        code: 422,
    })
}

/// All causes in one line, as many as there is room for, of `count` findings. Fifty are always too many.
fn status_message(causes: &[Cause], count: usize) -> String {
    joined(causes.iter(), count, "; ", MAX_MESSAGE, "more findings")
}

fn printable(text: &str, most: usize) -> String {
    let mut printable = String::new();
    // Writing to a string does not fail.
    let _ = write_printable(text, most, &mut printable);
    printable
}
