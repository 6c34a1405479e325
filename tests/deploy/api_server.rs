//! What the chart renders, on a real API server and under the restricted Pod Security Standard.

use std::process::Output;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rstest::rstest;
use serde_json::{Value, json};
use test_support::helm::{Release, chart};

use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::rendered::{Mode, NAME, Rendered, folder, template};
use crate::webhooks::generated;
use test_support::crds;

/// Tests that install share one API server, and one name for everything: they take turns.
pub fn alone_on_the_api_server() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    // A test that failed in its turn leaves the API server as usable as it was.
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A namespace that enforces the restricted profile.
pub const RESTRICTED: Release = Release {
    name: NAME,
    namespace: "restricted",
};

/// A control plane that knows every kind, with that namespace.
pub fn prepared() -> &'static ControlPlane {
    static PREPARED: OnceLock<&ControlPlane> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let plane = ControlPlane::shared();
        crds::establish(plane);
        let labels = json!({
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
        });
        for (name, labels) in [(RESTRICTED.namespace, labels), ("open", json!({}))] {
            let namespace = json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels},
            });
            plane.apply(&namespace.to_string());
        }
        plane
    })
}

/// Submits objects as a dry run.
pub fn submit(plane: &ControlPlane, objects: &[Value]) -> Output {
    let file = tempfile::NamedTempFile::new().unwrap();
    let texts: Vec<String> = objects.iter().map(Value::to_string).collect();
    std::fs::write(file.path(), texts.join("\n---\n")).unwrap();
    run(plane
        .kubectl()
        .args(["apply", "--server-side", "--dry-run=server"])
        .args([
            "--validate=strict",
            "--warnings-as-errors",
            "--force-conflicts",
            "-f",
        ])
        .arg(file.path()))
}

/// A pod of the Deployment's template. A Deployment that breaks the profile is only warned of.
pub fn pod(rendered: &Rendered) -> Value {
    let deployment: Value = rendered.only("Deployment");
    let template = &deployment["spec"]["template"];
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "of-the-template",
            "namespace": deployment["metadata"]["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": template["metadata"]["annotations"],
        },
        "spec": template["spec"],
    })
}

/// Everything that is rendered, and a pod.
pub fn all(rendered: &Rendered) -> Vec<Value> {
    let mut all = rendered.objects.clone();
    all.extend(rendered.tests.iter().cloned());
    all.push(pod(rendered));
    all
}

fn in_restricted(mode: Mode, arguments: &[&str]) -> Rendered {
    Rendered::read(&template(RESTRICTED, mode, arguments).unwrap())
}

#[rstest]
#[case::default(&[])]
#[case::every_kind(&[
    "--set-json", r#"networkPolicy={"enabled": true, "apiServers": [{"ipBlock": {"cidr": "192.0.2.10/32"}}], "prometheus": [{"podSelector": {}}]}"#,
    "--set", "alerts.enabled=true,alerts.executions=true,webhooks.validating.failurePolicy=Fail,dashboard.enabled=true,events.enabled=true",
    "--set", "autoscaling.enabled=true,monitor.kind=ServiceMonitor,clientCertificates.name=ca,test.clientCertificateSecret=client",
])]
#[case::floor(&["--set", "policies.enabled=true,policies.failurePolicy=Fail,policies.completion=false,policy.rules.phase-conflict=audit"])]
#[case::pod_monitor(&["--set", "monitor.kind=PodMonitor"])]
fn every_mode_is_accepted_without_a_warning(#[case] arguments: &[&str]) {
    let plane = prepared();
    for mode in Mode::ALL {
        let output = submit(plane, &all(&in_restricted(mode, arguments)));
        assert!(output.status.success(), "{mode:?}: {}", stderr(&output));
    }
}

#[test]
fn high_availability_is_accepted() {
    let file = chart().join("values-ha.yaml").display().to_string();
    let rendered = in_restricted(Mode::SelfManaged, &["--values", &file]);
    let output = submit(prepared(), &all(&rendered));
    assert!(output.status.success(), "{}", stderr(&output));
}

/// The restricted profile has no place for it.
#[test]
fn the_network_of_the_nodes_is_for_other_namespaces() {
    let arguments = ["--set", "hostNetwork=true"];
    let refused = submit(
        prepared(),
        &[pod(&in_restricted(Mode::SelfManaged, &arguments))],
    );
    assert!(
        stderr(&refused).contains("violates PodSecurity"),
        "{}",
        stderr(&refused)
    );
    let open = Release {
        name: NAME,
        namespace: "open",
    };
    let rendered = Rendered::read(&template(open, Mode::SelfManaged, &arguments).unwrap());
    let output = submit(prepared(), &[pod(&rendered)]);
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
    let mut pod = pod(&in_restricted(Mode::SelfManaged, &[]));
    *pod["spec"].pointer_mut(field).unwrap() = value;
    let output = submit(prepared(), &[pod]);
    assert!(!output.status.success());
    let message = stderr(&output);
    assert!(
        message.contains("violates PodSecurity \"restricted") && message.contains(words),
        "{message}"
    );
}

#[rstest]
#[case::builtin("Deployment", "/spec/template/spec", "enableServiceLink")]
#[case::cert_manager("Certificate", "/spec", "secret")]
#[case::cert_manager_issuer("Issuer", "/spec", "selfsigned")]
#[case::monitor("ServiceMonitor", "/spec", "endpoint")]
#[case::alerts("PrometheusRule", "/spec/groups/0", "rule")]
fn a_misspelled_field_would_be_reported(
    #[case] kind: &str,
    #[case] place: &str,
    #[case] field: &str,
) {
    let values = "monitor.kind=ServiceMonitor,alerts.enabled=true";
    let rendered = in_restricted(Mode::CertManager, &["--set", values]);
    let mut object: Value = rendered.all(kind).remove(0);
    object.pointer_mut(place).unwrap()[field] = json!({});
    let output = submit(prepared(), &[object]);
    let message = stderr(&output);
    assert!(
        !output.status.success() && message.contains(field) && message.contains("unknown field")
            || message.contains("field not declared in schema"),
        "{message}"
    );
}

#[rstest]
#[case("install.yaml")]
#[case("install-cert-manager.yaml")]
fn the_rendered_file_is_applied_as_it_is(#[case] file: &str) {
    let plane = prepared();
    let _alone = alone_on_the_api_server();
    let output = run(plane
        .kubectl()
        .args(["apply", "--server-side", "--force-conflicts"])
        .args(["--validate=strict", "--warnings-as-errors", "-f"])
        .arg(folder().join(file)));
    assert!(output.status.success(), "{}", stderr(&output));
    let output = run(plane.kubectl().args([
        "get",
        "--namespace=wfe-webhook",
        "namespace/wfe-webhook",
        "mutatingwebhookconfiguration/wfe-webhook",
        "validatingwebhookconfiguration/wfe-webhook",
        "serviceaccount/wfe-webhook",
        "deployment/wfe-webhook",
        "service/wfe-webhook",
        "poddisruptionbudget/wfe-webhook",
        "--output=name",
    ]));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 7);
}

#[test]
fn the_registration_that_the_program_prints_is_accepted_as_well() {
    let printed = generated(&["--service=wfe-webhook/wfe-webhook"]);
    let printed: Vec<Value> = serde_saphyr::from_multiple(&printed).unwrap();
    let output = submit(prepared(), &printed);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 2);
}
