//! Whole lives of controllers that never write a condition: what is stored in the end.

use serde_json::{Value, json};

use crate::object::Group;
use crate::scene::Scene;

const START: &str = "2026-11-20T10:00:00Z";
const END: &str = "2026-11-20T10:01:12Z";

/// A derived condition, exactly as it is stored.
fn derived(condition: &str, status: &str, reason: &str, message: &str, time: &str) -> Value {
    json!({
        "type": condition,
        "status": status,
        "reason": reason,
        "message": format!("{message} (derived by wfe-webhook)"),
        "lastTransitionTime": time,
    })
}

#[tokio::test]
async fn a_tekton_run_from_pending_to_completed() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "tekton-completed").await;
    object.put(json!({"phase": "Pending"})).await.unwrap();
    assert_eq!(
        object.conditions().await,
        Value::Null,
        "nothing is implied by Pending"
    );

    let mut status = json!({
        "phase": "Running",
        "startTime": START,
        "pipelineRunRef": {"name": "run-1"},
    });
    object.put(status.clone()).await.unwrap();
    let created = derived(
        "TektonPipelineCreated",
        "True",
        "PipelineCreated",
        "PipelineRun run-1 was created",
        START,
    );
    let running = derived(
        "TektonPipelineRunning",
        "True",
        "PipelineStarted",
        "PipelineRun run-1 started",
        START,
    );
    assert_eq!(object.conditions().await, json!([created, running]));

    // Progress, the conditions sent back as they were read: only the message of *running* follows.
    status["pipelineRunStatus"] =
        json!({"status": "Unknown", "reason": "Running", "completedTasks": 1, "totalTasks": 3});
    status["conditions"] = object.conditions().await;
    object.put(status.clone()).await.unwrap();
    let progressed = derived(
        "TektonPipelineRunning",
        "True",
        "PipelineStarted",
        "1 of 3 tasks completed",
        START,
    );
    assert_eq!(object.conditions().await, json!([created, progressed]));

    // The end, by a writer that does not know conditions and so drops them: they come back with their times.
    object
        .put(json!({
            "phase": "Completed",
            "startTime": START,
            "completionTime": END,
            "duration": "1m12s",
            "pipelineRunRef": {"name": "run-1"},
            "pipelineRunStatus":
                {"status": "True", "reason": "Succeeded", "completedTasks": 3, "totalTasks": 3},
        }))
        .await
        .unwrap();
    let complete = derived(
        "TektonPipelineComplete",
        "True",
        "PipelineSucceeded",
        "all 3 tasks completed in 1m12s",
        END,
    );
    assert_eq!(
        object.conditions().await,
        json!([created, running, complete])
    );
}

#[tokio::test]
async fn a_tekton_run_that_fails_before_its_start() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "tekton-not-started").await;
    object
        .put(json!({
            "phase": "Failed",
            "completionTime": END,
            "failureDetails": {
                "failedTaskIndex": 0,
                "failedTaskName": "",
                "reason": "ImagePullBackOff",
                "message": "cannot pull the bundle",
                "failedAt": END,
                "executionTimeBeforeFailure": "",
                "naturalLanguageSummary": "The workflow could not be created.",
            },
        }))
        .await
        .unwrap();
    assert_eq!(
        object.conditions().await,
        json!([derived(
            "TektonPipelineCreated",
            "False",
            "ImagePullFailed",
            "cannot pull the bundle",
            END
        )])
    );
}

#[tokio::test]
async fn a_tekton_run_that_fails_after_its_start() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "tekton-failed").await;
    let mut status = json!({
        "phase": "Running",
        "startTime": START,
        "pipelineRunRef": {"name": "run-1"},
    });
    object.put(status.clone()).await.unwrap();
    status["phase"] = json!("Failed");
    status["completionTime"] = json!(END);
    status["failureDetails"] = json!({
        "failedTaskIndex": 1,
        "failedTaskName": "restart",
        "reason": "OOMKilled",
        "message": "container was killed",
        "failedAt": END,
        "executionTimeBeforeFailure": "1m12s",
        "naturalLanguageSummary": "The task restart ran out of memory.",
        "wasExecutionFailure": true,
    });
    object.put(status).await.unwrap();
    assert_eq!(
        object.conditions().await,
        json!([
            derived(
                "TektonPipelineCreated",
                "True",
                "PipelineCreated",
                "PipelineRun run-1 was created",
                START
            ),
            derived(
                "TektonPipelineRunning",
                "True",
                "PipelineStarted",
                "PipelineRun run-1 started",
                START
            ),
            derived(
                "TektonPipelineComplete",
                "False",
                "OOMKilled",
                "container was killed",
                END
            ),
        ])
    );
}

#[tokio::test]
async fn a_tekton_run_that_is_skipped() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "tekton-skipped").await;
    object
        .put(json!({
            "phase": "Skipped",
            "completionTime": END,
            "skipDetails": {
                "reason": "ResourceBusy",
                "message": "another workflow runs on shop/Deployment/cart",
                "skippedAt": START,
                "conflictingWorkflow": {
                    "name": "wf-0",
                    "workflowId": "",
                    "startedAt": START,
                    "targetResource": "shop/Deployment/cart",
                },
            },
        }))
        .await
        .unwrap();
    assert_eq!(
        object.conditions().await,
        json!([derived(
            "ResourceLocked",
            "True",
            "TargetResourceBusy",
            "another workflow runs on shop/Deployment/cart",
            START
        )])
    );
}

#[tokio::test]
async fn an_execution_from_pending_to_completed() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Kubernaut, "execution-completed").await;
    object
        .put(json!({"phase": "Pending", "observedGeneration": 1}))
        .await
        .unwrap();
    assert_eq!(object.conditions().await, Value::Null);
    let mut status = json!({
        "phase": "Running",
        "startTime": START,
        "executionRef": {"name": "job-1"},
        "observedGeneration": 1,
    });
    object.put(status.clone()).await.unwrap();
    status["phase"] = json!("Completed");
    status["completionTime"] = json!(END);
    status["duration"] = json!("1m12s");
    object.put(status).await.unwrap();

    let derived = |condition, reason, message, time| {
        let mut condition = derived(condition, "True", reason, message, time);
        condition["observedGeneration"] = json!(1);
        condition
    };
    assert_eq!(
        object.conditions().await,
        json!([
            derived(
                "ExecutionCreated",
                "ExecutionCreated",
                "execution job-1 was created",
                START
            ),
            derived(
                "ExecutionRunning",
                "ExecutionStarted",
                "execution job-1 started",
                START
            ),
            derived(
                "ExecutionComplete",
                "ExecutionSucceeded",
                "completed in 1m12s",
                END
            ),
            derived("Ready", "Ready", "completed in 1m12s", END),
        ])
    );
}

/// The orchestrator ends a run with nothing but a phase and a sentence.
#[tokio::test]
async fn an_execution_that_another_controller_fails() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Kubernaut, "execution-cascade").await;
    object
        .put(json!({"phase": "Running", "startTime": START, "executionRef": {"name": "job-1"}}))
        .await
        .unwrap();
    let mut status = object.stored().await["status"].clone();
    status["phase"] = json!("Failed");
    status["completionTime"] = json!(END);
    status["failureReason"] = json!("the remediation request was cancelled");
    object.put(status).await.unwrap();
    let message = "the remediation request was cancelled";
    assert_eq!(
        object.conditions().await,
        json!([
            derived(
                "ExecutionCreated",
                "True",
                "ExecutionCreated",
                "execution job-1 was created",
                START
            ),
            derived(
                "ExecutionRunning",
                "True",
                "ExecutionStarted",
                "execution job-1 started",
                START
            ),
            derived(
                "ExecutionComplete",
                "False",
                "ExecutionFailed",
                message,
                END
            ),
            derived("Ready", "False", "NotReady", message, END),
        ])
    );
}
