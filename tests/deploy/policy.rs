//! What the token of the self-managed mode may do to webhook configurations, with the roles and the policy as they ship.

use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Value, json};

use crate::control_plane::guarded::wait_until;
use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::rendered::{NAME, folder};

const KINDS: [&str; 2] = [
    "mutatingwebhookconfiguration",
    "validatingwebhookconfiguration",
];

/// An installation with a token of its account, on an API server of its own: others register with bundles of theirs.
struct Installed {
    plane: &'static ControlPlane,
    token: String,
    _alone: MutexGuard<'static, ()>,
}

impl Installed {
    fn new() -> Self {
        static PLANE: OnceLock<ControlPlane> = OnceLock::new();
        static TURN: Mutex<()> = Mutex::new(());
        let alone = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let plane = PLANE.get_or_init(ControlPlane::start);
        let mut delete = plane.kubectl();
        delete.args(["delete", "--ignore-not-found"]);
        delete.args(KINDS.map(|kind| format!("{kind}/{NAME}")));
        succeed(&mut delete);
        succeed(
            plane
                .kubectl()
                .args(["apply", "--server-side"])
                .args(["--validate=strict", "--warnings-as-errors", "-f"])
                .arg(folder().join("install.yaml")),
        );
        let token = succeed(
            plane
                .kubectl()
                .args(["create", "token", NAME, "--namespace", NAME]),
        );
        let installed = Self {
            plane,
            token: token.trim().to_owned(),
            _alone: alone,
        };
        wait_until("the policy is in force", || {
            let label = json!([{"op": "add", "path": "/metadata/labels/a", "value": "b"}]);
            let output = installed.patch(KINDS[0], &label, &["--dry-run=server"]);
            (!output.status.success()).then_some(())
        });
        installed
    }

    /// `kubectl` with the account's token.
    fn kubectl(&self) -> Command {
        let mut command = self.plane.kubectl();
        command.arg(format!("--token={}", self.token));
        command
    }

    fn patch(&self, kind: &str, patch: &Value, flags: &[&str]) -> Output {
        let patch = patch.to_string();
        let arguments = ["patch", kind, NAME, "--type=json", "--patch", &patch];
        run(self.kubectl().args(arguments).args(flags))
    }

    fn get(&self, kind: &str) -> Value {
        let output = succeed(self.kubectl().args(["get", kind, NAME, "--output=json"]));
        serde_json::from_str(&output).unwrap()
    }
}

#[track_caller]
fn succeed(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

fn replace(path: &str, value: &Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

fn add(path: &str, value: &Value) -> Value {
    json!([{"op": "add", "path": path, "value": value}])
}

/// Every field but `caBundle`, and the list itself.
fn forbidden() -> Vec<(&'static str, Value)> {
    let another = "https://attacker.example.com/mutate";
    let selector = json!({"matchLabels": {"a": "b"}});
    let wide = json!({"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]});
    let condition = json!([{"name": "never", "expression": "false"}]);
    let owner = json!([{"apiVersion": "v1", "kind": "Namespace", "name": "default", "uid": "1"}]);
    let bundle_and_more = json!([
        {"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "bm9uZQ=="},
        {"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Fail"},
    ]);
    vec![
        (
            "webhook",
            add("/webhooks/0/rules/0/resources/-", &json!("pods")),
        ),
        ("webhook", add("/webhooks/0/rules/-", &wide)),
        ("webhook", replace("/webhooks/0/rules", &json!([wide]))),
        (
            "webhook",
            replace("/webhooks/0/failurePolicy", &json!("Fail")),
        ),
        ("webhook", replace("/webhooks/0/timeoutSeconds", &json!(30))),
        (
            "webhook",
            replace("/webhooks/0/sideEffects", &json!("NoneOnDryRun")),
        ),
        (
            "webhook",
            replace("/webhooks/0/matchPolicy", &json!("Exact")),
        ),
        (
            "webhook",
            replace(
                "/webhooks/0/admissionReviewVersions",
                &json!(["v1", "v1beta1"]),
            ),
        ),
        ("webhook", add("/webhooks/0/namespaceSelector", &selector)),
        ("webhook", add("/webhooks/0/objectSelector", &selector)),
        ("webhook", add("/webhooks/0/matchConditions", &condition)),
        ("webhook", bundle_and_more),
        (
            "called",
            replace("/webhooks/0/clientConfig", &json!({"url": another})),
        ),
        (
            "called",
            replace("/webhooks/0/clientConfig/service/name", &json!("other")),
        ),
        (
            "called",
            replace(
                "/webhooks/0/clientConfig/service/namespace",
                &json!("other"),
            ),
        ),
        (
            "called",
            replace("/webhooks/0/clientConfig/service/port", &json!(444)),
        ),
        (
            "called",
            replace("/webhooks/0/clientConfig/service/path", &json!("/other")),
        ),
        (
            "renames",
            replace("/webhooks/0/name", &json!("other.wfe-webhook.kubernaut.ai")),
        ),
        ("renames", json!([{"op": "remove", "path": "/webhooks/0"}])),
        ("renames", json!([{"op": "remove", "path": "/webhooks"}])),
        (
            "renames",
            json!([
                {"op": "copy", "from": "/webhooks/0", "path": "/webhooks/-"},
                {"op": "replace", "path": "/webhooks/1/name", "value": "other.wfe-webhook.kubernaut.ai"},
            ]),
        ),
        ("metadata", add("/metadata/labels/a", &json!("b"))),
        (
            "metadata",
            json!([{"op": "remove", "path": "/metadata/labels"}]),
        ),
        ("metadata", add("/metadata/annotations", &json!({"a": "b"}))),
        (
            "metadata",
            add("/metadata/finalizers", &json!(["a.example.com/b"])),
        ),
        ("metadata", add("/metadata/ownerReferences", &owner)),
    ]
}

#[test]
fn the_token_changes_bundles_and_nothing_else() {
    let installed = Installed::new();
    for kind in KINDS {
        let bundle = "/webhooks/0/clientConfig/caBundle";
        for allowed in [
            add(bundle, &json!("b25l")),
            replace(bundle, &json!("dHdv")),
            json!([{"op": "remove", "path": bundle}]),
        ] {
            let output = installed.patch(kind, &allowed, &[]);
            assert!(output.status.success(), "{allowed}: {}", stderr(&output));
        }
        let before = installed.get(kind);
        let reinvocation = replace("/webhooks/0/reinvocationPolicy", &json!("Never"));
        let mut forbidden = forbidden();
        if kind == KINDS[0] {
            forbidden.push(("webhook", reinvocation));
        }
        for (words, patch) in forbidden {
            let output = installed.patch(kind, &patch, &[]);
            let message = stderr(&output);
            assert!(!output.status.success(), "{kind} {patch}");
            assert!(
                message.contains("may change nothing but caBundle") && message.contains(words),
                "{kind} {patch}: {message}"
            );
        }
        assert_eq!(installed.get(kind), before);
    }
}

#[test]
fn webhooks_are_not_moved() {
    let installed = Installed::new();
    for kind in KINDS {
        let two = json!([
            {"op": "copy", "from": "/webhooks/0", "path": "/webhooks/-"},
            {"op": "replace", "path": "/webhooks/1/name", "value": "other.wfe-webhook.kubernaut.ai"},
        ]);
        let two = two.to_string();
        succeed(installed.plane.kubectl().args([
            "patch",
            kind,
            NAME,
            "--type=json",
            "--patch",
            &two,
        ]));
        let moved = json!([{"op": "move", "from": "/webhooks/1", "path": "/webhooks/0"}]);
        let output = installed.patch(kind, &moved, &[]);
        assert!(
            stderr(&output).contains("moves webhooks"),
            "{}",
            stderr(&output)
        );
        let both = json!([
            {"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "b25l"},
            {"op": "add", "path": "/webhooks/1/clientConfig/caBundle", "value": "b25l"},
        ]);
        let output = installed.patch(kind, &both, &[]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
}

/// The policy holds whatever else the account may do.
#[test]
fn with_every_right_the_account_neither_creates_nor_deletes() {
    let installed = Installed::new();
    for manifest in [
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "all-of-webhook-configurations"},
            "rules": [{
                "apiGroups": ["admissionregistration.k8s.io"],
                "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
                "verbs": ["*"],
            }],
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "all-of-webhook-configurations"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "all-of-webhook-configurations"},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAME}],
        }),
    ] {
        installed.plane.apply(&manifest.to_string());
    }
    let refused = |command: &mut Command| {
        let output = run(command);
        let message = stderr(&output);
        let words = "may neither create nor delete webhook configurations";
        // The roles take effect a moment later.
        message.contains(words).then_some(())
    };
    for kind in KINDS {
        wait_until("a refusal of the deletion", || {
            refused(installed.kubectl().args(["delete", kind, NAME]))
        });
        let mut other = installed.get(kind);
        other["metadata"] = json!({"name": "other"});
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.json");
        std::fs::write(&file, other.to_string()).unwrap();
        wait_until("a refusal of the creation", || {
            refused(installed.kubectl().args(["create", "-f"]).arg(&file))
        });
    }
}
