//! For each rule a status that breaks it and the same one fixed.

use crate::rules::Rule;

/// A status that breaks one rule, and the same one fixed. All three are YAML, of an object of the vocabulary `tekton`
/// whose `metadata.generation` is 1.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The rule.
    pub rule: Rule,
    /// The status that is stored, empty when the rule does not look at it.
    pub stored: &'static str,
    /// The status that breaks the rule.
    pub broken: &'static str,
    /// The same one fixed.
    pub fixed: &'static str,
}

/// One example for each rule, in the order of the rules.
pub static EXAMPLES: [Example; Rule::ALL.len()] = [
    Example {
        rule: Rule::ConditionShape,
        stored: "",
        broken: r#"
phase: Running
conditions:
- {type: TektonPipelineCreated, status: "True", reason: PipelineCreated, lastTransitionTime: "2025-12-11t10:15:00z"}
"#,
        fixed: r#"
phase: Running
conditions:
- {type: TektonPipelineCreated, status: "True", reason: PipelineCreated, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
    Example {
        rule: Rule::ConditionDuplicate,
        stored: "",
        broken: r#"
phase: Running
conditions:
- {type: TektonPipelineRunning, status: "False", reason: PipelineFailedToStart, lastTransitionTime: "2025-12-11T10:15:00Z"}
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:16:00Z"}
"#,
        fixed: r#"
phase: Running
conditions:
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:16:00Z"}
"#,
    },
    Example {
        rule: Rule::ConditionUnknownType,
        stored: "",
        broken: r#"
phase: Completed
conditions:
- {type: TektonPipelineCompleted, status: "True", reason: PipelineSucceeded, lastTransitionTime: "2025-12-11T10:17:00Z"}
"#,
        fixed: r#"
phase: Completed
conditions:
- {type: TektonPipelineComplete, status: "True", reason: PipelineSucceeded, lastTransitionTime: "2025-12-11T10:17:00Z"}
"#,
    },
    Example {
        rule: Rule::ReasonFormat,
        stored: "",
        broken: r#"
phase: Running
conditions:
- {type: AuditRecorded, status: "True", reason: audit_succeeded, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
        fixed: r#"
phase: Running
conditions:
- {type: AuditRecorded, status: "True", reason: AuditSucceeded, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
    Example {
        rule: Rule::ReasonNotAllowed,
        stored: "",
        broken: r#"
phase: Failed
conditions:
- {type: TektonPipelineCreated, status: "False", reason: RBACError, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
        fixed: r#"
phase: Failed
conditions:
- {type: TektonPipelineCreated, status: "False", reason: RBACDenied, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
    Example {
        rule: Rule::PhaseUnknown,
        stored: "",
        broken: "
phase: Executing
",
        fixed: "
phase: Running
",
    },
    Example {
        rule: Rule::PhaseTransition,
        stored: "
phase: Completed
",
        broken: "
phase: Running
",
        fixed: "
phase: Completed
",
    },
    Example {
        rule: Rule::PhaseConflict,
        stored: "",
        broken: r#"
phase: Failed
conditions:
- {type: TektonPipelineComplete, status: "True", reason: PipelineSucceeded, lastTransitionTime: "2025-12-11T10:17:00Z"}
"#,
        fixed: r#"
phase: Failed
conditions:
- {type: TektonPipelineComplete, status: "False", reason: PipelineFailed, lastTransitionTime: "2025-12-11T10:17:00Z"}
"#,
    },
    Example {
        rule: Rule::ConditionConflict,
        stored: "",
        broken: r#"
phase: Failed
conditions:
- {type: TektonPipelineCreated, status: "False", reason: QuotaExceeded, lastTransitionTime: "2025-12-11T10:15:00Z"}
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
        fixed: r#"
phase: Failed
conditions:
- {type: TektonPipelineCreated, status: "False", reason: QuotaExceeded, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
    Example {
        rule: Rule::FailureReasonMismatch,
        stored: "",
        broken: r#"
phase: Failed
failureDetails: {reason: OOMKilled}
conditions:
- {type: TektonPipelineComplete, status: "False", reason: DeadlineExceeded, lastTransitionTime: "2025-12-11T10:17:00Z"}
"#,
        fixed: r#"
phase: Failed
failureDetails: {reason: OOMKilled}
conditions:
- {type: TektonPipelineComplete, status: "False", reason: OOMKilled, lastTransitionTime: "2025-12-11T10:17:00Z"}
"#,
    },
    Example {
        rule: Rule::SkipReasonMismatch,
        stored: "",
        broken: r#"
phase: Skipped
skipDetails: {reason: ResourceBusy}
conditions:
- {type: ResourceLocked, status: "True", reason: RecentlyRemediated, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
        fixed: r#"
phase: Skipped
skipDetails: {reason: ResourceBusy}
conditions:
- {type: ResourceLocked, status: "True", reason: TargetResourceBusy, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
    Example {
        rule: Rule::FailureDetailsPhase,
        stored: "",
        broken: "
phase: Running
failureDetails: {reason: OOMKilled}
",
        fixed: "
phase: Failed
failureDetails: {reason: OOMKilled}
",
    },
    Example {
        rule: Rule::SkipDetailsPhase,
        stored: "",
        broken: "
phase: Skipped
",
        fixed: "
phase: Skipped
skipDetails: {reason: ResourceBusy}
",
    },
    Example {
        rule: Rule::GenerationAhead,
        stored: "",
        broken: r#"
phase: Running
conditions:
- {type: AuditRecorded, status: "True", reason: AuditSucceeded, lastTransitionTime: "2025-12-11T10:15:00Z", observedGeneration: 2}
"#,
        fixed: r#"
phase: Running
conditions:
- {type: AuditRecorded, status: "True", reason: AuditSucceeded, lastTransitionTime: "2025-12-11T10:15:00Z", observedGeneration: 1}
"#,
    },
    Example {
        rule: Rule::TransitionTime,
        stored: r#"
phase: Running
conditions:
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
        broken: r#"
phase: Running
conditions:
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:16:00Z"}
"#,
        fixed: r#"
phase: Running
conditions:
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
    Example {
        rule: Rule::ConditionMissing,
        stored: "",
        broken: r#"
phase: Running
conditions:
- {type: TektonPipelineCreated, status: "True", reason: PipelineCreated, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
        fixed: r#"
phase: Running
conditions:
- {type: TektonPipelineCreated, status: "True", reason: PipelineCreated, lastTransitionTime: "2025-12-11T10:15:00Z"}
- {type: TektonPipelineRunning, status: "True", reason: PipelineStarted, lastTransitionTime: "2025-12-11T10:15:00Z"}
"#,
    },
];
