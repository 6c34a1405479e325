//! The names of a `WorkflowExecution` status, as tables that read like section 2 of the condition rules.
//!
//! No other module spells a condition type, a reason or a phase: the rules and the completion use [`Role`]s and
//! ask a [`Vocabulary`] for the names.

mod condition_status;
mod equivalents;
mod execution;
mod mappings;
mod names;
mod tekton;
#[cfg(test)]
mod tests;

pub use condition_status::ConditionStatus;
pub use equivalents::{
    EQUIVALENT_REASONS, FORMER_REASONS, FORMER_TYPES, PHASE_SYNONYMS, equivalent_reasons,
};
pub use execution::EXECUTION;
pub use mappings::{RUN_NOT_STARTED, creation_failure, failure_agrees, lock_reasons};
pub use names::{FailureReason, Phase, SkipReason};
pub use tekton::TEKTON;

use std::fmt;

/// The API group of kubernaut's first `WorkflowExecution`, always judged by [`TEKTON`] unless a vocabulary is pinned.
pub const FIRST_GROUP: &str = "workflowexecution.kubernaut.ai";
/// The API group of `WorkflowExecution` today, in which either vocabulary is written.
pub const CURRENT_GROUP: &str = "kubernaut.ai";
/// Both groups.
pub const GROUPS: [&str; 2] = [FIRST_GROUP, CURRENT_GROUP];
/// The resource in both groups.
pub const RESOURCE: &str = "workflowexecutions";
/// Every vocabulary, the oldest first.
pub const ALL: [&Vocabulary; 2] = [&TEKTON, &EXECUTION];

/// What a condition is about, under whichever name a vocabulary has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The run's resource was created.
    Created,
    /// The run has started.
    Running,
    /// The run has ended: True when it succeeded.
    Complete,
    /// The audit event of the last transition was recorded.
    Audit,
    /// The target was locked, so the run was skipped.
    Lock,
    /// The summary of a finished run.
    Ready,
    /// The run's token has a shorter lifetime than requested.
    Token,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Audit => "audit",
            Self::Lock => "lock",
            Self::Ready => "ready",
            Self::Token => "token",
        })
    }
}

impl Role {
    /// How many roles there are.
    pub const COUNT: usize = Self::Token as usize + 1;
}

/// One row of a vocabulary: a role's condition type and the reasons allowed for each status.
#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    /// The role that the type plays.
    pub role: Role,
    /// The condition type.
    pub condition_type: &'static str,
    /// The reasons allowed when the status is True; the first is the one that completion writes.
    pub reasons_true: &'static [&'static str],
    /// The reasons allowed when the status is False; the first is the generic one.
    pub reasons_false: &'static [&'static str],
}

impl Term {
    /// The reasons allowed for `status`, or `None` when any is (status Unknown).
    #[must_use]
    pub fn reasons(&self, status: ConditionStatus) -> Option<&'static [&'static str]> {
        match status {
            ConditionStatus::True => Some(self.reasons_true),
            ConditionStatus::False => Some(self.reasons_false),
            ConditionStatus::Unknown => None,
        }
    }
}

/// The names that one generation of kubernaut uses.
#[derive(Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// The name that `--vocabulary` takes.
    pub name: &'static str,
    /// A row for each role that the vocabulary has.
    pub terms: &'static [Term],
    /// The members of the enum of `status.failureDetails.reason`.
    pub failure_reasons: &'static [FailureReason],
    /// The phases it knows.
    pub phases: &'static [Phase],
}

impl Vocabulary {
    /// The row of `role`, where the vocabulary has that role.
    #[must_use]
    pub fn term(&self, role: Role) -> Option<&'static Term> {
        self.terms.iter().find(|term| term.role == role)
    }

    /// The row of a condition type, where the vocabulary knows it.
    #[must_use]
    pub fn term_of_type(&self, condition_type: &str) -> Option<&'static Term> {
        self.terms
            .iter()
            .find(|term| term.condition_type == condition_type)
    }

    /// The vocabulary that `--vocabulary` calls `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|vocabulary| vocabulary.name == name)
    }

    /// The other vocabularies.
    pub fn others(&self) -> impl Iterator<Item = &'static Self> {
        ALL.into_iter()
            .filter(|vocabulary| vocabulary.name != self.name)
    }

    /// Whether `condition_type` is of this vocabulary and of no other.
    #[must_use]
    pub fn has_alone(&self, condition_type: &str) -> bool {
        self.term_of_type(condition_type).is_some() && !self.others_know(condition_type)
    }

    /// Whether `condition_type` is of another vocabulary.
    #[must_use]
    pub fn others_know(&self, condition_type: &str) -> bool {
        self.others()
            .any(|other| other.term_of_type(condition_type).is_some())
    }

    /// Whether objects of this vocabulary have the phase.
    #[must_use]
    pub fn has_phase(&self, phase: Phase) -> bool {
        self.phases.contains(&phase)
    }

    /// The member of the failure enum that `name` spells.
    #[must_use]
    pub fn failure_reason(&self, name: &str) -> Option<FailureReason> {
        self.failure_reasons
            .iter()
            .copied()
            .find(|reason| reason.name() == name)
    }
}

/// The reasons of a False *complete* condition: the generic one and each member of the failure enum.
const fn complete_false<const COUNT: usize>(
    generic: &'static str,
    failures: &[FailureReason],
) -> [&'static str; COUNT] {
    let mut reasons = [generic; COUNT];
    let mut at = 0;
    while at < failures.len() {
        reasons[at + 1] = failures[at].name();
        at += 1;
    }
    reasons
}

/// Whether a reason is CamelCase: ASCII letters and digits, the first an upper-case letter.
#[must_use]
pub fn is_camel_case(reason: &str) -> bool {
    reason.starts_with(|first: char| first.is_ascii_uppercase())
        && reason.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
