//! The vocabulary of the request of December 2025: pipelines of Tekton, with a lock and the phase Skipped.

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
];

/// The generic reason, then the failure enum.
static COMPLETE_FALSE: [&str; FAILURE_REASONS.len() + 1] =
    complete_false("PipelineFailed", FAILURE_REASONS);

/// `tekton`, spec section 2.
pub static TEKTON: Vocabulary = Vocabulary {
    name: "tekton",
    terms: &[
        Term {
            role: Role::Created,
            condition_type: "TektonPipelineCreated",
            reasons_true: &["PipelineCreated"],
            reasons_false: &[
                "PipelineCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        },
        Term {
            role: Role::Running,
            condition_type: "TektonPipelineRunning",
            reasons_true: &["PipelineStarted"],
            reasons_false: &["PipelineFailedToStart"],
        },
        Term {
            role: Role::Complete,
            condition_type: "TektonPipelineComplete",
            reasons_true: &["PipelineSucceeded"],
            reasons_false: &COMPLETE_FALSE,
        },
        Term {
            role: Role::Audit,
            condition_type: "AuditRecorded",
            reasons_true: &["AuditSucceeded"],
            reasons_false: &["AuditFailed"],
        },
        Term {
            role: Role::Lock,
            condition_type: "ResourceLocked",
            reasons_true: &[
                "TargetResourceBusy",
                "RecentlyRemediated",
                "PreviousExecutionFailed",
                "ExhaustedRetries",
            ],
            reasons_false: &["ResourceAvailable"],
        },
    ],
    failure_reasons: FAILURE_REASONS,
    phases: &[
        Phase::Pending,
        Phase::Running,
        Phase::Completed,
        Phase::Failed,
        Phase::Skipped,
    ],
};
