//! Which reason of a condition speaks of which reason of the details, and the former names that suggestions know.

use super::{FailureReason, Role, SkipReason, Vocabulary};

impl Vocabulary {
    /// The reason that completion gives a False *complete* condition (spec section 5).
    #[must_use]
    pub fn complete_false_reason(&self, failure: Option<FailureReason>) -> Option<&'static str> {
        use FailureReason as F;
        match failure {
            Some(own @ (F::TaskFailed | F::DeadlineExceeded | F::OOMKilled)) => Some(own.name()),
            _ => self.generic_failure(),
        }
    }

    /// The reason of a False *complete* condition that names no cause.
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

/// The reason of a False *created* condition that says the same as `failure`, where one does.
#[must_use]
pub fn creation_failure(failure: FailureReason) -> Option<&'static str> {
    match failure {
        FailureReason::ResourceExhausted => Some("QuotaExceeded"),
        FailureReason::Forbidden => Some("RBACDenied"),
        FailureReason::ImagePullBackOff => Some("ImagePullFailed"),
        _ => None,
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

/// The reasons of `pipelineRunStatus` and `executionStatus` that say that the run waits for its start.
pub const RUN_NOT_STARTED: &[&str] = &[
    "Started",
    "PipelineRunPending",
    "ResolvingPipelineRef",
    "ResolvingTaskRef",
];

/// Condition types that kubernaut's documents used and no vocabulary has.
pub const FORMER_TYPES: &[(&str, Role)] = &[
    ("PipelineRunCreated", Role::Created),
    ("Running", Role::Running),
    ("PipelineRunning", Role::Running),
    ("Completed", Role::Complete),
    ("PipelineComplete", Role::Complete),
    ("ResourceLockAcquired", Role::Lock),
];

/// Reasons that kubernaut's documents used, and what says the same today.
pub const FORMER_REASONS: &[(&str, &str)] = &[
    ("RBACError", "RBACDenied"),
    ("PermissionDenied", "RBACDenied"),
    ("ParallelExecution", "TargetResourceBusy"),
    ("CooldownActive", "RecentlyRemediated"),
];
