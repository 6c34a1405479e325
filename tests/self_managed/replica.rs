//! One replica of the webhook, as a process.

use std::net::SocketAddr;
use std::process::Command;

use crate::control_plane::ControlPlane;
use crate::control_plane::guarded::Guarded;
use crate::probe;

/// A running replica; dropping it ends it.
pub struct Replica {
    pub process: Guarded,
    pub webhook: SocketAddr,
    pub admin: SocketAddr,
}

impl Replica {
    /// Starts a replica that talks to the API server as `user`, and waits until it logs where it listens.
    pub fn start(
        plane: &ControlPlane,
        user: &str,
        arguments: &[String],
        environment: &[(&str, String)],
    ) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("wfe-webhook-replica-")
            .tempdir()
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"));
        command
            .args([
                "serve",
                "--listen=127.0.0.1:0",
                "--admin-listen=127.0.0.1:0",
            ])
            .args([
                "--log-format=json",
                "--drain-delay=0s",
                "--self-managed-tls",
            ])
            .args(arguments)
            .env("KUBECONFIG", plane.kubeconfig(user))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env_remove("KUBERNETES_SERVICE_HOST");
        let process = Guarded::spawn("wfe-webhook", &command, directory);
        let [webhook, admin] = process.wait_until("it says where it listens", || {
            let log = process.log();
            let address = |before: &str| {
                let (_, rest) = log.split_once(before)?;
                rest[..rest.find('"')?].parse().ok()
            };
            Some([
                address(r#""webhooks":"https://"#)?,
                address(r#""admin":"http://"#)?,
            ])
        });
        Self {
            process,
            webhook,
            admin,
        }
    }

    pub fn is_ready(&self) -> bool {
        probe::ready(self.admin)
    }

    pub fn wait_until_ready(&self) {
        self.process
            .wait_until("it is ready", || self.is_ready().then_some(()));
    }

    /// Waits until the log has this text.
    pub fn wait_for_log(&self, text: &str) {
        self.process
            .wait_until(text, || self.process.log().contains(text).then_some(()));
    }
}
