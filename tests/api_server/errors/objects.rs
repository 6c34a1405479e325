//! Trouble with one object or its namespace, which API servers and kubectl report without a call of the webhook.

use std::process::Command;

use serde_json::json;

use super::away::aggregate;
use super::states::{HOST, NAME, NAMESPACE, OBJECT, Stage};
use crate::control_plane::guarded::{Guarded, wait_until};
use crate::control_plane::{ADMIN, node_program, stdout};
use crate::scene::{fail, succeed};

/// Two managers apply the same condition, and between them the webhook adds one.
pub fn two_appliers(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    let status = json!({
        "apiVersion": "kubernaut.ai/v1alpha1",
        "kind": "WorkflowExecution",
        "metadata": {"name": NAME},
        "status": {"phase": "Running", "conditions": [{
            "type": "ExecutionCreated",
            "status": "True",
            "reason": "ExecutionCreated",
            "message": "by hand",
            "lastTransitionTime": "2026-11-20T10:00:00Z",
        }]},
    });
    let file = stage.file("status.yaml", &status.to_string());
    let apply = |manager: &str| {
        let mut command = stage.kubectl();
        command.args(["apply", "--server-side", "--subresource=status"]);
        command.args(["--field-manager", manager, "--filename"]);
        command.arg(&file);
        command
    };
    succeed(&mut apply("first"));
    vec![fail(&mut apply("second"))]
}

/// It has ended while no webhook was there to complete it.
pub fn written_without_the_webhook(stage: &mut Stage) -> Vec<String> {
    let ended = json!({"status": {
        "phase": "Completed",
        "startTime": "2026-11-20T10:00:00Z",
        "completionTime": "2026-11-20T10:01:12Z",
        "executionRef": {"name": "job-1"},
    }});
    let mut write = stage.kubectl();
    write.args([
        "patch",
        OBJECT,
        "--subresource=status",
        "--type=merge",
        "--patch",
    ]);
    succeed(write.arg(ended.to_string()));
    stage.lead_service_here();
    stage.serve(&["--tls-name", HOST]);
    let ca = stage.server().ca();
    stage.register(&ca, &[]);
    vec![fail(&mut wait_for_completion(stage))]
}

pub fn wait_for_completion(stage: &Stage) -> Command {
    let mut command = stage.kubectl();
    command.args([
        "wait",
        OBJECT,
        "--for=condition=ExecutionComplete",
        "--timeout=2s",
    ]);
    command
}

/// Nobody removes the finalizer of the object, and for a time an aggregated API is away.
pub fn a_finalizer_remains(stage: &mut Stage) -> Vec<String> {
    let mut controllers = Command::new(node_program("kube-controller-manager"));
    controllers
        .arg("--kubeconfig")
        .arg(stage.plane.kubeconfig(ADMIN))
        .args([
            "--controllers=namespace-controller",
            "--leader-elect=false",
            "--secure-port=0",
        ]);
    let folder = tempfile::tempdir().unwrap();
    let controllers = Guarded::spawn("kube-controller-manager", &controllers, folder);
    stage.beside.push(controllers);
    let patch = json!({"metadata": {"finalizers": ["kubernaut.ai/cleanup"]}}).to_string();
    let mut keep = stage.kubectl();
    succeed(keep.args(["patch", OBJECT, "--type=merge", "--patch", &patch]));
    aggregate(stage);
    let mut delete = stage.plane.kubectl();
    let refused = fail(delete.args(["delete", "namespace", NAMESPACE, "--timeout=1s"]));
    assert!(
        refused.contains("timed out waiting for the condition on namespaces/"),
        "{refused}"
    );
    let why = "kubectl get namespace NAMESPACE --output \
        jsonpath='{range .status.conditions[?(@.status==\"True\")]}{.message}{\"\\n\"}{end}'";
    let said = wait_until("the reasons", || {
        let said = stdout(&stage.shell(why));
        (said.contains("Discovery failed") && said.contains("finalizers remaining")).then_some(said)
    });
    stage.without_aggregated();
    vec![said]
}

pub fn the_namespace_is_gone(stage: &Stage) {
    let mut wait = stage.plane.kubectl();
    let namespace = format!("namespace/{NAMESPACE}");
    succeed(wait.args(["wait", "--for=delete", &namespace, "--timeout=60s"]));
    succeed(
        stage
            .plane
            .kubectl()
            .args(["create", "namespace", NAMESPACE]),
    );
}
