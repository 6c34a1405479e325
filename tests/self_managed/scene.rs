//! A namespace with a Service, both webhook configurations without a `caBundle`, and the rights that are shipped.

use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::balancer;
use crate::control_plane::guarded::wait_until;
use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::probe;
use crate::replica::Replica;

const CRD: &str = include_str!("../fixtures/crd-workflowexecution.kubernaut.ai.yaml");
const SHIPPED: &str = include_str!("../../deploy/install.yaml");

/// The user of the replicas, without any rights but those of the shipped roles.
pub const USER: &str = "controller";
pub const SECRET: &str = "hook-ca";

/// Short enough to see a rotation, long enough for a loaded machine: a third of a certificate's life is 6 s.
pub const LIFETIMES: [&str; 4] = [
    "--ca-lifetime=60s",
    "--leaf-lifetime=20s",
    "--sync-interval=300ms",
    "--trust-delay=1s",
];

/// The mutating and the validating configuration, as kubectl calls them.
const KINDS: [&str; 2] = [
    "mutatingwebhookconfiguration",
    "validatingwebhookconfiguration",
];

/// The shipped objects of a group whose kinds begin so.
fn shipped(group: &str, kind: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_saphyr::from_multiple(SHIPPED).unwrap();
    let is_one = |object: &Value| {
        object["apiVersion"] == group && object["kind"].as_str().unwrap().starts_with(kind)
    };
    all.into_iter().filter(is_one).collect()
}

pub struct Scene {
    pub plane: &'static ControlPlane,
    pub namespace: String,
    pub replicas: Vec<Replica>,
    listener: Option<TcpListener>,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Scene {
    /// Nothing runs yet; the configurations lead to a port that a balancer will serve. It waits for its turn.
    pub fn new(namespace: &str) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let alone = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self::prepare(namespace, plane(), Some(alone))
    }

    /// The same beside all others.
    pub fn beside_others(namespace: &str) -> Self {
        Self::prepare(namespace, plane(), None)
    }

    /// The same with a control plane of its own, which no other test uses.
    pub fn apart(namespace: &str) -> Self {
        static PLANE: OnceLock<ControlPlane> = OnceLock::new();
        let plane = PLANE.get_or_init(ControlPlane::start);
        plane.establish(CRD);
        Self::prepare(namespace, plane, None)
    }

    fn prepare(
        namespace: &str,
        plane: &'static ControlPlane,
        alone: Option<MutexGuard<'static, ()>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scene = Self {
            plane,
            namespace: namespace.to_owned(),
            replicas: Vec::new(),
            listener: Some(listener),
            _alone: alone,
        };
        plane.apply(
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
                .to_string(),
        );
        plane.apply(
            &json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "hook", "namespace": namespace},
                "spec": {"type": "ExternalName", "externalName": "localhost"},
            })
            .to_string(),
        );
        scene.register();
        scene
    }

    fn register(&self) {
        for configuration in self.manifests() {
            self.plane.apply(&configuration.to_string());
        }
    }

    /// Deletes both configurations.
    pub fn unregister(&self) {
        for kind in KINDS {
            let output = run(self.kubectl().args(["delete", kind, &self.namespace]));
            assert!(output.status.success(), "{}", stderr(&output));
        }
    }

    /// What `generate registration` prints, for this namespace alone: the mutating and the validating configuration.
    pub fn manifests(&self) -> [Value; 2] {
        let port = self.listener.as_ref().unwrap().local_addr().unwrap().port();
        let service = format!("{}/hook:{port}", self.namespace);
        let output = run(Command::new(env!("CARGO_BIN_EXE_wfe-webhook")).args([
            "generate",
            "registration",
            "--service",
            &service,
            "--failure-policy=Fail",
            "--mutate-timeout=30",
            "--validate-timeout=30",
        ]));
        assert!(output.status.success(), "{}", stderr(&output));
        let mut configurations: Vec<Value> = serde_saphyr::from_multiple(&stdout(&output)).unwrap();
        for configuration in &mut configurations {
            configuration["metadata"]["name"] = json!(self.namespace);
            let webhook = &mut configuration["webhooks"][0];
            let name = webhook["name"].as_str().unwrap();
            webhook["name"] = json!(format!("{}.{name}", self.namespace));
            webhook["namespaceSelector"] =
                json!({"matchLabels": {"kubernetes.io/metadata.name": self.namespace}});
        }
        configurations.try_into().unwrap()
    }

    /// Gives the shipped rights to [`USER`], for the names of this scene, and limits that user by the shipped policy.
    pub fn grant(&self) {
        let account = "system:serviceaccount:wfe-webhook:wfe-webhook";
        let policy = shipped(
            "admissionregistration.k8s.io/v1",
            "ValidatingAdmissionPolicy",
        );
        let text = policy.iter().map(Value::to_string).collect::<Vec<_>>();
        assert!(text.concat().contains(account));
        for document in text {
            self.plane.apply(&document.replace(account, USER));
        }
        let rights = shipped("rbac.authorization.k8s.io/v1", "");
        assert_eq!(rights.len(), 4);
        for mut document in rights {
            let name = document["metadata"]["name"].as_str().unwrap();
            document["metadata"]["name"] = json!(format!("{name}-{}", self.namespace));
            if document["metadata"].get("namespace").is_some() {
                document["metadata"]["namespace"] = json!(self.namespace);
            }
            let rules = document.get_mut("rules").and_then(Value::as_array_mut);
            for rule in rules.into_iter().flatten() {
                let Some(names) = rule.get_mut("resourceNames") else {
                    continue;
                };
                *names = match names[0].as_str().unwrap() {
                    "wfe-webhook-ca" => json!([SECRET]),
                    "wfe-webhook" => json!([self.namespace]),
                    other => panic!("rights for {other}"),
                };
            }
            if document.get("roleRef").is_some() {
                let role = document["roleRef"]["name"].as_str().unwrap();
                document["roleRef"]["name"] = json!(format!("{role}-{}", self.namespace));
                document["subjects"] = json!([{
                    "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": USER,
                }]);
            }
            self.plane.apply(&document.to_string());
        }
    }

    /// Starts one more replica.
    pub fn start_replica(&mut self, arguments: &[&str]) {
        self.start_replica_in(&[], arguments);
    }

    /// The same, in an environment of its own.
    pub fn start_replica_in(&mut self, environment: &[(&str, String)], arguments: &[&str]) {
        let service = format!("--service={}/hook", self.namespace);
        let configuration = format!("--webhook-configuration={}", self.namespace);
        let secret = format!("--secret={SECRET}");
        let all: Vec<String> = [service.as_str(), &configuration, &secret]
            .into_iter()
            .chain(arguments.iter().copied())
            .map(str::to_owned)
            .collect();
        self.replicas
            .push(Replica::start(self.plane, USER, &all, environment));
    }

    /// Three replicas at once, all ready, behind one port.
    pub fn with_three_replicas(namespace: &str, arguments: &[&str]) -> Self {
        let mut scene = Self::new(namespace);
        scene.start_three_replicas(&[], arguments);
        scene
    }

    /// Starts three replicas at once with the shipped rights, waits until all are ready, and lets the port of the
    /// configurations lead to them.
    pub fn start_three_replicas(&mut self, environment: &[(&str, String)], arguments: &[&str]) {
        self.grant();
        for _ in 0..3 {
            self.start_replica_in(environment, arguments);
        }
        for replica in &self.replicas {
            replica.wait_until_ready();
        }
        self.balance();
    }

    fn balance(&mut self) {
        let backends = self
            .replicas
            .iter()
            .map(|replica| (replica.webhook, replica.admin))
            .collect();
        balancer::start(self.listener.take().unwrap(), backends);
    }

    /// `kubectl` in this namespace, as the administrator.
    pub fn kubectl(&self) -> Command {
        let mut command = self.plane.kubectl();
        command.args(["--namespace", &self.namespace]);
        command
    }

    fn get(&self, kind: &str, name: &str) -> Option<Value> {
        let output =
            run(self
                .kubectl()
                .args(["get", kind, name, "--output=json", "--show-managed-fields"]));
        output
            .status
            .success()
            .then(|| serde_json::from_str(&stdout(&output)).unwrap())
    }

    /// Both webhook configurations.
    pub fn configurations(&self) -> [Value; 2] {
        KINDS.map(|kind| self.get(kind, &self.namespace).unwrap())
    }

    /// The first bundle of either kind, as PEM text.
    pub fn bundles(&self) -> [String; 2] {
        self.configurations()
            .map(|configuration| bundle(&configuration["webhooks"][0]))
    }

    /// The bundle of every webhook.
    pub fn all_bundles(&self) -> Vec<String> {
        let webhooks = |configuration: Value| -> Vec<String> {
            let webhooks = configuration["webhooks"].as_array().unwrap();
            webhooks.iter().map(bundle).collect()
        };
        self.configurations()
            .into_iter()
            .flat_map(webhooks)
            .collect()
    }

    /// A key of the Secret, empty where there is none.
    pub fn secret(&self, key: &str) -> String {
        self.secret_object()
            .map(|secret| decode(&secret["data"][key]))
            .unwrap_or_default()
    }

    /// The Secret, if it is there.
    pub fn secret_object(&self) -> Option<Value> {
        self.get("secret", SECRET)
    }

    /// Changes the `caBundle` of the configuration of one kind as another client would.
    pub fn overwrite_bundle(&self, kind: usize, pem: &str) {
        let patch = json!([{
            "op": "add",
            "path": "/webhooks/0/clientConfig/caBundle",
            "value": STANDARD.encode(pem),
        }]);
        let output = run(self.kubectl().args([
            "patch",
            KINDS[kind],
            &self.namespace,
            "--type=json",
            "-p",
            &patch.to_string(),
        ]));
        assert!(output.status.success(), "{}", stderr(&output));
    }

    /// Applies a JSON patch to the configuration of one kind, as `user`.
    pub fn patch_as(&self, user: &str, kind: usize, patch: &Value) -> Output {
        let patch = patch.to_string();
        let mut kubectl = self.plane.kubectl_as(user);
        kubectl.args([
            "patch",
            KINDS[kind],
            &self.namespace,
            "--type=json",
            "-p",
            &patch,
        ]);
        run(&mut kubectl)
    }

    /// The name by which an API server calls the replicas.
    pub fn server_name(&self) -> String {
        format!("hook.{}.svc", self.namespace)
    }

    /// Asserts that both bundles trust what this replica serves, and gives its certificate.
    pub fn assert_trusted(&self, replica: &Replica) -> Vec<u8> {
        let name = self.server_name();
        let mut bundles = self.bundles();
        loop {
            let [first, second] = bundles
                .each_ref()
                .map(|bundle| probe::call(replica.webhook, &name, bundle));
            let error = match first.and(second) {
                Ok(certificate) => return certificate,
                Err(error) => error,
            };
            // Between the look at the bundles and the call they may have changed, and only then.
            let now = self.bundles();
            assert_ne!(now, bundles, "{error}\n{}", replica.process.log());
            bundles = now;
        }
    }

    /// Waits until both bundles are as wanted.
    pub fn wait_for_bundles(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        wait_until(what, || {
            self.bundles()
                .iter()
                .all(|bundle| wanted(bundle))
                .then_some(())
        });
    }
}

fn bundle(webhook: &Value) -> String {
    decode(&webhook["clientConfig"]["caBundle"])
}

fn decode(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

/// How many certificates a PEM text has.
pub fn certificates(pem: &str) -> usize {
    pem.matches("BEGIN CERTIFICATE").count()
}

/// The shared control plane with one CRD.
fn plane() -> &'static ControlPlane {
    static PLANE: OnceLock<&'static ControlPlane> = OnceLock::new();
    PLANE.get_or_init(|| {
        let plane = ControlPlane::shared();
        plane.establish(CRD);
        plane
    })
}
