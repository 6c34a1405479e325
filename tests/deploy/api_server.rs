//! The manifests on a real API server.

use std::process::Output;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rstest::rstest;
use serde_json::{Value, json};

use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::manifests::{NAME, documents, folder, template};

/// Tests that install share one API server, and one name for everything: they take turns.
pub fn alone_on_the_api_server() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    // A test that failed in its turn leaves the API server as usable as it was.
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A control plane with everything in `deploy/` applied as in the README. Applying is idempotent.
fn installed() -> &'static ControlPlane {
    let _alone = alone_on_the_api_server();
    let plane = ControlPlane::shared();
    let output = run(plane
        .kubectl()
        .args([
            "apply",
            "--server-side",
            "--validate=strict",
            "--warnings-as-errors",
            "-k",
        ])
        .arg(folder()));
    assert!(output.status.success(), "{}", stderr(&output));
    plane
}

/// Submits a pod of the template, changed by `change`, as a dry run.
fn submit_pod(plane: &ControlPlane, change: impl FnOnce(&mut Value)) -> Output {
    let mut spec = serde_json::to_value(template().spec.unwrap()).unwrap();
    change(&mut spec);
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "of-the-template", "namespace": NAME},
        "spec": spec,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pod.json");
    std::fs::write(&file, pod.to_string()).unwrap();
    run(plane
        .kubectl()
        .args([
            "create",
            "--dry-run=server",
            "--validate=strict",
            "--warnings-as-errors",
            "-f",
        ])
        .arg(file))
}

#[test]
fn the_api_server_accepts_everything_without_a_warning() {
    let plane = installed();
    let output = run(plane.kubectl().args([
        "get",
        "namespace/wfe-webhook",
        "mutatingwebhookconfiguration/wfe-webhook",
        "validatingwebhookconfiguration/wfe-webhook",
        "--output=name",
    ]));
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(plane.kubectl().args([
        "get",
        "--namespace=wfe-webhook",
        "serviceaccount/wfe-webhook",
        "deployment/wfe-webhook",
        "service/wfe-webhook",
        "poddisruptionbudget/wfe-webhook",
        "--output=name",
    ]));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 4);
}

#[test]
fn the_api_server_accepts_the_network_policy() {
    let output = run(installed()
        .kubectl()
        .args(["apply", "--server-side", "--dry-run=server"])
        .args(["--validate=strict", "--warnings-as-errors", "-f"])
        .arg(folder().join("networkpolicy.yaml")));
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_pod_of_the_template_is_admitted_by_the_restricted_profile() {
    let output = submit_pod(installed(), |_| ());
    assert!(output.status.success(), "{}", stderr(&output));
}

#[rstest]
#[case::root("/securityContext/runAsNonRoot", json!(false), "runAsNonRoot")]
#[case::seccomp("/securityContext/seccompProfile/type", json!("Unconfined"), "seccompProfile")]
#[case::capabilities("/containers/0/securityContext/capabilities/drop", json!([]), "capabilities")]
#[case::escalation("/containers/0/securityContext/allowPrivilegeEscalation", json!(true), "allowPrivilegeEscalation")]
fn a_pod_with_less_protection_is_refused(
    #[case] field: &str,
    #[case] value: Value,
    #[case] words: &str,
) {
    let output = submit_pod(installed(), |spec| {
        *spec.pointer_mut(field).unwrap() = value;
    });
    assert!(!output.status.success());
    let message = stderr(&output);
    assert!(
        message.contains("violates PodSecurity \"restricted") && message.contains(words),
        "{message}"
    );
}

#[test]
fn a_misspelled_field_would_be_reported() {
    let output = submit_pod(installed(), |spec| spec["enableServiceLink"] = json!(false));
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("unknown field \"spec.enableServiceLink\""),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_registration_that_the_program_prints_is_accepted_as_well() {
    let plane = installed();
    let generated = std::process::Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args([
            "generate",
            "registration",
            "--service",
            "wfe-webhook/wfe-webhook",
        ])
        .output()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registration.yaml");
    std::fs::write(&file, generated.stdout).unwrap();
    let output = run(plane
        .kubectl()
        .args([
            "apply",
            "--server-side",
            "--dry-run=server",
            "--validate=strict",
            "--warnings-as-errors",
            "-f",
        ])
        .arg(file));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        stdout(&output).lines().count(),
        documents::<Value>("webhooks.yaml").len()
    );
}
