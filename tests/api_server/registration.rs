//! Ways to register the webhook, right and wrong ones.

use serde_json::{Value, json};

use crate::control_plane::{run, stderr, stdout};
use crate::object::Group;
use crate::samples::sum;
use crate::scene::{Scene, generate_registration, succeed};

const TIME: &str = "2026-11-20T10:00:00Z";

/// A write is completed and a broken one refused: both webhooks are called.
async fn assert_at_work(scene: &Scene) {
    let object = scene.create(Group::Tekton, "at-work").await;
    object
        .put(json!({"phase": "Running", "startTime": TIME}))
        .await
        .unwrap();
    assert_eq!(
        object.conditions().await[1]["type"],
        "TektonPipelineRunning"
    );
    assert_eq!(
        object
            .put(json!({"phase": "Pending"}))
            .await
            .unwrap_err()
            .code,
        422
    );
}

#[tokio::test]
async fn by_url_with_an_address_or_a_name() {
    for (namespace, host) in [("by-address", "127.0.0.1"), ("by-name", "localhost")] {
        let scene = Scene::unregistered(namespace, &[]);
        let url = format!("https://{host}:{}", scene.server.port());
        scene.register_as(&["--url", &url]).await;
        assert_at_work(&scene).await;
    }
}

/// An `ExternalName` Service leads to this machine, so the service form (its name in SNI and certificate) needs no
/// cluster network.
#[tokio::test]
async fn by_service() {
    let scene = Scene::unregistered("by-service", &["--tls-name", "hook.by-service.svc"]);
    scene.plane.apply(
        &json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "hook", "namespace": scene.namespace},
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        })
        .to_string(),
    );
    let service = format!("by-service/hook:{}", scene.server.port());
    scene.register_as(&["--service", &service]).await;
    assert_at_work(&scene).await;
}

/// Both webhooks are registered for all writes of Pods, and nothing may fail when they do not answer well.
#[tokio::test]
async fn a_wrong_registration_blocks_nothing() {
    let scene = Scene::unregistered("wrong", &[]);
    write_pods(&scene, "off");
    for webhook in ["mutate", "validate"] {
        let ignored = scene.answered(webhook, "ignored", false);
        assert!(
            ignored >= 4,
            "{webhook}: create, label, status and delete, but counted {ignored}"
        );
    }
}

/// Nor when expressions that are made for another kind decide about the calls.
#[tokio::test]
async fn a_wrong_registration_with_conditions_blocks_nothing_either() {
    let scene = Scene::unregistered("wrong-conditions", &[]);
    write_pods(&scene, "on");
    let metrics = scene.plane.metrics();
    for webhook in ["mutate", "validate"] {
        let name = scene.webhook_name(&format!("{webhook}.wfe-webhook.kubernaut.ai"));
        let errors = "apiserver_admission_match_condition_evaluation_errors_total";
        assert_eq!(sum(&metrics, errors, &[("name", &name)]), 0, "{webhook}");
    }
}

/// Registers both webhooks for all writes of Pods under `Fail`, and makes some.
fn write_pods(scene: &Scene, match_conditions: &str) {
    let url = format!("https://localhost:{}", scene.server.port());
    let arguments = [
        "--url",
        &url,
        "--failure-policy",
        "Fail",
        "--match-conditions",
        match_conditions,
    ];
    for mut configuration in generate_registration(&scene.server.ca(), &arguments) {
        configuration["webhooks"][0]["failurePolicy"] = json!("Fail");
        configuration["webhooks"][0]["rules"] = json!([{
            "apiGroups": [""],
            "apiVersions": ["*"],
            "operations": ["*"],
            "resources": ["pods", "pods/status"],
        }]);
        scene.apply_configuration(configuration);
    }

    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bystander"},
        "spec": {"containers": [{"name": "main", "image": "bystander"}]},
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pod.to_string()).unwrap();
    // Not called yet until it says so: the one warning that /validate gives.
    let warned =
        crate::control_plane::guarded::wait_until("a warning about the registration", || {
            let output = run(scene
                .kubectl()
                .args(["create", "--dry-run=server", "-f"])
                .arg(file.path()));
            assert!(output.status.success(), "{}", stderr(&output));
            Some(stderr(&output)).filter(|text| !text.is_empty())
        });
    assert_eq!(warned.matches("Warning:").count(), 1, "{warned}");
    assert!(warned.contains("registration"), "{warned}");

    succeed(scene.kubectl().args(["create", "-f"]).arg(file.path()));
    succeed(
        scene
            .kubectl()
            .args(["label", "pod", "bystander", "seen=yes"]),
    );
    let status =
        json!({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "Bad"}]}});
    let patch = status.to_string();
    succeed(scene.kubectl().args([
        "patch",
        "pod",
        "bystander",
        "--subresource=status",
        "-p",
        &patch,
    ]));
    let output = run(scene
        .kubectl()
        .args(["get", "pod", "bystander", "-o", "json"]));
    let stored: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(stored["metadata"]["labels"]["seen"], "yes");
    assert_eq!(
        stored["status"]["conditions"][0]["status"], "Bad",
        "stored as sent"
    );
    succeed(
        scene
            .kubectl()
            .args(["delete", "pod", "bystander", "--now", "--wait=false"]),
    );
}
