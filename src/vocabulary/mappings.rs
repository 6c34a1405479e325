//! Which reason of a condition stands for which reason of the details.

use super::{FailureReason, Role, SkipReason, Vocabulary};

impl Vocabulary {
    /// The reason that completion gives a False *complete* condition (spec section 5).
    #[must_use]
    pub fn complete_false_reason(&self, failure: Option<FailureReason>) -> Option<&'static str> {
        use FailureReason as F;
        match failure {
            Some(own @ (F::TaskFailed | F::DeadlineExceeded | F::OOMKilled)) => Some(own.name()),
            None
            | Some(
                F::Forbidden
                | F::ResourceExhausted
                | F::ConfigurationError
                | F::ImagePullBackOff
                | F::Unknown
                | F::UnsupportedEngine
                | F::Deduplicated,
            ) => self.generic_failure(),
        }
    }

    /// The reason of a False *complete* condition that gives no cause.
    #[must_use]
    pub fn generic_failure(&self) -> Option<&'static str> {
        self.term(Role::Complete)
            .and_then(|term| term.reasons_false.first().copied())
    }

    /// The reason that completion gives a False *created* condition (spec section 5).
    #[must_use]
    pub fn created_false_reason(&self, failure: Option<FailureReason>) -> Option<&'static str> {
        match failure.and_then(creation_failure) {
            Some(specific) => Some(specific),
            None => self
                .term(Role::Created)
                .and_then(|term| term.reasons_false.first().copied()),
        }
    }
}

/// The reason of a False *created* condition that means the same as `failure`, where there is one.
#[must_use]
pub fn creation_failure(failure: FailureReason) -> Option<&'static str> {
    use FailureReason as F;
    match failure {
        F::ResourceExhausted => Some("QuotaExceeded"),
        F::Forbidden => Some("RBACDenied"),
        F::ImagePullBackOff => Some("ImagePullFailed"),
        F::OOMKilled
        | F::DeadlineExceeded
        | F::ConfigurationError
        | F::TaskFailed
        | F::Unknown
        | F::UnsupportedEngine
        | F::Deduplicated => None,
    }
}

/// The reasons of a True *lock* condition that agree with `skip` (rule `skip-reason-mismatch`); the first is the one
/// that completion writes.
#[must_use]
pub const fn lock_reasons(skip: SkipReason) -> &'static [&'static str] {
    match skip {
        SkipReason::ResourceBusy => &["TargetResourceBusy"],
        SkipReason::RecentlyRemediated => &["RecentlyRemediated"],
        SkipReason::PreviousExecutionFailed => &["PreviousExecutionFailed", "RecentlyRemediated"],
        SkipReason::ExhaustedRetries => &[
            "ExhaustedRetries",
            "RecentlyRemediated",
            "PreviousExecutionFailed",
        ],
    }
}

/// Whether a False *complete* condition with `reason` agrees with the details' `failure` (rule
/// `failure-reason-mismatch`).
#[must_use]
pub fn failure_agrees(vocabulary: &Vocabulary, reason: &str, failure: FailureReason) -> bool {
    reason == failure.name()
        || Some(reason) == vocabulary.generic_failure()
        || (reason == FailureReason::TaskFailed.name() && failure == FailureReason::Unknown)
}

/// The reasons of `pipelineRunStatus` and `executionStatus` of a run that has not started.
pub const RUN_NOT_STARTED: &[&str] = &[
    "Started",
    "PipelineRunPending",
    "ResolvingPipelineRef",
    "ResolvingTaskRef",
];
