//! The policies without the webhook, installed by Helm on a real API server.

use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use test_support::helm::{Release, chart};

use crate::control_plane::guarded::wait_until;
use crate::control_plane::{ADMIN, run, stderr, stdout};
use crate::release::plane;

const CRD: &str = include_str!("../../fixtures/crd-workflowexecution.kubernaut.ai.yaml");

/// The release, and the only namespace that its policies are for.
const FLOOR: Release = Release {
    name: "floor",
    namespace: "floor",
};
const ELSEWHERE: &str = "elsewhere";

/// `helm upgrade --install` without the webhook.
fn install(values: &str) -> Output {
    let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": FLOOR.namespace}});
    run(FLOOR
        .install(&plane().kubeconfig(ADMIN), &chart())
        .args(["--set", "webhook.enabled=false,policies.enabled=true"])
        .args([
            "--set-json",
            &format!("webhooks.namespaceSelector={selector}"),
        ])
        .args(["--set", values]))
}

#[track_caller]
fn installed(values: &str) {
    let output = install(values);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Whether the API server has the kind that completes.
fn can_complete() -> bool {
    let path = "/apis/admissionregistration.k8s.io/v1";
    let output = run(plane().kubectl().args(["get", "--raw", path]));
    stdout(&output).contains("\"mutatingadmissionpolicies\"")
}

fn create(namespace: &str) {
    let execution = json!({
        "apiVersion": "workflowexecution.kubernaut.ai/v1alpha1",
        "kind": "WorkflowExecution",
        "metadata": {"name": "floor", "namespace": namespace},
        "spec": {"workflowRef": {"workflowId": "restart-pod"}, "targetResource": "shop/Deployment/cart"},
    });
    plane().apply(&execution.to_string());
}

/// Writes the status as a dry run; with what is then stored, or what the client sees.
fn write(namespace: &str, status: &Value) -> Output {
    let patch = json!({"status": status}).to_string();
    run(plane()
        .kubectl()
        .args([
            "patch",
            "workflowexecution",
            "floor",
            "--subresource=status",
            "--type=merge",
        ])
        .args([
            "--dry-run=server",
            "--output=json",
            "--namespace",
            namespace,
            "--patch",
            &patch,
        ]))
}

/// The names of the release's policies and bindings.
fn policies() -> Vec<String> {
    let mut kinds = "validatingadmissionpolicy,validatingadmissionpolicybinding".to_owned();
    if can_complete() {
        kinds += ",mutatingadmissionpolicy,mutatingadmissionpolicybinding";
    }
    let selector = "--selector=app.kubernetes.io/instance=floor";
    let output = run(plane()
        .kubectl()
        .args(["get", &kinds, selector, "--output=name"]));
    assert!(output.status.success(), "{}", stderr(&output));
    let lines = stdout(&output);
    lines
        .lines()
        .map(|line| line.rsplit_once('/').unwrap().1.to_owned())
        .collect()
}

#[test]
fn helm_installs_changes_and_removes_them() {
    plane().establish(CRD);
    let wrong = json!({"phase": "Running", "conditions": [{
        "type": "Unheard", "status": "True", "reason": "Heard", "message": "", "lastTransitionTime": "2026-11-20T10:00:00Z",
    }]});

    // Where the API server lacks the kind, the chart says so, and installs the others.
    let output = install("policies.failurePolicy=Fail");
    assert_eq!(
        output.status.success(),
        can_complete(),
        "{}",
        stderr(&output)
    );
    if !can_complete() {
        let message = stderr(&output);
        assert!(
            message
                .contains("policies.completion: the policy that completes needs Kubernetes 1.36"),
            "{message}"
        );
        installed("policies.failurePolicy=Fail,policies.completion=false");
    }
    plane().apply(
        &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ELSEWHERE}})
            .to_string(),
    );
    for namespace in [FLOOR.namespace, ELSEWHERE] {
        create(namespace);
    }
    let refusal = wait_until("a wrong write is refused", || {
        let output = write(FLOOR.namespace, &wrong);
        // What else an API server may say that has just learned of a resource is no refusal.
        (!output.status.success())
            .then(|| stderr(&output))
            .filter(|text| text.contains("denied"))
    });
    assert!(
        refusal.contains("floor-wfe-webhook-deny") && refusal.contains("[condition-unknown-type]"),
        "{refusal}"
    );
    let output = write(ELSEWHERE, &wrong);
    assert!(output.status.success(), "{}", stderr(&output));

    let ended = json!({
        "phase": "Completed", "startTime": "2026-11-20T10:00:00Z", "completionTime": "2026-11-20T10:01:00Z",
    });
    if can_complete() {
        let found = wait_until("a write is completed", || {
            let output = write(FLOOR.namespace, &ended);
            assert!(output.status.success(), "{}", stderr(&output));
            let stored: Value = serde_json::from_str(&stdout(&output)).unwrap();
            let conditions = stored["status"]["conditions"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            (!conditions.is_empty()).then_some(conditions)
        });
        let types: Vec<&str> = found
            .iter()
            .map(|it| it["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            types,
            [
                "TektonPipelineCreated",
                "TektonPipelineRunning",
                "TektonPipelineComplete"
            ]
        );
    }

    installed("policy.mode=warn,policies.completion=false");
    let warning = wait_until("the same write is warned of", || {
        let output = write(FLOOR.namespace, &wrong);
        output
            .status
            .success()
            .then(|| stderr(&output))
            .filter(|text| text.contains("Warning"))
    });
    assert!(
        warning.contains("floor-wfe-webhook-warn") && warning.contains("[condition-unknown-type]"),
        "{warning}"
    );
    assert_eq!(policies(), ["floor-wfe-webhook-warn"; 2]);

    let output = run(&mut FLOOR.command(&plane().kubeconfig(ADMIN), "uninstall"));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(policies(), Vec::<String>::new());
    wait_until("nothing is said any more", || {
        std::thread::sleep(Duration::from_millis(100));
        let output = write(FLOOR.namespace, &wrong);
        (output.status.success() && stderr(&output).is_empty()).then_some(())
    });
}
