//! Findings and completions put into an `AdmissionReview`, spec section 8.

mod annotation;
mod denial;
mod patch;
mod quote;
mod response;
mod suggest;
mod warning;
mod words;

pub use annotation::{derived_annotation, findings_annotation};
pub use denial::{Denial, denial};
pub use patch::patch;
pub use quote::Quoted;
pub use response::Response;
pub use warning::warnings;
pub use words::{cause_reason, message};

use crate::rules::{Action, Finding};

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule's action under the mode.
    Acted(Action),
    /// The stored object has it already, so it is only audited.
    Inherited,
}

impl Verdict {
    /// The value of the metric label `action`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acted(action) => action.name(),
            Self::Inherited => "inherited",
        }
    }
}

/// A finding and what becomes of it.
#[derive(Clone, Debug)]
pub struct Judged<'s> {
    /// The finding.
    pub finding: Finding<'s>,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// The findings that `action` is taken for.
fn with_action<'j, 's>(
    judged: &'j [Judged<'s>],
    action: Action,
) -> impl Iterator<Item = &'j Finding<'s>> {
    judged
        .iter()
        .filter(move |judged| judged.verdict == Verdict::Acted(action))
        .map(|judged| &judged.finding)
}
