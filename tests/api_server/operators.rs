//! What an operator sees of derived conditions.

use serde_json::json;

use crate::control_plane::guarded::Guarded;
use crate::control_plane::{run, stderr};
use crate::object::Group;
use crate::scene::{Scene, fail, succeed};

const START: &str = "2026-11-20T10:00:00Z";
const END: &str = "2026-11-20T10:01:12Z";

#[tokio::test]
async fn kubectl_describe_shows_what_was_derived() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "described").await;
    object
        .put(json!({"phase": "Running", "startTime": START}))
        .await
        .unwrap();
    let described = succeed(scene.kubectl().args(["describe", &object.kubectl_name()]));
    let expected = "\
  Conditions:
    Last Transition Time:  2026-11-20T10:00:00Z
    Message:               phase is Running (derived by wfe-webhook)
    Reason:                PipelineCreated
    Status:                True
    Type:                  TektonPipelineCreated
    Last Transition Time:  2026-11-20T10:00:00Z
    Message:               phase is Running (derived by wfe-webhook)
    Reason:                PipelineStarted
    Status:                True
    Type:                  TektonPipelineRunning
";
    assert!(described.contains(expected), "{described}");
}

#[tokio::test]
async fn kubectl_wait_is_released_by_a_derived_condition() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "awaited").await;
    object
        .put(json!({"phase": "Running", "startTime": START}))
        .await
        .unwrap();
    let wait = |timeout: &str| {
        let mut command = scene.kubectl();
        command
            .args([
                "wait",
                "--for=condition=TektonPipelineComplete",
                &object.kubectl_name(),
            ])
            .arg(format!("--timeout={timeout}"));
        command
    };
    assert!(fail(&mut wait("1s")).contains("timed out"));

    let waiting = Guarded::spawn("kubectl-wait", &wait("90s"), tempfile::tempdir().unwrap());
    object
        .put(json!({"phase": "Completed", "startTime": START, "completionTime": END}))
        .await
        .unwrap();
    assert_eq!(waiting.wait(), 0, "{}", waiting.log());
    assert!(waiting.log().contains("condition met"), "{}", waiting.log());
}

/// kubectl ignores a condition of an older generation, so what is derived has to carry the status' own.
#[tokio::test]
async fn kubectl_wait_and_the_wide_table_know_the_newer_kubernaut() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Kubernaut, "wide").await;
    object
        .put(json!({
            "phase": "Completed",
            "startTime": START,
            "completionTime": END,
            "executionRef": {"name": "job-1"},
            "observedGeneration": 1,
        }))
        .await
        .unwrap();
    for condition in ["ExecutionComplete", "Ready"] {
        succeed(
            scene
                .kubectl()
                .args(["wait", &object.kubectl_name(), "--timeout=30s"])
                .arg(format!("--for=condition={condition}")),
        );
    }
    let table = succeed(
        scene
            .kubectl()
            .args(["get", &object.kubectl_name(), "-o", "wide"]),
    );
    let columns: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let reason = columns[0]
        .iter()
        .position(|&name| name == "REASON")
        .expect("a column");
    // The columns Workflow and Duration are empty, so the row is two words shorter.
    assert_eq!(columns[1][reason - 2], "Ready", "{table}");
}

#[tokio::test]
async fn kubectl_prints_a_warning_for_a_time_that_moved_without_its_status() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "warned").await;
    let created = |time: &str| {
        json!({"status": {"phase": "Running", "startTime": START, "conditions": [{
            "type": "TektonPipelineCreated",
            "status": "True",
            "reason": "PipelineCreated",
            "message": "",
            "lastTransitionTime": time,
        }]}})
        .to_string()
    };
    let first = run(&mut object.kubectl_patch("merge", &created(START)));
    assert!(
        first.status.success() && stderr(&first).is_empty(),
        "{}",
        stderr(&first)
    );
    let second = run(&mut object.kubectl_patch("merge", &created(END)));
    assert!(
        second.status.success(),
        "a warning stores the write: {}",
        stderr(&second)
    );
    let warning = stderr(&second);
    assert!(
        warning.starts_with("Warning: status.conditions[0].lastTransitionTime: "),
        "{warning}"
    );
    assert!(
        warning.ends_with("[transition-time]\n") && warning.lines().count() == 1,
        "{warning}"
    );
    assert_eq!(object.conditions().await[0]["lastTransitionTime"], END);
}

#[tokio::test]
async fn the_audit_log_has_what_was_derived_and_what_was_found() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "audited").await;
    object
        .put(json!({"phase": "Running", "startTime": START}))
        .await
        .unwrap();
    object.put(json!({"phase": "Skipped"})).await.unwrap_err();
    let annotations: Vec<(String, String)> = scene
        .plane
        .audit_events()
        .iter()
        .filter(|event| event["objectRef"]["name"] == object.name.as_str())
        .filter_map(|event| event["annotations"].as_object().cloned())
        .flatten()
        .map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let value = |webhook: &str, key: &str| {
        let key = format!("{}/{key}", scene.webhook_name(webhook));
        annotations
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.as_str())
    };
    let derived =
        value("mutate.wfe-webhook.kubernaut.ai", "derived").expect("an annotation of /mutate");
    assert!(
        derived.contains("TektonPipelineCreated=True/PipelineCreated"),
        "{derived}"
    );
    assert!(
        derived.contains("TektonPipelineRunning=True/PipelineStarted"),
        "{derived}"
    );
    let findings =
        value("validate.wfe-webhook.kubernaut.ai", "findings").expect("an annotation of /validate");
    assert!(
        findings.contains("skip-details-phase") && findings.contains("deny"),
        "{findings}"
    );
}
