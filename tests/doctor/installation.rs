//! A server, registered by a Service that leads to this machine, and an object to try writes with.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Value, json};

use crate::control_plane::guarded::PATIENCE;
use crate::control_plane::webhook_server::WebhookServer;
use crate::control_plane::{ADMIN, ControlPlane, run, stderr, stdout};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_wfe-webhook");
pub const NAMESPACE: &str = "doctor";
/// The name that the API server calls.
pub const HOST: &str = "hook.doctor.svc";
pub const CONFIGURATION: &str = "wfe-webhook";

const CRDS: [&str; 2] = [
    include_str!("../fixtures/crd-workflowexecution.kubernaut.ai.yaml"),
    include_str!("../fixtures/crd-kubernaut.ai.yaml"),
];

pub struct Installation {
    pub plane: &'static ControlPlane,
    pub server: WebhookServer,
    /// What was applied of them, as kubectl names it.
    policies: RefCell<Vec<String>>,
    _alone: MutexGuard<'static, ()>,
}

impl Installation {
    /// A server that is right, with its certificate for [`HOST`]; nothing is registered.
    pub fn new() -> Self {
        Self::serving(&["--tls-name", HOST])
    }

    /// A server with these arguments.
    pub fn serving(arguments: &[&str]) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        // A test that failed in its turn has cleaned up all the same.
        let alone = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let plane = plane();
        unregister(plane);
        let mut program = Command::new(PROGRAM);
        program.arg("serve");
        Self {
            plane,
            server: WebhookServer::start(&program, arguments),
            policies: RefCell::default(),
            _alone: alone,
        }
    }

    /// Registers the server by the Service, trusted by `ca`, with both configurations changed.
    pub fn register(&self, ca: &Path, arguments: &[&str], change: impl Fn(&mut Value)) {
        self.plane.apply(
            &json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "hook", "namespace": NAMESPACE},
                "spec": {"type": "ExternalName", "externalName": "localhost"},
            })
            .to_string(),
        );
        let service = format!("{NAMESPACE}/hook:{}", self.server.port());
        self.register_as(ca, &[&["--service", &service], arguments].concat(), change);
    }

    /// Registers with what `generate registration` prints for these arguments, changed.
    pub fn register_as(&self, ca: &Path, arguments: &[&str], change: impl Fn(&mut Value)) {
        let output = run(Command::new(PROGRAM)
            .args(["generate", "registration", "--ca"])
            .arg(ca)
            // A loaded machine may be slow, and this is the most that is no warning.
            .args(["--mutate-timeout", "10", "--validate-timeout", "10"])
            .args(arguments));
        assert!(output.status.success(), "{}", stderr(&output));
        let documents: Vec<Value> = serde_saphyr::from_multiple(&stdout(&output)).unwrap();
        for mut configuration in documents {
            change(&mut configuration["webhooks"][0]);
            self.plane.apply(&configuration.to_string());
        }
    }

    /// The same without a change, trusted by the server's own CA.
    pub fn register_well(&self) {
        self.register(&self.server.ca(), &[], |_| ());
    }

    /// Applies what `generate policies` prints for these flags, changed; `change` may make it null, and it is left out.
    pub fn apply_policies(&self, flags: &[&str], change: impl Fn(&mut Value)) {
        let output = run(Command::new(PROGRAM)
            .args(["generate", "policies"])
            .args(flags));
        assert!(output.status.success(), "{}", stderr(&output));
        let documents: Vec<Value> = serde_saphyr::from_multiple(&stdout(&output)).unwrap();
        for mut document in documents {
            change(&mut document);
            if !document.is_null() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let (kind, name) = (&document["kind"], &document["metadata"]["name"]);
                let applied = format!("{}/{}", text(kind), text(name));
                self.policies.borrow_mut().push(applied);
                self.plane.apply(&document.to_string());
            }
        }
    }

    /// The command, asking the server where it listens.
    pub fn doctor(&self) -> Command {
        let mut command = self.doctor_from_afar();
        let address = format!("localhost:{}", self.server.port());
        command.args(["--address", &address]);
        command
    }

    /// The command without an address.
    pub fn doctor_from_afar(&self) -> Command {
        self.doctor_as(ADMIN)
    }

    /// The command without an address, as this user.
    pub fn doctor_as(&self, user: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .arg("doctor")
            .arg("--kubeconfig")
            .arg(self.plane.kubeconfig(user))
            // Tests may run in a pod, and none of these clusters is that pod's.
            .env_remove("KUBERNETES_SERVICE_HOST");
        command
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        unregister(self.plane);
        let policies = self.policies.take();
        if !policies.is_empty() {
            delete(self.plane, &policies);
        }
    }
}

fn unregister(plane: &ControlPlane) {
    let kinds = [
        "mutatingwebhookconfiguration",
        "validatingwebhookconfiguration",
    ];
    delete(plane, &kinds.map(|kind| format!("{kind}/{CONFIGURATION}")));
}

fn delete(plane: &ControlPlane, objects: &[String]) {
    let mut command = plane.kubectl();
    let output = run(command.args(["delete", "--ignore-not-found"]).args(objects));
    assert!(output.status.success(), "{}", stderr(&output));
}

/// The control plane with the CRDs, and one object that runs, written before anything is registered.
fn plane() -> &'static ControlPlane {
    static PLANE: OnceLock<&'static ControlPlane> = OnceLock::new();
    PLANE.get_or_init(|| {
        let plane = ControlPlane::shared();
        plane.apply(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {NAMESPACE}\n"
        ));
        plane.apply(&CRDS.join("---\n"));
        let succeed = |arguments: &[&str]| {
            let output = run(plane.kubectl().args(arguments));
            assert!(output.status.success(), "{}", stderr(&output));
        };
        succeed(&[
            "wait",
            "--for=condition=Established",
            "--timeout=90s",
            "crd",
            "--all",
        ]);
        plane.apply(
            &json!({
                "apiVersion": "kubernaut.ai/v1alpha1",
                "kind": "WorkflowExecution",
                "metadata": {"name": "running", "namespace": NAMESPACE},
                "spec": {"workflowRef": {"workflowId": "restart"}, "targetResource": "payments/deployment/checkout"},
            })
            .to_string(),
        );
        succeed(&[
            "patch",
            "workflowexecutions.kubernaut.ai/running",
            "--namespace",
            NAMESPACE,
            "--subresource=status",
            "--type=merge",
            "--patch",
            r#"{"status": {"phase": "Running", "startTime": "2026-05-01T10:00:00Z", "executionRef": {"name": "wfe-running"}}}"#,
        ]);
        plane
    })
}

/// Runs the command until it prints all these words and ends with this code: what was registered a moment ago is in
/// force a moment later.
#[track_caller]
pub fn expect(command: &mut Command, code: i32, words: &[&str]) -> String {
    let mut last = String::new();
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let output = run(command);
        let text = format!("{}{}", stdout(&output), stderr(&output));
        let there = words.iter().all(|words| text.contains(words));
        if output.status.code() == Some(code) && there {
            return text;
        }
        if last != text {
            last = format!("{:?}\n{text}", output.status.code());
        }
        assert!(
            std::time::Instant::now() < deadline,
            "expected {code} and {words:?}, got {last}"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
