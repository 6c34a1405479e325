//! `--mode`: a rollout that watches before it blocks.

use serde_json::{Value, json};

use crate::control_plane::{run, stderr};
use crate::object::Group;
use crate::scene::Scene;

fn broken() -> Value {
    json!({"phase": "Running", "startTime": "2026-11-20T10:00:00Z", "conditions": [{
        "type": "PipelineRunCreated",
        "status": "True",
        "reason": "PipelineRunCreated",
        "message": "",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
    }]})
}

/// What kubectl says on stderr about a broken write, which is stored, and the types that are stored.
async fn write_broken(scene: &Scene) -> (String, Vec<String>) {
    let object = scene.create(Group::Tekton, "broken").await;
    let patch = json!({"status": broken()}).to_string();
    let output = run(&mut object.kubectl_patch("merge", &patch));
    assert!(output.status.success(), "{}", stderr(&output));
    let conditions = object.conditions().await;
    let types = conditions.as_array().unwrap().iter();
    (
        stderr(&output),
        types
            .map(|item| item["type"].as_str().unwrap().to_owned())
            .collect(),
    )
}

#[tokio::test]
async fn warn_stores_completes_and_warns() {
    let scene = Scene::with("mode-warn", &["--mode", "warn"]).await;
    let (said, types) = write_broken(&scene).await;
    assert_eq!(
        types,
        [
            "PipelineRunCreated",
            "TektonPipelineCreated",
            "TektonPipelineRunning"
        ]
    );
    assert!(
        said.starts_with("Warning: status.conditions[0].type: "),
        "{said}"
    );
    assert!(
        said.ends_with("[condition-unknown-type]\n") && said.lines().count() == 1,
        "{said}"
    );
}

#[tokio::test]
async fn audit_stores_as_sent_and_writes_only_the_audit_log() {
    let scene = Scene::with("mode-audit", &["--mode", "audit"]).await;
    let (said, types) = write_broken(&scene).await;
    assert_eq!(
        (said.as_str(), types),
        ("", vec!["PipelineRunCreated".to_owned()])
    );
    let annotations: Vec<(String, Value)> = scene
        .plane
        .audit_events()
        .iter()
        .filter(|event| event["objectRef"]["namespace"] == "mode-audit" && event["verb"] == "patch")
        .filter_map(|event| event["annotations"].as_object().cloned())
        .flatten()
        .collect();
    for (key, said) in [
        ("/findings", "condition-unknown-type"),
        ("/derived", "TektonPipelineRunning=True/PipelineStarted"),
    ] {
        assert!(
            annotations
                .iter()
                .any(|(name, value)| name.ends_with(key) && value.as_str().unwrap().contains(said)),
            "no {key} with {said} in {annotations:#?}"
        );
    }
}
