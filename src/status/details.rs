use crate::json::{Raw, fields};

/// `status.failureDetails`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureDetails<'a> {
    /// `reason`, of the failure enum.
    pub reason: Option<Raw<'a>>,
    /// `message`.
    pub message: Option<Raw<'a>>,
    /// `failedAt`.
    pub failed_at: Option<Raw<'a>>,
    /// `wasExecutionFailure`; a false one is left out on the wire.
    pub was_execution_failure: Option<Raw<'a>>,
}

fields!(FailureDetails<'a> {
    "reason" => reason,
    "message" => message,
    "failedAt" => failed_at,
    "wasExecutionFailure" => was_execution_failure,
});

/// `status.skipDetails`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkipDetails<'a> {
    /// `reason`, of the skip enum.
    pub reason: Option<Raw<'a>>,
    /// `message`.
    pub message: Option<Raw<'a>>,
    /// `skippedAt`.
    pub skipped_at: Option<Raw<'a>>,
}

fields!(SkipDetails<'a> {
    "reason" => reason,
    "message" => message,
    "skippedAt" => skipped_at,
});

/// `status.pipelineRunStatus` or `status.executionStatus`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunStatus<'a> {
    /// `reason` of the run's own condition.
    pub reason: Option<Raw<'a>>,
    /// `completedTasks`.
    pub completed_tasks: Option<Raw<'a>>,
    /// `totalTasks`.
    pub total_tasks: Option<Raw<'a>>,
}

fields!(RunStatus<'a> {
    "reason" => reason,
    "completedTasks" => completed_tasks,
    "totalTasks" => total_tasks,
});

/// `status.pipelineRunRef` or `status.executionRef`; set when its name is a non-empty string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRef<'a> {
    /// `name`.
    pub name: Option<Raw<'a>>,
}

fields!(RunRef<'a> { "name" => name });
