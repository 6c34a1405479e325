use std::fmt;

use super::joined::joined;
use super::message::{cause_reason, message};
use super::quote::write_printable;
use crate::admission::JudgedFinding;
use crate::json::Writer;
use crate::review::{KIND, Review};
use crate::rules::{Action, Subject};

/// The most causes of a denial, including the last one that sums up.
const MAX_CAUSES: usize = 50;
/// The longest status message, in bytes.
const MAX_MESSAGE: usize = 4096;
/// The longest name of a Kubernetes object.
const MAX_NAME: usize = 253;

/// `response.status` of a refused write: a `metav1.Status` of the form that kubectl prints best.
#[derive(Debug)]
pub(super) struct Denial {
    message: String,
    name: String,
    group: String,
    causes: Vec<Cause>,
}

#[derive(Debug)]
struct Cause {
    reason: &'static str,
    message: String,
    field: String,
}

impl Denial {
    /// Adds it as JSON.
    pub(super) fn write(&self, json: &mut Writer) {
        json.raw(r#"{"status":"Failure","message":"#);
        json.string(&self.message);
        json.raw(r#","reason":"Invalid","details":{"name":"#);
        json.string(&self.name);
        json.raw(r#","group":"#);
        json.string(&self.group);
        json.raw(r#","kind":"#);
        json.string(KIND);
        json.raw(r#","causes":["#);
        json.separated(&self.causes, |json, cause| cause.write(json));
        json.raw(r#"]},"code":422}"#);
    }

    /// About how many bytes it has as JSON.
    #[must_use]
    pub(super) fn room(&self) -> usize {
        const FRAME: usize = 128;
        2 * self.message.len() + FRAME * (1 + self.causes.len())
    }
}

impl Cause {
    fn write(&self, json: &mut Writer) {
        json.raw(r#"{"reason":"#);
        json.string(self.reason);
        json.raw(r#","message":"#);
        json.string(&self.message);
        json.raw(r#","field":"#);
        json.string(&self.field);
        json.raw("}");
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        f.write_str(": ")?;
        f.write_str(&self.message)
    }
}

/// The refusal of a write, a cause for each denied finding; `None` when none is denied.
pub(super) fn denial(
    review: &Review<'_>,
    subject: &Subject<'_>,
    findings: &[JudgedFinding<'_>],
) -> Option<Denial> {
    let denied = || findings.iter().filter(|judged| judged.has(Action::Deny));
    let count = denied().count();
    if count == 0 {
        return None;
    }
    let shown = if count > MAX_CAUSES {
        MAX_CAUSES - 1
    } else {
        count
    };
    let mut causes: Vec<_> = denied()
        .take(shown)
        .map(|JudgedFinding { finding, .. }| Cause {
            reason: cause_reason(&finding.fault),
            message: message(subject, finding, true),
            field: finding.place.to_string(),
        })
        .collect();
    let message = status_message(&causes, count);
    if let Some(JudgedFinding { finding: next, .. }) = denied().nth(shown) {
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
        message,
        name: printable(&review.name, MAX_NAME),
        group: printable(&review.group, MAX_NAME),
        causes,
    })
}

/// As many causes in one line as there is room for, of `count` findings. Fifty are always too many.
fn status_message(causes: &[Cause], count: usize) -> String {
    joined(causes.iter(), count, "; ", MAX_MESSAGE, "more findings")
}

fn printable(text: &str, most: usize) -> String {
    let mut printable = String::new();
    // Writing to a string does not fail.
    let _ = write_printable(text, most, &mut printable);
    printable
}
