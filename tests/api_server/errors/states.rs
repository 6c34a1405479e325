//! An installation under the names that the pages have: namespace, release, Service and configurations `wfe-webhook`.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::control_plane::guarded::{Guarded, wait_until};
use crate::control_plane::webhook_server::WebhookServer;
use crate::control_plane::{ADMIN, ControlPlane, binary, run, stderr};
use crate::samples::sum;
use crate::scene::{CRDS, PROGRAM, generate_registration, http_get, succeed};

const INSTALL: &str = include_str!("../../../deploy/install.yaml");

/// The name by which API servers call the Service.
pub const HOST: &str = "wfe-webhook.wfe-webhook.svc";
/// Of the object that is written, on the page `NAMESPACE` and `NAME`.
pub const NAMESPACE: &str = "shop";
pub const NAME: &str = "checkout-2";
pub const OBJECT: &str = "workflowexecutions.v1alpha1.kubernaut.ai/checkout-2";

/// A control plane of its own, a server, and what is registered.
pub struct Stage {
    pub plane: ControlPlane,
    pub server: Option<WebhookServer>,
    /// Programs that run until the trouble is over.
    pub beside: Vec<Guarded>,
    folder: TempDir,
}

impl Stage {
    /// Everything of `deploy/install.yaml` is there, no pod runs, and nothing is registered.
    pub fn new(flags: &[&str]) -> Self {
        let plane = ControlPlane::start_with(flags);
        plane.apply(&CRDS.join("---\n"));
        plane.apply(INSTALL);
        let folder = tempfile::tempdir().unwrap();
        for (name, program) in [
            ("kubectl", binary("kubectl")),
            ("wfe-webhook", PROGRAM.into()),
        ] {
            std::os::unix::fs::symlink(program, folder.path().join(name)).unwrap();
        }
        let stage = Self {
            plane,
            server: None,
            beside: Vec::new(),
            folder,
        };
        succeed(
            stage
                .plane
                .kubectl()
                .args(["wait", "crd", "--all"])
                .args(["--for=condition=Established", "--timeout=90s"]),
        );
        succeed(
            stage
                .plane
                .kubectl()
                .args(["create", "namespace", NAMESPACE]),
        );
        stage.clear_cluster();
        stage
    }

    /// A Service that leads to this machine: without a cluster's network an API server reaches no `ClusterIP`.
    pub fn lead_service_here(&self) {
        let service = |verb: &str| {
            let mut command = self.plane.kubectl();
            command.args([verb, "service", "wfe-webhook", "--namespace=wfe-webhook"]);
            command
        };
        let kind = succeed(service("get").args(["--output", "jsonpath={.spec.type}"]));
        if kind == "ExternalName" {
            return;
        }
        succeed(&mut service("delete"));
        self.plane.apply(
            &json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "wfe-webhook", "namespace": "wfe-webhook"},
                "spec": {"type": "ExternalName", "externalName": "localhost"},
            })
            .to_string(),
        );
    }

    /// Starts the server, whose certificate is for these names.
    pub fn serve(&mut self, arguments: &[&str]) {
        let mut program = Command::new(PROGRAM);
        program.arg("serve");
        self.serve_by(&program, arguments);
    }

    /// The same by another command.
    pub fn serve_by(&mut self, program: &Command, arguments: &[&str]) {
        self.server = Some(WebhookServer::start(program, arguments));
    }

    pub fn server(&mut self) -> &mut WebhookServer {
        self.server.as_mut().expect("a server")
    }

    /// Registers the server by the Service under `Fail`, trusting `ca`.
    pub fn register(&self, ca: &Path, arguments: &[&str]) {
        let port = self.server.as_ref().expect("a server").port();
        let service = format!("wfe-webhook/wfe-webhook:{port}");
        self.register_as(ca, &[&["--service", &service], arguments].concat());
    }

    /// Registers what these arguments name under `Fail`.
    pub fn register_as(&self, ca: &Path, arguments: &[&str]) {
        let arguments = [&["--failure-policy", "Fail"], arguments].concat();
        for configuration in generate_registration(ca, &arguments) {
            self.plane.apply(&configuration.to_string());
        }
    }

    /// A server that is called and answers well.
    pub fn well(&mut self, arguments: &[&str]) {
        self.well_within(
            &["--mutate-timeout", "1", "--validate-timeout", "2"],
            arguments,
        );
    }

    /// The same with these timeouts.
    pub fn well_within(&mut self, timeouts: &[&str], arguments: &[&str]) {
        self.lead_service_here();
        self.serve(&[&["--tls-name", HOST], arguments].concat());
        let ca = self.server().ca();
        self.register(&ca, timeouts);
        wait_until("a call of the validating webhook", || {
            // On a busy machine a call may be too late.
            run(&mut self.write()).status.success().then_some(())?;
            let metrics = http_get(self.server().admin(), "/metrics")?;
            let calls = sum(
                &metrics,
                "wfe_webhook_admission_requests_total",
                &[("webhook", "validate"), ("outcome", "allowed")],
            );
            (calls > 0).then_some(())
        });
    }

    /// Changes where the validating configuration leads.
    pub fn change_client(&self, field: &str, value: &Value) {
        let path = format!("/webhooks/0/clientConfig/{field}");
        let change = json!([{"op": "replace", "path": path, "value": value}]).to_string();
        let mut command = self.plane.kubectl();
        command.args(["patch", "validatingwebhookconfiguration", "wfe-webhook"]);
        succeed(command.args(["--type=json", "--patch", &change]));
    }

    /// `kubectl` in the namespace of the object.
    pub fn kubectl(&self) -> Command {
        let mut command = self.plane.kubectl();
        command.args(["--namespace", NAMESPACE]);
        command
    }

    /// A write of the status. Each changes something that a rule reads: for others no webhook is called.
    pub fn write(&self) -> Command {
        static WRITES: AtomicU32 = AtomicU32::new(0);
        let number = WRITES.fetch_add(1, Ordering::Relaxed) % 3600;
        let start = format!("2026-11-20T10:{:02}:{:02}Z", number / 60, number % 60);
        let status = json!({"status": {"phase": "Running", "startTime": start}});
        let mut command = self.kubectl();
        command.args(["patch", OBJECT, "--subresource=status", "--type=merge"]);
        command.args(["--patch", &status.to_string()]);
        command
    }

    /// What kubectl says of a write once it is refused: API servers see changes a little later.
    pub fn refusal(&self) -> String {
        wait_until("a refusal", || {
            let output = run(&mut self.write());
            (!output.status.success()).then(|| stderr(&output))
        })
    }

    /// Writes pass.
    pub fn writes_pass(&self) {
        wait_until("a write that passes", || {
            run(&mut self.write()).status.success().then_some(())
        });
    }

    /// Runs a command of a page, in a folder of its own.
    pub fn shell(&self, command: &str) -> Output {
        let command = command
            .replace("NAMESPACE", NAMESPACE)
            .replace("NAME", NAME);
        let path = std::env::var("PATH").unwrap_or_default();
        run(Command::new("bash")
            .args(["-o", "pipefail", "-c", &command])
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .env("KUBECONFIG", self.plane.kubeconfig(ADMIN))
            .env("HOME", self.folder.path()))
    }

    /// A file beside what [`Stage::shell`] runs.
    pub fn file(&self, name: &str, text: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Nothing runs, nothing is registered, and the object is new.
    pub fn clear(&mut self) {
        self.server = None;
        self.beside.clear();
        self.clear_cluster();
    }

    fn clear_cluster(&self) {
        let mut delete = self.plane.kubectl();
        delete.args([
            "delete",
            "mutatingwebhookconfiguration,validatingwebhookconfiguration",
        ]);
        succeed(delete.args(["wfe-webhook", "--ignore-not-found"]));
        self.without_aggregated();
        succeed(
            self.kubectl()
                .args(["delete", OBJECT, "--ignore-not-found"]),
        );
        self.create_object();
    }

    /// The aggregated API of some troubles is gone.
    pub fn without_aggregated(&self) {
        let mut delete = self.plane.kubectl();
        succeed(delete.args([
            "delete",
            "apiservice",
            "v1.away.example.com",
            "--ignore-not-found",
        ]));
    }

    fn create_object(&self) {
        self.plane.apply(
            &json!({
                "apiVersion": "kubernaut.ai/v1alpha1",
                "kind": "WorkflowExecution",
                "metadata": {"name": NAME, "namespace": NAMESPACE},
                "spec": {"workflowRef": {"workflowId": "restart-pod"}, "targetResource": "shop/Deployment/cart"},
            })
            .to_string(),
        );
    }
}
