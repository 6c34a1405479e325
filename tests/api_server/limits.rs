//! Statuses and objects of unusual size.

use serde_json::{Value, json};

use crate::object::{Group, resource_version};
use crate::scene::{Scene, fail, succeed};

/// Any author of a workflow may nest as deep as the API server takes; that must not make the status unwritable.
#[tokio::test]
async fn an_object_with_thousands_of_levels_is_judged_and_completed() {
    let scene = Scene::shared().await;
    let levels = 9_000;
    let nested = format!(
        "{}{}",
        r#"{"a":"#.repeat(levels),
        format_args!("1{}", "}".repeat(levels))
    );
    let object = format!(
        r#"{{"apiVersion":"kubernaut.ai/v1alpha1","kind":"WorkflowExecution","metadata":{{"name":"nested"}},"spec":{{"targetResource":"shop/Deployment/cart","workflowRef":{{"workflowId":"deep","engineConfig":{nested}}}}}}}"#
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), object).unwrap();
    succeed(scene.kubectl().args(["create", "-f"]).arg(file.path()));

    let name = "workflowexecutions.v1alpha1.kubernaut.ai/nested";
    let patch = |status: Value| {
        let mut command = scene.kubectl();
        let patch = json!({"status": status}).to_string();
        command.args([
            "patch",
            name,
            "--subresource=status",
            "--type=merge",
            "-p",
            &patch,
        ]);
        command
    };
    succeed(&mut patch(
        json!({"phase": "Running", "executionRef": {"name": "job-1"}}),
    ));
    let types = "jsonpath={.status.conditions[*].type}";
    let stored = succeed(scene.kubectl().args(["get", name, "-o", types]));
    assert_eq!(stored, "ExecutionCreated ExecutionRunning");
    let refused = fail(&mut patch(json!({"phase": "Pending"})));
    assert!(refused.ends_with("[phase-transition]\n"), "{refused}");
}

#[tokio::test]
async fn a_thousand_faults_are_summed_up() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "thousand").await;
    let conditions: Vec<Value> = (0..1000)
        .map(|number| {
            json!({
                "type": format!("Unheard{number}"),
                "status": "True",
                "reason": "Whatever",
                "message": "",
                "lastTransitionTime": "2026-11-20T10:00:00Z",
            })
        })
        .collect();
    let before = object.resource_version().await;
    let refused = object
        .put(json!({"phase": "Running", "conditions": conditions}))
        .await
        .unwrap_err();
    assert_eq!(refused.code, 422);
    let causes = refused.details.unwrap().causes;
    assert_eq!(causes.len(), 50);
    assert_eq!(causes[48].field, "status.conditions[48].type");
    assert!(
        causes[49].message.starts_with("951 more findings"),
        "{}",
        causes[49].message
    );
    assert_eq!(resource_version(&object.stored().await), before);
}
