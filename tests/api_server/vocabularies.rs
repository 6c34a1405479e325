//! An old and a new kubernaut in one cluster, under `--vocabulary auto`.

use serde_json::{Value, json};

use crate::object::Group;
use crate::scene::Scene;

const TIME: &str = "2026-11-20T10:00:00Z";

fn types(conditions: &Value) -> Vec<&str> {
    conditions
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect()
}

/// Three generations of controllers write, turn by turn, each in its own words.
#[tokio::test]
async fn each_kubernaut_gets_its_own_vocabulary_in_one_cluster() {
    let scene = Scene::shared().await;
    let tekton_group = scene.create(Group::Tekton, "auto").await;
    let tekton = scene.create(Group::Kubernaut, "auto-tekton").await;
    let execution = scene.create(Group::Kubernaut, "auto-execution").await;

    let tekton_running =
        json!({"phase": "Running", "startTime": TIME, "pipelineRunRef": {"name": "run-1"}});
    let execution_running = json!({
        "phase": "Running",
        "startTime": TIME,
        "executionRef": {"name": "job-1"},
        "observedGeneration": 1,
    });
    let end = |mut status: Value| {
        status["phase"] = json!("Completed");
        status["completionTime"] = json!(TIME);
        status
    };

    tekton_group.put(tekton_running.clone()).await.unwrap();
    execution.put(execution_running.clone()).await.unwrap();
    execution.put(end(execution_running)).await.unwrap();
    tekton_group.put(end(tekton_running)).await.unwrap();

    let of_tekton = [
        "TektonPipelineCreated",
        "TektonPipelineRunning",
        "TektonPipelineComplete",
    ];
    let of_execution = [
        "ExecutionCreated",
        "ExecutionRunning",
        "ExecutionComplete",
        "Ready",
    ];
    assert_eq!(types(&tekton_group.conditions().await), of_tekton);
    let conditions = execution.conditions().await;
    assert_eq!(types(&conditions), of_execution);
    for condition in conditions.as_array().unwrap() {
        assert_eq!(condition["observedGeneration"], 1, "{condition:#}");
    }

    // In the newer group a type of the older vocabulary decides for it, until a field of the newer controller appears.
    let created = |condition: &str, reason: &str| {
        json!({
            "type": condition,
            "status": "True",
            "reason": reason,
            "message": "",
            "lastTransitionTime": TIME,
        })
    };
    let mid_run = json!({
        "phase": "Running",
        "startTime": TIME,
        "conditions": [created("TektonPipelineCreated", "PipelineCreated")],
    });
    tekton.put(mid_run).await.unwrap();
    assert_eq!(
        types(&tekton.conditions().await),
        ["TektonPipelineCreated", "TektonPipelineRunning"]
    );
    let mut upgraded = tekton.stored().await["status"].clone();
    upgraded["executionRef"] = json!({"name": "run-1"});
    tekton.put(upgraded).await.unwrap();
    assert_eq!(
        types(&tekton.conditions().await),
        [
            "TektonPipelineCreated",
            "TektonPipelineRunning",
            "ExecutionCreated",
            "ExecutionRunning"
        ]
    );
}

#[tokio::test]
async fn an_object_without_a_sign_of_its_vocabulary_is_judged_and_not_completed() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Kubernaut, "auto-silent").await;
    object
        .put(json!({"phase": "Running", "startTime": TIME}))
        .await
        .unwrap();
    assert_eq!(object.conditions().await, Value::Null);
    let refused = object.put(json!({"phase": "Pending"})).await.unwrap_err();
    assert!(
        refused.message.contains("[phase-transition]"),
        "{}",
        refused.message
    );
}

#[tokio::test]
async fn names_of_both_vocabularies_are_distinguished_when_one_is_pinned() {
    let scene = Scene::with("pinned", &["--vocabulary", "tekton"]).await;
    let object = scene.create(Group::Kubernaut, "pinned").await;
    let refused = object
        .put(json!({
            "phase": "Running",
            "conditions": [{
                "type": "ExecutionRunning",
                "status": "True",
                "reason": "ExecutionStarted",
                "message": "",
                "lastTransitionTime": TIME,
            }],
        }))
        .await
        .unwrap_err();
    assert!(
        refused.message.contains("TektonPipelineRunning"),
        "its counterpart: {}",
        refused.message
    );
    assert!(
        refused.message.contains("[condition-unknown-type]"),
        "{}",
        refused.message
    );
}
