//! A judgement put into an `AdmissionReview`, spec section 8. No other module knows the JSON of an answer.

mod annotation;
mod denial;
mod joined;
#[cfg(feature = "server")]
mod line;
mod message;
mod patch;
mod quote;
#[cfg(feature = "server")]
mod read;
mod response;
mod suggest;
mod warning;

#[cfg(feature = "server")]
pub use line::line;
pub use message::{Words, message, words};
pub use patch::{Operation, patch};
pub use quote::Quoted;
#[cfg(feature = "server")]
pub use read::{Received, Unreadable};

use crate::admission::{Judgement, Outcome, Webhook};
use response::Response;

const MISREGISTERED: &str =
    "wfe-webhook judges only updates of workflowexecutions/status: its registration is too wide";

/// The complete `AdmissionReview` to send, as JSON.
#[must_use]
pub fn answer(judgement: &Judgement<'_>) -> Vec<u8> {
    let mut response = Response::allow(&judgement.review.uid);
    match &judgement.subject {
        None if judgement.outcome == Outcome::Ignored && judgement.webhook == Webhook::Validate => {
            response.warn([MISREGISTERED.to_owned()]);
        }
        None => {}
        Some(subject) => match judgement.webhook {
            Webhook::Mutate => {
                response.annotate("derived", annotation::derived(&judgement.changes));
                response.warn(warning::undone_edits(&judgement.undone_edits));
                if judgement.outcome == Outcome::Patched {
                    let has_list = subject.status.conditions.present().is_some();
                    response.patch(&patch(&judgement.changes, has_list));
                }
            }
            Webhook::Validate => {
                response.annotate("findings", annotation::findings(&judgement.findings));
                response.warn(warning::findings(subject, &judgement.findings));
                response.deny(denial::denial(
                    judgement.review,
                    subject,
                    &judgement.findings,
                ));
            }
        },
    }
    response.to_json()
}
