//! A kube-apiserver and its etcd, as `tests/control-plane/build.sh` builds them.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use test_support::guarded::Guarded;

use crate::client::{Connection, Request, Target};
use crate::subject::Identity;

const TOKEN: &str = "bench-token";

/// Further lines of the head of each request.
pub const AUTHORIZATION: &str = "Authorization: Bearer bench-token\r\n";

/// It ends when it is dropped, the API server first.
#[derive(Debug)]
pub struct ControlPlane {
    pub target: Target,
    _api_server: Guarded,
    _etcd: Guarded,
}

impl ControlPlane {
    /// Starts it on all cores and waits until it is ready.
    pub fn start(identity: &Identity) -> anyhow::Result<Self> {
        let [client, peer, secure] = free_ports()?;
        let folder = || {
            tempfile::Builder::new()
                .prefix("wfe-webhook-bench-")
                .tempdir()
        };
        let directory = folder()?;
        let (client_url, peer_url) = (
            format!("http://127.0.0.1:{client}"),
            format!("http://127.0.0.1:{peer}"),
        );
        let mut etcd = on_all_cores("etcd")?;
        etcd.arg("--data-dir").arg(directory.path().join("data"));
        etcd.args([
            "--listen-client-urls",
            &client_url,
            "--advertise-client-urls",
            &client_url,
        ]);
        etcd.args([
            "--listen-peer-urls",
            &peer_url,
            "--initial-advertise-peer-urls",
            &peer_url,
        ]);
        etcd.args([
            "--initial-cluster",
            &format!("default={peer_url}"),
            "--unsafe-no-fsync",
            "--log-level",
            "error",
        ]);
        let etcd = Guarded::spawn("etcd", &etcd, directory);

        let directory = folder()?;
        let path = |name: &str| directory.path().join(name);
        let accounts = rcgen::KeyPair::generate()?;
        std::fs::write(path("accounts.key"), accounts.serialize_pem())?;
        std::fs::write(path("accounts.pub"), accounts.public_key_pem())?;
        std::fs::write(
            path("tokens.csv"),
            format!("{TOKEN},bench,bench,system:masters\n"),
        )?;
        let mut api_server = on_all_cores("kube-apiserver")?;
        api_server.args(["--etcd-servers", &client_url, "--bind-address", "127.0.0.1"]);
        api_server.args([
            "--secure-port",
            &secure.to_string(),
            "--authorization-mode",
            "RBAC",
        ]);
        api_server.args(["--service-account-issuer", "https://localhost"]);
        api_server.args(["--service-cluster-ip-range", "10.0.0.0/24"]);
        api_server.args(["--disable-admission-plugins", "ServiceAccount"]);
        api_server.arg("--cert-dir").arg(directory.path());
        api_server.arg("--tls-cert-file").arg(&identity.certificate);
        api_server.arg("--tls-private-key-file").arg(&identity.key);
        api_server
            .arg("--service-account-key-file")
            .arg(path("accounts.pub"));
        api_server
            .arg("--service-account-signing-key-file")
            .arg(path("accounts.key"));
        api_server.arg("--token-auth-file").arg(path("tokens.csv"));
        let api_server = Guarded::spawn("kube-apiserver", &api_server, directory);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, secure));
        let plane = Self {
            target: Target::new(address, &identity.pem)?,
            _api_server: api_server,
            _etcd: etcd,
        };
        let ready = Request::new("GET", "/readyz", "text/plain", AUTHORIZATION, b"");
        until("the API server is ready", || {
            let is_up = TcpStream::connect(address).is_ok();
            let answer = is_up
                .then(|| Connection::open(&plane.target)?.call(&ready))
                .transpose();
            Ok(matches!(answer, Ok(Some(answer)) if answer.status == 200))
        })?;
        Ok(plane)
    }

    /// Runs kubectl with some input.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("input.yaml");
        std::fs::write(&file, input)?;
        let output = Command::new(binary("kubectl")?)
            .arg(format!("--server=https://{}", self.target.address))
            .args([
                "--insecure-skip-tls-verify",
                "--token",
                TOKEN,
                "--kubeconfig=/dev/null",
            ])
            .args(arguments)
            .arg("--filename")
            .arg(&file)
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "kubectl {arguments:?}: {errors}");
        Ok(())
    }
}

/// Waits for something that takes a moment.
pub fn until(what: &str, mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !holds()? {
        ensure!(
            begun.elapsed() < Duration::from_mins(2),
            "waited too long: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn on_all_cores(name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0,1"]).arg(binary(name)?);
    Ok(command)
}

fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("KUBEBUILDER_ASSETS")
        .context("KUBEBUILDER_ASSETS is not set; make bench does so")?;
    Ok(PathBuf::from(folder).join(name))
}

fn free_ports() -> anyhow::Result<[u16; 3]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listeners = [listen()?, listen()?, listen()?];
    let [first, second, third] =
        listeners.map(|listener| listener.local_addr().map(|address| address.port()));
    Ok([first?, second?, third?])
}
