use crate::rules::{Action, Finding};

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The rule's action under the mode.
    Acted(Action),
    /// The stored object has it already, so it is only audited.
    Inherited,
}

impl Verdict {
    /// The action's name, or `inherited`.
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
pub struct JudgedFinding<'s> {
    /// The finding.
    pub finding: Finding<'s>,
    /// What becomes of it.
    pub verdict: Verdict,
}

impl JudgedFinding<'_> {
    /// Whether `action` is taken for it.
    #[must_use]
    pub fn has(&self, action: Action) -> bool {
        self.verdict == Verdict::Acted(action)
    }
}
