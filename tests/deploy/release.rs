//! A release on a real API server, by Helm: what an upgrade keeps, and what is left after its removal. No controller runs,
//! so there are no pods.

use std::sync::OnceLock;

use base64::Engine as _;
use serde_json::{Value, json};
use test_support::helm::{Release, chart};

use crate::control_plane::{ADMIN, ControlPlane, run, stderr, stdout};
use crate::rendered::ca;
use test_support::crds;

const HOOK: Release = Release {
    name: "hook",
    namespace: "hooks",
};
/// What all its objects are called.
const NAME: &str = "hook-wfe-webhook";
const KINDS: [&str; 2] = [
    "mutatingwebhookconfiguration",
    "validatingwebhookconfiguration",
];

/// A control plane for Helm's releases, which want objects that nobody else made.
pub fn plane() -> &'static ControlPlane {
    static PLANE: OnceLock<ControlPlane> = OnceLock::new();
    PLANE.get_or_init(|| {
        let plane = ControlPlane::start();
        crds::establish(&plane);
        plane
    })
}

#[track_caller]
fn succeed(command: &mut std::process::Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

fn install(values: &[&str]) {
    let mut command = HOOK.install(&plane().kubeconfig(ADMIN), &chart());
    // Nothing gets ready without nodes.
    succeed(command.arg("--wait=hookOnly").args(values));
}

fn configuration(kind: &str) -> Value {
    let output = succeed(plane().kubectl().args(["get", kind, NAME, "--output=json"]));
    serde_json::from_str(&output).unwrap()
}

/// Writes a bundle as server or injector do.
fn write_bundle(writer: &str) -> String {
    let mut bundle = std::fs::read(ca().path()).unwrap();
    bundle.extend(format!("# {writer}\n").bytes());
    let bundle = base64::engine::general_purpose::STANDARD.encode(bundle);
    let patch =
        json!([{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle}]);
    for kind in KINDS {
        succeed(
            plane()
                .kubectl()
                .args(["patch", kind, NAME, "--type=json"])
                .args([
                    &format!("--field-manager={writer}"),
                    &format!("--patch={patch}"),
                ]),
        );
    }
    bundle
}

#[track_caller]
fn expect(bundle: &str, injected: bool, failure_policy: &str) {
    for kind in KINDS {
        let found = configuration(kind);
        let webhook = &found["webhooks"][0];
        assert_eq!(webhook["clientConfig"]["caBundle"], bundle, "{kind}");
        let annotation = &found["metadata"]["annotations"]["cert-manager.io/inject-ca-from"];
        assert_eq!(annotation.is_string(), injected, "{kind}");
    }
    assert_eq!(
        configuration(KINDS[1])["webhooks"][0]["failurePolicy"],
        failure_policy
    );
}

/// The objects of the release, wherever they are.
fn left() -> Vec<String> {
    let kinds = "deployment,service,serviceaccount,role,rolebinding,clusterrole,clusterrolebinding,poddisruptionbudget,\
        mutatingwebhookconfiguration,validatingwebhookconfiguration,validatingadmissionpolicy,\
        validatingadmissionpolicybinding,certificate,issuer";
    let output = succeed(
        plane()
            .kubectl()
            .args(["get", kinds, "--all-namespaces"])
            .args([
                "--selector=app.kubernetes.io/instance=hook",
                "--output=name",
            ]),
    );
    output.lines().map(str::to_owned).collect()
}

#[test]
fn no_upgrade_takes_a_bundle_away_and_nothing_is_left_after_the_removal_but_the_ca() {
    install(&[]);
    assert!(left().iter().any(|object| object.contains("clusterrole")));
    let own = write_bundle("wfe-webhook-ca-bundle");
    expect(&own, false, "Ignore");
    // Its own values, then the mode and back, and a rollback.
    install(&["--set", "webhooks.validating.failurePolicy=Fail"]);
    expect(&own, false, "Fail");
    install(&[
        "--set",
        "webhooks.validating.failurePolicy=Fail,tls.mode=certManager",
    ]);
    expect(&own, true, "Fail");
    let injected = write_bundle("cert-manager-cainjector");
    install(&[
        "--set",
        "webhooks.validating.failurePolicy=Fail,tls.mode=selfManaged",
    ]);
    expect(&injected, false, "Fail");
    let kubeconfig = plane().kubeconfig(ADMIN);
    succeed(HOOK.command(&kubeconfig, "rollback").arg("3"));
    expect(&injected, true, "Fail");

    succeed(
        plane()
            .kubectl()
            .args(["create", "secret", "generic", "--namespace=hooks"])
            .arg(format!("{NAME}-ca")),
    );
    let removed = run(HOOK.command(&kubeconfig, "uninstall").arg("--debug"));
    assert!(removed.status.success(), "{}", stderr(&removed));
    // Under Fail a Service or pods that go first would have writes refused.
    let log = stderr(&removed);
    let place = |kind: &str| {
        let found = log
            .lines()
            .position(|line| line.contains("kind=") && line.contains(kind));
        found.unwrap_or_else(|| panic!("{kind} in\n{log}"))
    };
    for kind in [
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ] {
        assert!(
            place(kind) < place("kind=Service") && place(kind) < place("kind=Deployment"),
            "{log}"
        );
    }
    assert_eq!(left(), [""; 0]);
    succeed(
        plane()
            .kubectl()
            .args(["get", "--namespace=hooks"])
            .arg(format!("secret/{NAME}-ca")),
    );
}
