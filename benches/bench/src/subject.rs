//! The servers that are measured beside each other.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;
use test_support::guarded::Guarded;

use crate::client::Target;

/// One of the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Subject {
    /// The control: the product's stack, and nothing on it.
    Null,
    /// The product.
    Product,
    /// The kube-rs idiom on the product's stack.
    KubeRs,
    /// The controller-runtime idiom.
    ControllerRuntime,
}

impl Subject {
    pub const ALL: [Self; 4] = [
        Self::Null,
        Self::Product,
        Self::KubeRs,
        Self::ControllerRuntime,
    ];

    /// As tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null webhook",
            Self::Product => "wfe-webhook",
            Self::KubeRs => "kube-rs",
            Self::ControllerRuntime => "controller-runtime",
        }
    }

    /// The program's file.
    pub fn program(self) -> anyhow::Result<PathBuf> {
        let name = match self {
            Self::Null => "null-webhook",
            Self::Product => "wfe-webhook",
            Self::KubeRs => "peer-kube-rs",
            Self::ControllerRuntime => "peer-controller-runtime",
        };
        Ok(std::env::current_exe()?.with_file_name(name))
    }

    fn arguments(self, port: u16, identity: &Identity) -> Vec<String> {
        let certificate = identity.certificate.display().to_string();
        let key = identity.key.display().to_string();
        let address = format!("127.0.0.1:{port}");
        let arguments: Vec<&str> = match self {
            Self::Null | Self::KubeRs => vec![&address, &certificate, &key],
            Self::Product => vec![
                "serve",
                "--listen",
                &address,
                "--admin-listen",
                "127.0.0.1:0",
                "--tls-cert",
                &certificate,
                "--tls-key",
                &key,
                "--drain-delay",
                "0s",
                "--max-connections",
                "4096",
                // As deploy/install.yaml runs it.
                "--log-format",
                "json",
            ],
            Self::ControllerRuntime => {
                return vec![
                    format!("--port={port}"),
                    format!("--tls-cert={certificate}"),
                    format!("--tls-key={key}"),
                ];
            }
        };
        arguments.into_iter().map(str::to_owned).collect()
    }

    /// The command that starts it on a port, by another program.
    pub fn command(
        self,
        runner: &[&str],
        port: u16,
        identity: &Identity,
    ) -> anyhow::Result<Command> {
        let mut command = Command::new(runner[0]);
        command
            .args(&runner[1..])
            .arg(self.program()?)
            .args(self.arguments(port, identity));
        // In a pod the product requires further flags.
        command.env_remove("KUBERNETES_SERVICE_HOST");
        Ok(command)
    }

    /// Starts it on the first core, and waits until it accepts connections.
    pub fn start(self, identity: &Identity) -> anyhow::Result<Running> {
        self.start_under(&["taskset", "-c", "0"], identity)
    }

    /// Starts it by another program, and waits until it accepts connections.
    pub fn start_under(self, runner: &[&str], identity: &Identity) -> anyhow::Result<Running> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let command = self.command(runner, port, identity)?;
        let directory = tempfile::Builder::new()
            .prefix("wfe-webhook-bench-")
            .tempdir()?;
        let begun = Instant::now();
        let process = Guarded::spawn(self.name(), &command, directory);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect(address).is_err() {
            let code = process.exit_code();
            anyhow::ensure!(code.is_none(), "{} ended: {}", self.name(), process.log());
            anyhow::ensure!(
                begun.elapsed() < Duration::from_mins(1),
                "{} does not listen",
                self.name()
            );
            std::thread::sleep(Duration::from_micros(100));
        }
        let target = Target::new(address, &identity.pem)?;
        Ok(Running { process, target })
    }
}

/// A server that runs; dropping it ends it.
#[derive(Debug)]
pub struct Running {
    pub process: Guarded,
    pub target: Target,
}

/// The certificate that all servers serve, ECDSA P-256 and its own authority.
#[derive(Debug)]
pub struct Identity {
    pub pem: String,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Identity {
    /// Makes one in `folder`.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names)?;
        let (certificate, key) = (folder.join("tls.crt"), folder.join("tls.key"));
        let pem = made.cert.pem();
        std::fs::write(&certificate, &pem).context("the certificate")?;
        std::fs::write(&key, made.signing_key.serialize_pem()).context("the key")?;
        Ok(Self {
            pem,
            certificate,
            key,
        })
    }
}
