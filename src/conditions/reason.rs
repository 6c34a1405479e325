use crate::status::ConditionStatus;
use crate::vocabulary::{FailureReason, Role, SkipReason, Term, Vocabulary, lock_reasons};

/// Where a condition's reason comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason<'a> {
    /// The vocabulary's first reason for the type and status: `PipelineCreated`, or the generic failure
    /// `PipelineFailed`. For status Unknown it is `Unknown`.
    Usual,
    /// This very reason.
    Named(&'a str),
    /// What the vocabulary makes of a failure: of False *created* and *complete* conditions.
    Failure(FailureReason),
    /// What the vocabulary makes of a skip: of a True *lock* condition.
    Skip(SkipReason),
}

impl<'a> From<&'a str> for Reason<'a> {
    fn from(name: &'a str) -> Self {
        Self::Named(name)
    }
}

impl<'a> From<&'a String> for Reason<'a> {
    fn from(name: &'a String) -> Self {
        Self::Named(name)
    }
}

impl From<FailureReason> for Reason<'_> {
    fn from(failure: FailureReason) -> Self {
        Self::Failure(failure)
    }
}

impl From<SkipReason> for Reason<'_> {
    fn from(skip: SkipReason) -> Self {
        Self::Skip(skip)
    }
}

impl<'a> Reason<'a> {
    /// The reason's text. A failure or skip without a reason for `term` and `status` stands for its own name, which
    /// the caller's check then refuses with what is allowed.
    pub(super) fn resolve(
        self,
        vocabulary: &Vocabulary,
        term: &Term,
        status: ConditionStatus,
    ) -> &'a str {
        match self {
            Self::Named(name) => name,
            Self::Usual => term
                .reasons(status)
                .and_then(|reasons| reasons.first().copied())
                .unwrap_or(ConditionStatus::Unknown.name()),
            Self::Failure(failure) => match (term.role, status) {
                (Role::Created, ConditionStatus::False) => {
                    vocabulary.created_false_reason(Some(failure))
                }
                (Role::Complete, ConditionStatus::False) => {
                    vocabulary.complete_false_reason(Some(failure))
                }
                _ => None,
            }
            .unwrap_or(failure.name()),
            Self::Skip(skip) => match (term.role, status) {
                (Role::Lock, ConditionStatus::True) => lock_reasons(skip).first().copied(),
                _ => None,
            }
            .unwrap_or(skip.name()),
        }
    }
}
