//! The vocabulary that kubernaut uses since February 2026: any engine, a Ready summary, no lock.

use super::FailureReason as F;
use super::{Phase, Role, Term, Vocabulary, complete_false};

const FAILURE_REASONS: &[F] = &[
    F::OOMKilled,
    F::DeadlineExceeded,
    F::Forbidden,
    F::ResourceExhausted,
    F::ConfigurationError,
    F::ImagePullBackOff,
    F::TaskFailed,
    F::Unknown,
    F::UnsupportedEngine,
    F::Deduplicated,
];

/// The generic reason, then the failure enum.
static COMPLETE_FALSE: [&str; FAILURE_REASONS.len() + 1] =
    complete_false("ExecutionFailed", FAILURE_REASONS);

/// `execution`, spec section 2.
pub static EXECUTION: Vocabulary = Vocabulary {
    name: "execution",
    terms: &[
        Term {
            role: Role::Created,
            condition_type: "ExecutionCreated",
            reasons_true: &["ExecutionCreated"],
            reasons_false: &[
                "ExecutionCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        },
        Term {
            role: Role::Running,
            condition_type: "ExecutionRunning",
            reasons_true: &["ExecutionStarted"],
            reasons_false: &["ExecutionFailedToStart"],
        },
        Term {
            role: Role::Complete,
            condition_type: "ExecutionComplete",
            reasons_true: &["ExecutionSucceeded"],
            reasons_false: &COMPLETE_FALSE,
        },
        Term {
            role: Role::Audit,
            condition_type: "AuditRecorded",
            reasons_true: &["AuditSucceeded"],
            reasons_false: &["AuditFailed"],
        },
        Term {
            role: Role::Ready,
            condition_type: "Ready",
            reasons_true: &["Ready"],
            reasons_false: &["NotReady"],
        },
        Term {
            role: Role::Token,
            condition_type: "TokenTTLInsufficient",
            reasons_true: &["TokenTTLShortened"],
            reasons_false: &["TokenTTLSufficient"],
        },
    ],
    failure_reasons: FAILURE_REASONS,
    phases: &[
        Phase::Pending,
        Phase::Running,
        Phase::Completed,
        Phase::Failed,
    ],
};
