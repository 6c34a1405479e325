//! What is written: one moment of a run's life each.

use serde_json::{Value, json};

/// What a status write is, or should be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Write {
    /// A progress pass of a running pipeline, with all conditions there.
    Nothing,
    /// A run that ends, by a controller that knows no conditions: three are to be added.
    Patch,
    /// A run that fails, with one reason that the vocabulary does not have.
    OneFinding,
    /// The same with five faults, each of another rule.
    FiveFindings,
    /// A resource that a wrong registration sends here.
    OtherResource,
}

impl Write {
    /// The first part of its bodies' names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Patch => "patch",
            Self::OneFinding => "deny-1",
            Self::FiveFindings => "deny-5",
            Self::OtherResource => "other",
        }
    }
}

/// The new and the stored status of a write.
pub struct Statuses {
    /// What is written.
    pub new: Value,
    /// What is stored; null before the first write.
    pub stored: Value,
}

const STARTED: &str = "2025-12-11T10:15:00Z";
const ENDED: &str = "2025-12-11T10:17:12Z";

/// The least that a status write can be: a phase that was not set before.
pub fn smallest() -> Statuses {
    Statuses {
        new: json!({"phase": "Pending"}),
        stored: Value::Null,
    }
}

/// The statuses of a write.
pub fn statuses(write: Write) -> Statuses {
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated", STARTED);
    let running = condition("TektonPipelineRunning", "True", "PipelineStarted", STARTED);
    let audit = condition("AuditRecorded", "True", "AuditSucceeded", STARTED);
    let kept = [created.clone(), running.clone(), audit];
    let failed = |reason: &str| condition("TektonPipelineComplete", "False", reason, ENDED);
    match write {
        Write::Nothing | Write::OtherResource => Statuses {
            new: with_conditions(progress(2), &kept),
            stored: with_conditions(progress(1), &kept),
        },
        Write::Patch => Statuses {
            new: completed(),
            stored: progress(2),
        },
        Write::OneFinding => Statuses {
            new: with_conditions(failure(), &[&kept[..], &[failed("TaskError")]].concat()),
            stored: with_conditions(progress(2), &kept),
        },
        Write::FiveFindings => Statuses {
            new: with_conditions(
                failure(),
                &[
                    // An unknown type; a malformed reason; one that is not in the list; a type twice; a lock in Failed.
                    condition("TektonPipelineCompleted", "False", "TaskError", ENDED),
                    condition("TektonPipelineCreated", "True", "pipeline_created", STARTED),
                    condition("TektonPipelineComplete", "False", "TaskError", ENDED),
                    running.clone(),
                    running,
                    condition("ResourceLocked", "True", "TargetResourceBusy", ENDED),
                ],
            ),
            stored: with_conditions(progress(2), &kept),
        },
    }
}

/// A run whose list holds `count` conditions of third parties, before and after.
pub fn many_conditions(count: usize) -> Statuses {
    let type_of = |index| format!("example.com/Check{index}");
    let conditions: Vec<Value> = (0..count)
        .map(|index| condition(&type_of(index), "True", "Passed", STARTED))
        .collect();
    Statuses {
        new: with_conditions(progress(2), &conditions),
        stored: with_conditions(progress(1), &conditions),
    }
}

/// The statuses that a controller writes in the life of a run: Pending, Running, so many progress passes, Completed.
#[must_use]
pub fn life(passes: u64, sets_conditions: bool) -> Vec<Value> {
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated", STARTED);
    let running = condition("TektonPipelineRunning", "True", "PipelineStarted", STARTED);
    let complete = condition("TektonPipelineComplete", "True", "PipelineSucceeded", ENDED);
    let with = |mut status: Value, conditions: &[&Value]| {
        if sets_conditions {
            status["conditions"] = conditions.iter().copied().cloned().collect();
        }
        status
    };
    let pass = |pass: u64| {
        let mut status = progress(2);
        status["pipelineRunStatus"]["completedTasks"] = pass.into();
        with(status, &[&created, &running])
    };
    let mut life = vec![json!({"phase": "Pending"})];
    life.extend((0..=passes).map(pass));
    life.push(with(completed(), &[&created, &running, &complete]));
    life
}

fn condition(condition_type: &str, status: &str, reason: &str, time: &str) -> Value {
    json!({
        "lastTransitionTime": time,
        "message": "as seen on PipelineRun wfe-checkout-1",
        "reason": reason,
        "status": status,
        "type": condition_type,
    })
}

fn with_conditions(mut status: Value, conditions: &[Value]) -> Value {
    status["conditions"] = conditions.into();
    status
}

fn progress(tasks: u64) -> Value {
    json!({
        "phase": "Running",
        "pipelineRunRef": {"name": "wfe-checkout-1"},
        "pipelineRunStatus": {
            "completedTasks": tasks,
            "message": format!("Tasks Completed: {tasks} (Failed: 0, Cancelled 0), Incomplete: {}", 4 - tasks),
            "reason": "Running",
            "status": "Unknown",
            "totalTasks": 4,
        },
        "startTime": STARTED,
    })
}

fn completed() -> Value {
    json!({
        "completionTime": ENDED,
        "duration": "2m12s",
        "phase": "Completed",
        "pipelineRunRef": {"name": "wfe-checkout-1"},
        "pipelineRunStatus": {
            "completedTasks": 4,
            "message": "Tasks Completed: 4 (Failed: 0, Cancelled 0), Skipped: 0",
            "reason": "Succeeded",
            "status": "True",
            "totalTasks": 4,
        },
        "startTime": STARTED,
    })
}

fn failure() -> Value {
    json!({
        "completionTime": ENDED,
        "duration": "2m12s",
        "failureDetails": {
            "exitCode": 137,
            "executionTimeBeforeFailure": "2m12s",
            "failedAt": ENDED,
            "failedStepName": "apply",
            "failedTaskIndex": 2,
            "failedTaskName": "apply",
            "message": "task apply of run <wfe-checkout-1> failed & was not retried",
            "naturalLanguageSummary": "The workflow failed in task apply after 2m12s: its container ran out of memory.",
            "reason": "OOMKilled",
            "wasExecutionFailure": true,
        },
        "phase": "Failed",
        "pipelineRunRef": {"name": "wfe-checkout-1"},
        "startTime": STARTED,
    })
}
