//! The policies, by what they are for.

use crate::admission::Webhook;
use crate::rules::Action;

/// One of the policies that are printed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Part {
    /// Adds conditions.
    Complete,
    /// Has the rules that refuse.
    Deny,
    /// Has the rules that warn.
    Warn,
    /// Has the rules that only note.
    Audit,
}

impl Part {
    /// All of them, in the order in which they are printed.
    pub(super) const ALL: [Self; 4] = [Self::Complete, Self::Deny, Self::Warn, Self::Audit];

    /// The kind, in the words of webhooks.
    pub(super) const fn kind(self) -> Webhook {
        match self.action() {
            None => Webhook::Mutate,
            Some(_) => Webhook::Validate,
        }
    }

    /// The action of its rules.
    pub(super) const fn action(self) -> Option<Action> {
        match self {
            Self::Complete => None,
            Self::Deny => Some(Action::Deny),
            Self::Warn => Some(Action::Warn),
            Self::Audit => Some(Action::Audit),
        }
    }

    /// What its binding has in `validationActions`, and what that means for a write that breaks a rule.
    pub(super) const fn bound_to(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Complete => None,
            Self::Deny => Some(("Deny", "is refused")),
            Self::Warn => Some(("Warn", "is warned of")),
            Self::Audit => Some(("Audit", "is noted in the audit log")),
        }
    }

    /// The end of its name.
    pub(super) const fn suffix(self) -> &'static str {
        match self.action() {
            None => "complete",
            Some(action) => action.name(),
        }
    }

    /// Its name beside configurations of this name.
    pub(in super::super) fn name(self, configuration: &str) -> String {
        format!("{configuration}-{}", self.suffix())
    }

    /// What the API calls its kind.
    pub(super) const fn kind_name(self) -> &'static str {
        match self.kind() {
            Webhook::Mutate => "MutatingAdmissionPolicy",
            Webhook::Validate => "ValidatingAdmissionPolicy",
        }
    }
}
