use serde_json::json;

use crate::control_plane::{ControlPlane, run, stderr};
use crate::installation::{Installation, expect};

/// The role on the page.
fn role() -> String {
    let page = include_str!("../../docs/doctor.md");
    let (_, rest) = page.split_once("```yaml\n").expect("a role");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// Gives that to `user`.
pub fn grant(plane: &ControlPlane, user: &str) {
    plane.apply(&role());
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "wfe-webhook-doctor"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "wfe-webhook-doctor"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    });
    plane.apply(&binding.to_string());
}

fn address(installation: &Installation) -> String {
    format!("localhost:{}", installation.server.port())
}

#[test]
fn what_the_page_grants_is_enough() {
    let installation = Installation::new();
    installation.register_well();
    grant(installation.plane, "operator");
    expect(
        installation
            .doctor_as("operator")
            .args(["--address", &address(&installation)]),
        0,
        &["0 errors, 0 warnings, 33 ok"],
    );
}

#[test]
fn without_rights_it_names_them() {
    let installation = Installation::new();
    let output = run(&mut installation.doctor_as("repairer"));
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: the cluster refuses: "),
        "{message}"
    );
    assert!(
        message.contains("cannot list resource \"mutatingwebhookconfigurations\"")
            && message.contains("docs/doctor.md"),
        "{message}"
    );
}

/// Least of all: the configurations alone. The rest is reported as not checked.
#[test]
fn what_may_not_be_read_is_a_warning() {
    let installation = Installation::new();
    installation.register_well();
    for manifest in [
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "configurations"},
            "rules": [{
                "apiGroups": ["admissionregistration.k8s.io"],
                "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
                "verbs": ["list"],
            }],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "configurations"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "configurations"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "controller"}],
        }),
    ] {
        installation.plane.apply(&manifest.to_string());
    }
    expect(
        installation
            .doctor_as("controller")
            .args(["--address", &address(&installation)]),
        0,
        &[
            "warning  CRD: not checked: the cluster refuses: ",
            "warning  policies: not checked: the cluster refuses: ",
            "warning  Service doctor/hook: not checked: ",
            "ok       /validate answer",
        ],
    );
}
