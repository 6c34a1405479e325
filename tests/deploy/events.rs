//! `events.enabled`: the flag, a token, and a right that is enough and no more.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::control_plane::guarded::wait_until;
use crate::control_plane::webhook_server::WebhookServer;
use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::rendered::{Mode, NAME, Rendered};

const ENABLED: [&str; 2] = ["--set", "events.enabled=true"];
const CRD: &str = include_str!("../fixtures/crd-workflowexecution.kubernaut.ai.yaml");

/// The role and the binding that Events need, of all that are rendered.
fn rights(rendered: &Rendered) -> [Option<Value>; 2] {
    ["ClusterRole", "ClusterRoleBinding"].map(|kind| {
        let all: Vec<Value> = rendered.all(kind);
        let name = format!("{NAME}-events");
        all.into_iter()
            .find(|object| object["metadata"]["name"] == name.as_str())
    })
}

#[test]
fn by_default_there_are_none() {
    for mode in Mode::ALL {
        let rendered = Rendered::of(mode);
        assert_eq!(rendered.serve_args().events.settings(), None, "{mode:?}");
        assert_eq!(rights(&rendered), [None, None], "{mode:?}");
    }
}

#[test]
fn in_each_mode_the_pods_get_the_flag_a_token_and_the_right_to_create_them() {
    for mode in Mode::ALL {
        let rendered = Rendered::with(mode, &ENABLED);
        let settings = rendered.serve_args().events.settings().unwrap();
        assert_eq!(settings.interval, Duration::from_secs(300));
        let pod = rendered.pod_spec();
        assert_eq!(pod.automount_service_account_token, Some(true), "{mode:?}");
        let account: Value = rendered.only("ServiceAccount");
        assert_eq!(account["automountServiceAccountToken"], false);
        let [role, binding] = rights(&rendered).map(Option::unwrap);
        assert_eq!(
            role["rules"],
            json!([{"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}])
        );
        assert_eq!(binding["roleRef"]["kind"], "ClusterRole");
        assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
        let name = pod.service_account_name.unwrap();
        assert_eq!(
            binding["subjects"],
            json!([{"kind": "ServiceAccount", "name": name, "namespace": NAME}])
        );
        let mut kinds = rendered.kinds();
        let of_mode = Rendered::of(mode);
        kinds.retain(|kind| !kind.starts_with("ClusterRole"));
        let mut others = of_mode.kinds();
        others.retain(|kind| !kind.starts_with("ClusterRole"));
        assert_eq!(kinds, others, "nothing else is added");
    }
}

/// Only `/validate` makes Events.
#[test]
fn the_registration_declares_them_as_a_side_effect() {
    for (arguments, expected) in [(&[][..], "None"), (&ENABLED, "NoneOnDryRun")] {
        let [mutating, validating] = Rendered::with(Mode::CertManager, arguments).configurations();
        assert_eq!(mutating["webhooks"][0]["sideEffects"], "None");
        assert_eq!(validating["webhooks"][0]["sideEffects"], expected);
    }
}

#[track_caller]
fn succeed(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// A server with a token of the account that the chart installs, and what the chart gives it in a mode that gives nothing else.
fn start(plane: &ControlPlane, folder: &std::path::Path) -> WebhookServer {
    let create = ["create", "token", NAME, "--namespace", NAME];
    let token = succeed(plane.kubectl().args(create));
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "account",
        "clusters": [{"name": "account", "cluster": {
            "server": plane.url(),
            "certificate-authority": plane.certificate(),
        }}],
        "users": [{"name": "account", "user": {"token": token.trim()}}],
        "contexts": [{"name": "account", "context": {"cluster": "account", "user": "account"}}],
    });
    let file = folder.join("kubeconfig");
    std::fs::write(&file, kubeconfig.to_string()).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"));
    program.arg("serve").env("KUBECONFIG", file);
    WebhookServer::start(&program, &["--events"])
}

fn register(plane: &ControlPlane, server: &WebhookServer) {
    let url = format!("https://localhost:{}", server.port());
    let output = run(Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(["generate", "registration", "--url", &url])
        .args(["--mutate-timeout=30", "--validate-timeout=30", "--ca"])
        .arg(server.ca()));
    assert!(output.status.success(), "{}", stderr(&output));
    plane.apply(&stdout(&output));
}

/// A write that a rule refuses, of an object.
fn write_refused(plane: &ControlPlane, name: &str) -> bool {
    let object = json!({
        "apiVersion": "workflowexecution.kubernaut.ai/v1alpha1",
        "kind": "WorkflowExecution",
        "metadata": {"name": name, "namespace": "payments"},
        "spec": {"workflowRef": {"workflowId": "restart-pod"}, "targetResource": "shop/Deployment/cart"},
    });
    plane.apply(&object.to_string());
    let status = json!({"status": {"phase": "Running", "conditions": [{
        "type": "Anything",
        "status": "True",
        "reason": "Any",
        "message": "",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
    }]}});
    let output = run(plane
        .kubectl()
        .args(["--namespace=payments", "patch", "workflowexecution", name])
        .args(["--subresource=status", "--type=merge", "--patch"])
        .arg(status.to_string()));
    stderr(&output).contains("[condition-unknown-type]")
}

#[test]
fn the_right_is_enough_and_without_it_events_fail() {
    let plane = ControlPlane::start();
    plane.apply(CRD);
    let wait = ["wait", "--for=condition=Established", "--timeout=90s"];
    succeed(plane.kubectl().args(wait).args(["crd", "--all"]));
    for namespace in [NAME, "payments"] {
        succeed(plane.kubectl().args(["create", "namespace", namespace]));
    }
    let rendered = Rendered::with(Mode::CertManager, &ENABLED);
    plane.apply(&rendered.only::<Value>("ServiceAccount").to_string());
    let folder = tempfile::tempdir().unwrap();
    let server = start(&plane, folder.path());
    register(&plane, &server);
    wait_until("a call of the webhook", || {
        write_refused(&plane, "without").then_some(())
    });
    wait_until("a failure in the log", || {
        let log = server.log();
        let told = log.contains("cannot record an Event") && log.contains("cannot create resource");
        told.then_some(())
    });
    for right in rights(&rendered) {
        plane.apply(&right.unwrap().to_string());
    }
    let described = wait_until("an Event", || {
        write_refused(&plane, "with");
        let describe = [
            "describe",
            "workflowexecution",
            "with",
            "--namespace=payments",
        ];
        let described = succeed(plane.kubectl().args(describe));
        described
            .contains("condition-unknown-type")
            .then_some(described)
    });
    assert!(
        described.contains("refused: status.conditions[0].type: "),
        "{described}"
    );
    wait_until("the end of the failures in the log", || {
        server
            .log()
            .contains("can record Events again")
            .then_some(())
    });
}
