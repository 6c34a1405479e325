//! What a test plays in: a namespace, a webhook server, and webhook configurations that select this namespace alone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::control_plane::guarded::wait_until;
use crate::control_plane::webhook_server::WebhookServer;
use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::object::{Group, Object};
use crate::samples::sum;

/// The server under test, without its command.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_wfe-webhook");

pub const CRDS: [&str; 2] = [
    include_str!("../fixtures/crd-workflowexecution.kubernaut.ai.yaml"),
    include_str!("../fixtures/crd-kubernaut.ai.yaml"),
];

/// A namespace on the shared control plane and, mostly, a webhook server that is registered for it.
pub struct Scene {
    pub plane: &'static ControlPlane,
    pub namespace: String,
    pub server: WebhookServer,
}

impl Scene {
    /// The scene of all tests that are content with default settings; they keep apart by the names of their objects.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Scene> = OnceCell::const_new();
        SHARED.get_or_init(|| Self::new("shared")).await
    }

    /// A namespace with a server that is not registered yet.
    pub fn unregistered(namespace: &str, serve: &[&str]) -> Self {
        Self::unregistered_on(plane_with_crds(), namespace, serve)
    }

    /// The same, on a control plane of one's own.
    pub fn unregistered_on(plane: &'static ControlPlane, namespace: &str, serve: &[&str]) -> Self {
        Self::unregistered_with(plane, namespace, &serve_command(), serve)
    }

    /// A namespace with a registered server, whose client for the API server has this kubeconfig.
    pub async fn with_kubeconfig(namespace: &str, kubeconfig: &Path, serve: &[&str]) -> Self {
        let mut program = serve_command();
        program.env("KUBECONFIG", kubeconfig);
        let scene = Self::unregistered_with(plane_with_crds(), namespace, &program, serve);
        scene.register(&[]).await;
        scene
    }

    fn unregistered_with(
        plane: &'static ControlPlane,
        namespace: &str,
        program: &Command,
        serve: &[&str],
    ) -> Self {
        plane.apply(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n"
        ));
        Self {
            plane,
            namespace: namespace.to_owned(),
            server: WebhookServer::start(program, serve),
        }
    }

    /// A namespace with a server that is registered by URL, serving with default settings.
    pub async fn new(namespace: &str) -> Self {
        Self::with(namespace, &[]).await
    }

    /// As [`Scene::new`], with arguments for `serve`.
    pub async fn with(namespace: &str, serve: &[&str]) -> Self {
        let scene = Self::unregistered(namespace, serve);
        let vocabulary = serve.iter().position(|flag| *flag == "--vocabulary");
        let flags = vocabulary.map_or(&[][..], |at| &serve[at..at + 2]);
        scene.register(flags).await;
        scene
    }

    /// Registers the server by URL with what `generate registration` prints, and waits until both webhooks are called.
    /// `arguments` are further ones for that command.
    pub async fn register(&self, arguments: &[&str]) {
        let url = format!("https://localhost:{}", self.server.port());
        let mut all = vec!["--url", &url];
        all.extend(arguments);
        self.register_as(&all).await;
    }

    /// Registers the server with these arguments, and waits until both webhooks are called.
    pub async fn register_as(&self, arguments: &[&str]) {
        // A loaded machine may be slow; under Ignore a call that takes too long would be no error, but a missing condition.
        let mut all = vec!["--mutate-timeout", "30", "--validate-timeout", "30"];
        all.extend(arguments);
        for configuration in generate_registration(&self.server.ca(), &all) {
            self.apply_configuration(configuration);
        }
        self.wait_for_calls().await;
    }

    /// Kills the server, as a crash does.
    pub fn stop_server(&mut self) {
        let process = self.server.process();
        process.signal("KILL");
        process.wait();
    }

    /// Starts a new server in place of a stopped one and registers it.
    pub async fn restart_server(&mut self, arguments: &[&str]) {
        self.server = WebhookServer::start(&serve_command(), &[]);
        self.register(arguments).await;
    }

    /// Applies a webhook configuration for this namespace alone, under names of its own.
    pub fn apply_configuration(&self, mut configuration: Value) {
        let name = configuration["metadata"]["name"].as_str().unwrap();
        configuration["metadata"]["name"] = json!(format!("{name}-{}", self.namespace));
        for webhook in configuration["webhooks"].as_array_mut().unwrap() {
            webhook["name"] = json!(self.webhook_name(webhook["name"].as_str().unwrap()));
            webhook["namespaceSelector"] =
                json!({"matchLabels": {"kubernetes.io/metadata.name": self.namespace}});
        }
        self.plane.apply(&configuration.to_string());
    }

    /// The name under which a webhook of `generate registration` is registered in this scene.
    pub fn webhook_name(&self, generated: &str) -> String {
        format!("{}.{generated}", self.namespace)
    }

    /// Waits until the API server calls both webhooks, by a dry-run write that stores nothing. Under any vocabulary its
    /// conditions are incomplete.
    pub async fn wait_for_calls(&self) {
        let name = format!("sentinel-{}", self.server.port());
        let sentinel = self.create(Group::Tekton, &name).await;
        let incomplete =
            json!({"status": {"phase": "Running", "startTime": "2026-11-20T10:00:00Z"}});
        wait_until("a call of both webhooks", || {
            let output = run(sentinel
                .kubectl_patch("merge", &incomplete.to_string())
                .arg("--dry-run=server"));
            assert!(output.status.success(), "{}", stderr(&output));
            ["mutate", "validate"]
                .iter()
                .all(|webhook| self.called(webhook, true) > 0)
                .then_some(())
        });
    }

    /// Creates a `WorkflowExecution` without a status.
    pub async fn create(&self, group: Group, name: &str) -> Object {
        Object::create(self.plane, &self.namespace, group, name).await
    }

    /// The server's own metrics, as text.
    pub fn metrics(&self) -> String {
        http_get(self.server.admin(), "/metrics").expect("the server answers")
    }

    /// How many reviews the server has answered, whatever the outcome.
    pub fn called(&self, webhook: &str, dry_run: bool) -> u64 {
        let dry_run = dry_run.to_string();
        let labels = [("webhook", webhook), ("dry_run", dry_run.as_str())];
        sum(
            &self.metrics(),
            "wfe_webhook_admission_requests_total",
            &labels,
        )
    }

    /// How many reviews the server has answered so.
    pub fn answered(&self, webhook: &str, outcome: &str, dry_run: bool) -> u64 {
        let dry_run = dry_run.to_string();
        sum(
            &self.metrics(),
            "wfe_webhook_admission_requests_total",
            &[
                ("webhook", webhook),
                ("outcome", outcome),
                ("dry_run", &dry_run),
            ],
        )
    }

    /// `kubectl` in this namespace, as the administrator.
    pub fn kubectl(&self) -> Command {
        let mut command = self.plane.kubectl();
        command.args(["--namespace", &self.namespace]);
        command
    }

    /// Lets a user read and write `WorkflowExecution` in this namespace.
    pub fn grant(&self, user: &str) {
        self.plane.apply(
            &json!({
                "apiVersion": "v1",
                "kind": "List",
                "items": [
                    {
                        "apiVersion": "rbac.authorization.k8s.io/v1",
                        "kind": "Role",
                        "metadata": {"name": user, "namespace": self.namespace},
                        "rules": [{
                            "apiGroups": ["workflowexecution.kubernaut.ai", "kubernaut.ai"],
                            "resources": ["workflowexecutions", "workflowexecutions/status"],
                            "verbs": ["*"],
                        }],
                    },
                    {
                        "apiVersion": "rbac.authorization.k8s.io/v1",
                        "kind": "RoleBinding",
                        "metadata": {"name": user, "namespace": self.namespace},
                        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": user},
                        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
                    },
                ],
            })
            .to_string(),
        );
    }
}

fn serve_command() -> Command {
    let mut program = Command::new(PROGRAM);
    program.arg("serve");
    program
}

/// The shared control plane, with the CRDs of both groups served.
pub fn plane_with_crds() -> &'static ControlPlane {
    static PLANE: OnceLock<&'static ControlPlane> = OnceLock::new();
    PLANE.get_or_init(|| {
        let plane = ControlPlane::shared();
        plane.establish(&CRDS.join("---\n"));
        plane
    })
}

/// Both webhook configurations as `wfe-webhook generate registration` prints them.
pub fn generate_registration(ca: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = run(Command::new(PROGRAM)
        .args(["generate", "registration", "--ca"])
        .arg(ca)
        .args(arguments));
    assert!(
        output.status.success(),
        "generate registration: {}",
        stderr(&output)
    );
    serde_saphyr::from_multiple(&stdout(&output)).expect("YAML documents")
}

/// The body of a plain HTTP answer, if it is 200. By HTTP/1.0: no chunks, no connection to keep.
pub fn http_get(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    (head.split_whitespace().nth(1) == Some("200")).then(|| body.to_owned())
}

/// Asserts that a command ended well and gives what it printed on stdout.
pub fn succeed(command: &mut Command) -> String {
    let output = run(command);
    assert!(
        output.status.success(),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    stdout(&output)
}

/// Asserts that a command failed and gives what it printed on stderr.
pub fn fail(command: &mut Command) -> String {
    let output: Output = run(command);
    assert!(
        !output.status.success(),
        "did not fail: {}",
        stdout(&output)
    );
    stderr(&output)
}
