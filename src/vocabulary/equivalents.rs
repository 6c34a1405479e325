//! Names that mean the same: suggestions are made from them.

use super::{Phase, Role};

/// Reasons that mean the same in several vocabularies, a row for each meaning. Reasons that vocabularies share need none.
pub const EQUIVALENT_REASONS: &[&[&str]] = &[
    &["PipelineCreated", "ExecutionCreated"],
    &["PipelineCreationFailed", "ExecutionCreationFailed"],
    &["PipelineStarted", "ExecutionStarted"],
    &["PipelineFailedToStart", "ExecutionFailedToStart"],
    &["PipelineSucceeded", "ExecutionSucceeded"],
    &["PipelineFailed", "ExecutionFailed"],
];

/// The reasons that mean the same as `reason`, itself included; none where it has no row.
#[must_use]
pub fn equivalent_reasons(reason: &str) -> &'static [&'static str] {
    EQUIVALENT_REASONS
        .iter()
        .find(|row| row.contains(&reason))
        .copied()
        .unwrap_or_default()
}

/// Condition types that kubernaut's documents used and no vocabulary has.
pub const FORMER_TYPES: &[(&str, Role)] = &[
    ("PipelineRunCreated", Role::Created),
    ("Running", Role::Running),
    ("PipelineRunning", Role::Running),
    ("Completed", Role::Complete),
    ("PipelineComplete", Role::Complete),
    ("ResourceLockAcquired", Role::Lock),
];

/// Reasons that kubernaut's documents used, and what means the same today.
pub const FORMER_REASONS: &[(&str, &str)] = &[
    ("RBACError", "RBACDenied"),
    ("PermissionDenied", "RBACDenied"),
    ("ParallelExecution", "TargetResourceBusy"),
    ("CooldownActive", "RecentlyRemediated"),
];

/// What other APIs call a phase.
pub const PHASE_SYNONYMS: &[(&str, Phase)] = &[
    ("Succeeded", Phase::Completed),
    ("Complete", Phase::Completed),
    ("Done", Phase::Completed),
    ("Error", Phase::Failed),
    ("InProgress", Phase::Running),
    ("Executing", Phase::Running),
];
