//! A real control plane: etcd and kube-apiserver, with kubectl, all built by `tests/control-plane/build.sh`.
//!
//! Tests of one program share one instance ([`ControlPlane::shared`]) and use different namespaces.

use std::fmt::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::guarded::Guarded;
pub use crate::{guarded, webhook_server};

/// The administrator, in the group `system:masters`.
pub const ADMIN: &str = "admin";
/// Users without any rights of their own, for tests of RBAC and of exempt writers.
pub const ORDINARY_USERS: [&str; 3] = ["controller", "operator", "repairer"];

const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    resources:
      - group: workflowexecution.kubernaut.ai
      - group: kubernaut.ai
  - level: None
";

/// A running control plane; dropping it, or the end of the process, ends it and removes its data.
#[derive(Debug)]
pub struct ControlPlane {
    url: String,
    // Fields drop in this order: the API server goes before the etcd that it talks to.
    api_server: Guarded,
    etcd: Guarded,
}

impl ControlPlane {
    /// The instance that all tests of this binary share; the first caller starts it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<ControlPlane> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts a control plane of its own and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When the binaries are missing and cannot be built, or one of the two does not come up.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with further flags for the API server.
    ///
    /// # Panics
    ///
    /// As [`ControlPlane::start`].
    pub fn start_with(api_server: &[&str]) -> Self {
        // A port that was free a moment ago can be taken by now, so a lost race gets another try.
        for _ in 0..3 {
            if let Some(plane) = Self::try_start(api_server) {
                return plane;
            }
        }
        panic!("etcd or kube-apiserver found its port in use, three times in a row");
    }

    /// None when a port was taken in between.
    fn try_start(flags: &[&str]) -> Option<Self> {
        let [client_port, peer_port, secure_port] = free_ports();
        let etcd = start_etcd(client_port, peer_port);
        let (api_server, url) = start_api_server(client_port, secure_port, flags);
        let plane = Self {
            url,
            api_server,
            etcd,
        };
        for (program, port) in [(&plane.etcd, client_port), (&plane.api_server, secure_port)] {
            let listening = program.wait_until("it listens", || {
                if program.exit_code().is_some() && program.log().contains("address already in use")
                {
                    return Some(false);
                }
                TcpStream::connect(("127.0.0.1", port)).ok().map(|_| true)
            });
            if !listening {
                return None;
            }
        }
        plane.api_server.wait_until("/readyz", || {
            let output = plane
                .kubectl_as(ADMIN)
                .args(["get", "--raw", "/readyz"])
                .output();
            output.ok().filter(|output| output.status.success())
        });
        Some(plane)
    }

    /// The API server's address, `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The processes of etcd and of kube-apiserver.
    pub fn processes(&self) -> [&Guarded; 2] {
        [&self.etcd, &self.api_server]
    }

    /// The file with the API server's certificate, by which a client trusts it.
    pub fn certificate(&self) -> PathBuf {
        self.api_server.directory().join("serving.crt")
    }

    /// A kubeconfig file for [`ADMIN`] or one of [`ORDINARY_USERS`].
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        self.api_server
            .directory()
            .join(format!("{user}.kubeconfig"))
    }

    /// `kubectl` as the administrator; add arguments and call [`run`].
    pub fn kubectl(&self) -> Command {
        self.kubectl_as(ADMIN)
    }

    /// `kubectl` as `user`.
    pub fn kubectl_as(&self, user: &str) -> Command {
        let mut command = Command::new(binary("kubectl"));
        command
            .env("KUBECONFIG", self.kubeconfig(user))
            // No caches and no preferences of the user that runs the tests.
            .env("HOME", self.api_server.directory())
            .stdin(Stdio::null());
        command
    }

    /// A client for the administrator. It belongs to the async runtime that it is made in.
    pub async fn client(&self) -> kube::Client {
        self.client_as(ADMIN).await
    }

    /// A client for `user`.
    pub async fn client_as(&self, user: &str) -> kube::Client {
        let kubeconfig =
            Kubeconfig::read_from(self.kubeconfig(user)).expect("a kubeconfig of our own");
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
                .await
                .expect("a kubeconfig of our own");
        kube::Client::try_from(config).expect("a client for a kubeconfig of our own")
    }

    /// The API server's own metrics, as text.
    pub fn metrics(&self) -> String {
        let output = run(self.kubectl().args(["get", "--raw", "/metrics"]));
        assert!(output.status.success(), "no metrics: {}", stderr(&output));
        stdout(&output)
    }

    /// The audit events of both groups so far, oldest first.
    pub fn audit_events(&self) -> Vec<serde_json::Value> {
        let log = std::fs::read_to_string(self.api_server.directory().join("audit.log"))
            .unwrap_or_default();
        // The last line may still be on its way.
        log.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Applies definitions of custom resources and waits until they are served.
    ///
    /// # Panics
    ///
    /// When the API server refuses one, or does not serve it within 90 seconds.
    pub fn establish(&self, crds: &str) {
        self.apply(crds);
        let output = run(self.kubectl().args([
            "wait",
            "--for=condition=Established",
            "--timeout=90s",
            "crd",
            "--all",
        ]));
        assert!(output.status.success(), "{}", stderr(&output));
    }

    /// Applies manifests (YAML or JSON, several documents) as the administrator.
    ///
    /// # Panics
    ///
    /// When the API server refuses one.
    pub fn apply(&self, manifests: &str) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("manifests.yaml");
        std::fs::write(&file, manifests).expect("a temporary file");
        let output = run(self
            .kubectl()
            .args(["apply", "--server-side", "--validate=strict", "-f"])
            .arg(&file));
        assert!(
            output.status.success(),
            "kubectl apply: {}\n{manifests}",
            stderr(&output)
        );
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", command.get_program().display()))
}

/// What a command printed on stdout.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a command printed on stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Ports that were free a moment ago.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let listeners: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("a bound port").port())
}

/// Where `etcd`, `kube-apiserver` or `kubectl` is: in `$KUBEBUILDER_ASSETS`, else built into the cache.
///
/// # Panics
///
/// When it is neither there nor can be built.
pub fn binary(name: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let assets = std::env::var_os("KUBEBUILDER_ASSETS").filter(|assets| !assets.is_empty());
        assets.map_or_else(|| built(&[]), PathBuf::from)
    });
    let path = directory.join(name);
    assert!(
        path.is_file(),
        "{} does not exist; KUBEBUILDER_ASSETS has to name a folder with etcd, kube-apiserver and kubectl",
        path.display()
    );
    path
}

/// Where a program that a node runs is, or one beside the API server.
///
/// # Panics
///
/// When it cannot be built.
pub fn node_program(name: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| built(&["nodes"])).join(name)
}

/// The folder that the build script prints.
fn built(arguments: &[&str]) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../control-plane/build.sh");
    let output = run(Command::new(script).args(arguments).stdin(Stdio::null()));
    assert!(
        output.status.success(),
        "tests/control-plane/build.sh failed:\n{}",
        stderr(&output)
    );
    PathBuf::from(stdout(&output).trim())
}

fn scratch_directory(name: &str) -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix(&format!("wfe-webhook-{name}-"))
        .tempdir()
        .expect("a temporary directory")
}

fn start_etcd(client_port: u16, peer_port: u16) -> Guarded {
    let directory = scratch_directory("etcd");
    let client_url = format!("http://127.0.0.1:{client_port}");
    let peer_url = format!("http://127.0.0.1:{peer_port}");
    let mut command = Command::new(binary("etcd"));
    command
        .arg("--data-dir")
        .arg(directory.path().join("data"))
        .args([
            "--listen-client-urls",
            &client_url,
            "--advertise-client-urls",
            &client_url,
        ])
        .args([
            "--listen-peer-urls",
            &peer_url,
            "--initial-advertise-peer-urls",
            &peer_url,
        ])
        .args(["--initial-cluster", &format!("default={peer_url}")])
        .args(["--unsafe-no-fsync", "--log-level", "warn"]);
    Guarded::spawn("etcd", &command, directory)
}

fn start_api_server(etcd_port: u16, secure_port: u16, flags: &[&str]) -> (Guarded, String) {
    let directory = scratch_directory("kube-apiserver");
    let in_directory = |name: &str| directory.path().join(name);
    let write = |name: &str, text: &str| {
        std::fs::write(in_directory(name), text).expect("a file in a temporary directory");
    };

    let serving =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])
            .expect("a self-signed certificate");
    write("serving.crt", &serving.cert.pem());
    write("serving.key", &serving.signing_key.serialize_pem());
    let service_accounts = rcgen::KeyPair::generate().expect("a key");
    write("service-accounts.key", &service_accounts.serialize_pem());
    write("service-accounts.pub", &service_accounts.public_key_pem());
    write("audit-policy.yaml", AUDIT_POLICY);

    let url = format!("https://127.0.0.1:{secure_port}");
    let mut tokens = format!("{ADMIN}-token,{ADMIN},{ADMIN},system:masters\n");
    for user in ORDINARY_USERS {
        writeln!(tokens, "{user}-token,{user},{user}").expect("a string takes any text");
    }
    write("tokens.csv", &tokens);
    for user in ORDINARY_USERS.into_iter().chain([ADMIN]) {
        write(
            &format!("{user}.kubeconfig"),
            &kubeconfig_text(&url, &in_directory("serving.crt"), user),
        );
    }

    let mut command = Command::new(binary("kube-apiserver"));
    command
        .args(["--etcd-servers", &format!("http://127.0.0.1:{etcd_port}")])
        .args([
            "--bind-address",
            "127.0.0.1",
            "--secure-port",
            &secure_port.to_string(),
        ])
        .arg("--cert-dir")
        .arg(directory.path())
        .arg("--tls-cert-file")
        .arg(in_directory("serving.crt"))
        .arg("--tls-private-key-file")
        .arg(in_directory("serving.key"))
        .args(["--service-account-issuer", "https://localhost"])
        .arg("--service-account-key-file")
        .arg(in_directory("service-accounts.pub"))
        .arg("--service-account-signing-key-file")
        .arg(in_directory("service-accounts.key"))
        .args(["--service-cluster-ip-range", "10.0.0.0/24"])
        .args([
            "--authorization-mode",
            "RBAC",
            "--disable-admission-plugins",
            "ServiceAccount",
        ])
        .arg("--token-auth-file")
        .arg(in_directory("tokens.csv"))
        .arg("--audit-policy-file")
        .arg(in_directory("audit-policy.yaml"))
        .arg("--audit-log-path")
        .arg(in_directory("audit.log"))
        .args(flags);
    (Guarded::spawn("kube-apiserver", &command, directory), url)
}

fn kubeconfig_text(url: &str, ca: &Path, user: &str) -> String {
    format!(
        "\
apiVersion: v1
kind: Config
current-context: tests
clusters:
  - name: tests
    cluster:
      server: {url}
      certificate-authority: {}
users:
  - name: {user}
    user:
      token: {user}-token
contexts:
  - name: tests
    context:
      cluster: tests
      user: {user}
",
        ca.display()
    )
}
