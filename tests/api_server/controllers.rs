//! Controllers that write conditions themselves, as the real ones do: nothing of theirs is refused, changed or moved.

use serde_json::{Value, json};

use crate::object::{Group, Object};
use crate::scene::Scene;

const START: &str = "2026-11-20T10:00:00Z";
const END: &str = "2026-11-20T10:01:12Z";

/// A controller's condition: type, status, reason.
type Written = (&'static str, &'static str, &'static str);

/// One status write of a controller.
struct Step {
    /// Fields of the status that it sets.
    fields: Value,
    /// Conditions that it sets; each takes its time from the step.
    conditions: &'static [Written],
    time: &'static str,
    /// Every stored condition afterwards: type, status, and whether it is derived.
    stored: &'static [(&'static str, &'static str, bool)],
}

/// Sets a condition as the Go helper does: a known type keeps its place, its time moves only with its status.
fn upsert(conditions: &mut Vec<Value>, (condition, status, reason): Written, time: &str) {
    let mut new = json!({
        "type": condition,
        "status": status,
        "reason": reason,
        "message": format!("{reason} by the controller"),
        "lastTransitionTime": time,
    });
    match conditions
        .iter_mut()
        .find(|known| known["type"] == condition)
    {
        Some(known) => {
            if known["status"] == status {
                new["lastTransitionTime"] = known["lastTransitionTime"].clone();
            }
            *known = new;
        }
        None => conditions.push(new),
    }
}

/// Reads, changes and writes the whole status, step by step.
async fn live(object: &Object, steps: Vec<Step>) {
    for (number, step) in steps.into_iter().enumerate() {
        let mut status = object.stored().await["status"].clone();
        if status.is_null() {
            status = json!({});
        }
        for (field, value) in step.fields.as_object().unwrap() {
            status[field] = value.clone();
        }
        let mut conditions = status["conditions"].as_array().cloned().unwrap_or_default();
        for &written in step.conditions {
            upsert(&mut conditions, written, step.time);
        }
        status["conditions"] = json!(conditions);
        object.put(status).await.unwrap();

        let stored = object.conditions().await;
        let stored = stored.as_array().unwrap();
        assert_eq!(
            stored[..conditions.len()],
            conditions,
            "step {number}: what was written is stored as it is"
        );
        let seen: Vec<(&str, &str, bool)> = stored
            .iter()
            .map(|item| {
                let text = |field: &str| item[field].as_str().unwrap();
                (
                    text("type"),
                    text("status"),
                    text("message").ends_with(" (derived by wfe-webhook)"),
                )
            })
            .collect();
        assert_eq!(seen, step.stored, "step {number}");
    }
}

#[tokio::test]
async fn a_tekton_controller_with_conditions_of_its_own() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "own-tekton").await;
    let steps = vec![
        Step {
            fields: json!({"phase": "Running", "startTime": START, "pipelineRunRef": {"name": "run-1"}}),
            conditions: &[
                ("TektonPipelineCreated", "True", "PipelineCreated"),
                ("AuditRecorded", "False", "AuditFailed"),
            ],
            time: START,
            stored: &[
                ("TektonPipelineCreated", "True", false),
                ("AuditRecorded", "False", false),
                ("TektonPipelineRunning", "True", true),
            ],
        },
        // It takes over what was derived.
        Step {
            fields: json!({"pipelineRunStatus": {"status": "Unknown", "reason": "Running"}}),
            conditions: &[("TektonPipelineRunning", "True", "PipelineStarted")],
            time: START,
            stored: &[
                ("TektonPipelineCreated", "True", false),
                ("AuditRecorded", "False", false),
                ("TektonPipelineRunning", "True", false),
            ],
        },
        Step {
            fields: json!({
                "phase": "Failed",
                "completionTime": END,
                "failureDetails": {
                    "failedTaskIndex": 0,
                    "failedTaskName": "",
                    "reason": "Unknown",
                    "message": "task restart failed",
                    "failedAt": END,
                    "executionTimeBeforeFailure": "1m12s",
                    "naturalLanguageSummary": "",
                },
            }),
            // The newer word for a failed task, which this CRD's enum does not have.
            conditions: &[
                ("TektonPipelineComplete", "False", "TaskFailed"),
                ("AuditRecorded", "True", "AuditSucceeded"),
            ],
            time: END,
            stored: &[
                ("TektonPipelineCreated", "True", false),
                ("AuditRecorded", "True", false),
                ("TektonPipelineRunning", "True", false),
                ("TektonPipelineComplete", "False", false),
            ],
        },
    ];
    live(&object, steps).await;
}

/// The newer controller ends in two writes: first everything but the audit, then that alone.
#[tokio::test]
async fn an_execution_controller_with_conditions_of_its_own() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Kubernaut, "own-execution").await;
    let steps = vec![
        // Credentials come before any phase.
        Step {
            fields: json!({"ephemeralCredentialIDs": [7]}),
            conditions: &[],
            time: START,
            stored: &[],
        },
        Step {
            fields: json!({
                "phase": "Running",
                "startTime": START,
                "executionRef": {"name": "job-1"},
                "observedGeneration": 1,
            }),
            conditions: &[
                ("ExecutionCreated", "True", "ExecutionCreated"),
                ("TokenTTLInsufficient", "True", "TokenTTLShortened"),
                ("AuditRecorded", "True", "AuditSucceeded"),
            ],
            time: START,
            stored: &[
                ("ExecutionCreated", "True", false),
                ("TokenTTLInsufficient", "True", false),
                ("AuditRecorded", "True", false),
                ("ExecutionRunning", "True", true),
            ],
        },
        Step {
            fields: json!({"phase": "Completed", "completionTime": END, "duration": "1m12s"}),
            conditions: &[
                ("ExecutionComplete", "True", "ExecutionSucceeded"),
                ("Ready", "True", "Ready"),
            ],
            time: END,
            stored: &[
                ("ExecutionCreated", "True", false),
                ("TokenTTLInsufficient", "True", false),
                ("AuditRecorded", "True", false),
                ("ExecutionRunning", "True", true),
                ("ExecutionComplete", "True", false),
                ("Ready", "True", false),
            ],
        },
        Step {
            fields: json!({}),
            conditions: &[("AuditRecorded", "False", "AuditFailed")],
            time: END,
            stored: &[
                ("ExecutionCreated", "True", false),
                ("TokenTTLInsufficient", "True", false),
                ("AuditRecorded", "False", false),
                ("ExecutionRunning", "True", true),
                ("ExecutionComplete", "True", false),
                ("Ready", "True", false),
            ],
        },
    ];
    live(&object, steps).await;
}

/// A run that could not be created has no end of its own: created False says it all.
#[tokio::test]
async fn a_controller_whose_run_could_not_be_created() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Kubernaut, "own-not-created").await;
    let steps = vec![Step {
        fields: json!({
            "phase": "Failed",
            "completionTime": END,
            "failureDetails": {
                "failedTaskIndex": 0,
                "failedTaskName": "",
                "reason": "Deduplicated",
                "message": "another execution does the same",
                "failedAt": END,
                "naturalLanguageSummary": "",
            },
            "deduplicatedBy": "job-0",
            "observedGeneration": 1,
        }),
        conditions: &[
            ("ExecutionCreated", "False", "ExecutionCreationFailed"),
            ("Ready", "False", "NotReady"),
        ],
        time: END,
        stored: &[
            ("ExecutionCreated", "False", false),
            ("Ready", "False", false),
        ],
    }];
    live(&object, steps).await;
}
