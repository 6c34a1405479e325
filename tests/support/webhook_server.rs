//! A running `wfe-webhook serve`, on free loopback ports and with a certificate directory of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use crate::guarded::Guarded;

/// The server process; dropping it ends it.
#[derive(Debug)]
pub struct WebhookServer {
    process: Guarded,
    webhook: SocketAddr,
    admin: SocketAddr,
}

impl WebhookServer {
    /// Starts `program` (which ends in its `serve` command, and may set variables) with further arguments, and waits until
    /// it logs where it listens.
    pub fn start(program: &Command, arguments: &[&str]) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("wfe-webhook-server-")
            .tempdir()
            .expect("a temporary directory");
        let mut command = Command::new(program.get_program());
        command
            .args(program.get_args())
            .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .arg("--certs-dir")
            .arg(directory.path().join("certs"))
            .args(arguments)
            // In a pod the server requires its certificates to be named; tests may run in one.
            .env_remove("KUBERNETES_SERVICE_HOST");
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if !arguments.contains(&"--drain-delay") {
            command.args(["--drain-delay", "0s"]);
        }
        let process = Guarded::spawn("wfe-webhook", &command, directory);
        let (webhook, admin) = process.wait_until("it logs where it listens", || {
            let log = process.log();
            Some((
                address_after(&log, "webhooks", "https://")?,
                address_after(&log, "admin", "http://")?,
            ))
        });
        Self {
            process,
            webhook,
            admin,
        }
    }

    /// The server's process, to send it a signal or read its log.
    pub fn process(&mut self) -> &mut Guarded {
        &mut self.process
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The port of the webhooks.
    pub fn port(&self) -> u16 {
        self.webhook.port()
    }

    /// The address of probes and metrics.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The file with the certificate authority that the API server has to trust.
    pub fn ca(&self) -> PathBuf {
        self.process.directory().join("certs/ca.crt")
    }
}

/// The socket address that a log, text or JSON, has for `key`.
fn address_after(log: &str, key: &str, scheme: &str) -> Option<SocketAddr> {
    let json = format!("\"{key}\":\"{scheme}");
    let text = format!("{key}={scheme}");
    let (_, rest) = log.split_once(&json).or_else(|| log.split_once(&text))?;
    let end = rest.find([' ', '"', '\n'])?;
    rest[..end].parse().ok()
}
