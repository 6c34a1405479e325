use super::message::message;
use super::warning::warning;
use crate::admission::{JudgedFinding, Verdict};
use crate::rules::{Action, Subject};

/// What a client reads of one finding: the place and the message of a denial's cause, or the line of a warning. `None`
/// where it reads nothing.
#[must_use]
pub fn line(subject: &Subject<'_>, judged: &JudgedFinding<'_>) -> Option<String> {
    let finding = &judged.finding;
    match judged.verdict {
        Verdict::Acted(Action::Deny) => {
            let message = message(subject, finding, true);
            Some(format!("{}: {message}", finding.place))
        }
        Verdict::Acted(Action::Warn) => Some(warning(subject, finding, true)),
        Verdict::Acted(Action::Off | Action::Audit) | Verdict::Inherited => None,
    }
}
