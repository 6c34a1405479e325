//! `--events` with certificates of its own: by the same token, and one Event of all replicas.

use serde_json::{Value, json};

use crate::control_plane::guarded::wait_until;
use crate::control_plane::{ADMIN, run, stderr, stdout};
use crate::object::{Group, Object};
use crate::probe;
use crate::samples::sum;
use crate::scene::{Scene, USER};

const WRITES: u64 = 24;

/// What `events.enabled` of the chart gives beyond the shipped rights.
fn grant_events(scene: &Scene) {
    let name = format!("events-{}", scene.namespace);
    let group = "rbac.authorization.k8s.io";
    for right in [
        json!({
            "apiVersion": format!("{group}/v1"),
            "kind": "ClusterRole",
            "metadata": {"name": name},
            "rules": [{"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}],
        }),
        json!({
            "apiVersion": format!("{group}/v1"),
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": group, "kind": "User", "name": USER}],
        }),
    ] {
        scene.plane.apply(&right.to_string());
    }
}

/// How often each replica counts this result.
fn counts(scene: &Scene, result: &str) -> Vec<u64> {
    let metrics = scene
        .replicas
        .iter()
        .map(|replica| probe::get(replica.admin, "/metrics").unwrap_or_default());
    metrics
        .map(|metrics| sum(&metrics, "wfe_webhook_events_total", &[("result", result)]))
        .collect()
}

#[tokio::test]
async fn refusals_of_three_replicas_are_one_event() {
    let mut scene = Scene::beside_others("events");
    grant_events(&scene);
    // So long that no new interval begins meanwhile: all replicas begin it at the same time.
    scene.start_three_replicas(&[], &["--events", "--events-interval=87600h"]);
    let object = Object::create(scene.plane, &scene.namespace, Group::Tekton, "refused").await;
    // At once, so that the API server opens connections to several replicas.
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..WRITES {
        let client = object.as_user(ADMIN).await;
        writes.spawn(async move {
            let condition = json!({
                "type": "TektonPipelineCreated",
                "status": "True",
                "reason": "created_it",
                "message": number.to_string(),
                "lastTransitionTime": "2026-11-20T10:00:00Z",
            });
            client
                .merge(json!({"phase": "Running", "conditions": [condition]}))
                .await
        });
    }
    while let Some(written) = writes.join_next().await {
        assert_eq!(written.unwrap().unwrap_err().code, 422);
    }
    let total = |result| counts(&scene, result).iter().sum::<u64>();
    wait_until("all are told or counted", || {
        (total("recorded") + total("aggregated") >= WRITES).then_some(())
    });
    let told = [counts(&scene, "recorded"), counts(&scene, "aggregated")];
    assert_eq!(total("recorded"), 1, "{told:?}");
    let replicas = (0..3).filter(|at| told[0][*at] + told[1][*at] > 0).count();
    assert!(replicas > 1, "{told:?}");
    let output = run(scene.kubectl().args(["get", "events", "--output=json"]));
    assert!(output.status.success(), "{}", stderr(&output));
    let events: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let reasons: Vec<&Value> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["reason"])
        .collect();
    assert_eq!(reasons, ["reason-format"]);
}
