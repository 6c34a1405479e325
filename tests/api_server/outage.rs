//! The webhook is away.

use serde_json::{Value, json};

use crate::object::Group;
use crate::scene::{Scene, fail, succeed};

const TIME: &str = "2026-11-20T10:00:00Z";

#[tokio::test]
async fn under_ignore_writes_go_on_unjudged_and_are_completed_when_it_is_back() {
    let mut scene = Scene::new("down-ignore").await;
    let applied = json!({"phase": "Running", "startTime": TIME, "conditions": [{
        "type": "TektonPipelineCreated",
        "status": "True",
        "reason": "PipelineCreated",
        "message": "by hand",
        "lastTransitionTime": TIME,
    }]});
    let object = scene.create(Group::Tekton, "written").await;
    object.apply("controller", applied.clone()).await.unwrap();
    assert_eq!(
        object.conditions().await[1]["type"],
        "TektonPipelineRunning"
    );

    scene.stop_server();
    // An applier sends its list without what was derived, and nobody is there to put it back.
    object.apply("controller", applied.clone()).await.unwrap();
    assert_eq!(object.conditions().await, applied["conditions"]);
    // Not judged either.
    let unjudged = scene.create(Group::Tekton, "unjudged").await;
    unjudged.put(json!({"phase": "Completed"})).await.unwrap();
    unjudged.put(json!({"phase": "Pending"})).await.unwrap();
    assert_eq!(unjudged.conditions().await, Value::Null);

    scene.restart_server(&[]).await;
    object.apply("controller", applied).await.unwrap();
    let conditions = object.conditions().await;
    assert_eq!(conditions[1]["type"], "TektonPipelineRunning");
    assert_eq!(
        conditions[1]["lastTransitionTime"], TIME,
        "the time comes from the status, not from the clock"
    );
}

#[tokio::test]
async fn under_fail_writes_are_refused_until_it_is_back() {
    let mut scene = Scene::unregistered("down-fail", &[]);
    scene.register(&["--failure-policy", "Fail"]).await;
    let object = scene.create(Group::Tekton, "waiting").await;
    object
        .put(json!({"phase": "Running", "startTime": TIME}))
        .await
        .unwrap();
    let stored = object.stored().await;

    scene.stop_server();
    let end = json!({"status": {"phase": "Completed", "completionTime": TIME}}).to_string();
    let printed = fail(&mut object.kubectl_patch("merge", &end));
    let name = scene.webhook_name("validate.wfe-webhook.kubernaut.ai");
    assert!(
        printed.starts_with(&format!(
            "Error from server (InternalError): Internal error occurred: failed calling webhook \"{name}\""
        )),
        "{printed}"
    );
    assert_eq!(object.stored().await, stored);
    // Spec and metadata are not the webhook's business.
    succeed(
        scene
            .kubectl()
            .args(["label", &object.kubectl_name(), "seen=yes"]),
    );

    scene.restart_server(&["--failure-policy", "Fail"]).await;
    succeed(&mut object.kubectl_patch("merge", &end));
    assert_eq!(
        object.conditions().await[2]["type"],
        "TektonPipelineComplete"
    );
}
