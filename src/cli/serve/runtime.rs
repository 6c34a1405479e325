//! The async runtime, the signals, and the first lines of the log.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::tls_args::IN_A_POD;
use crate::server::{CLIENT_IDLE, Server, Settings};

/// Serves until SIGTERM or SIGINT, and through the drain; a second signal ends it at once.
///
/// # Errors
///
/// When the server cannot start.
pub(super) fn serve(settings: Settings) -> anyhow::Result<ExitCode> {
    let runtime = runtime()?;
    let ended = runtime.block_on(serve_until_signal(settings));
    // Nothing is waited for any more: the drain is over, or was cut short on purpose.
    runtime.shutdown_background();
    ended
}

/// One thread for each core that the process may use; on a single core, no threads.
fn runtime() -> std::io::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = if cores == 1 {
        Builder::new_current_thread()
    } else {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(cores);
        builder
    };
    builder.enable_all().build()
}

async fn serve_until_signal(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let idle_timeout = settings.limits.idle_timeout;
    let server = Server::bind(settings)?;
    announce(&server);
    if idle_timeout <= CLIENT_IDLE {
        tracing::warn!(
            ?idle_timeout,
            "an API server keeps idle connections for {CLIENT_IDLE:?}; calls that meet an earlier close are lost"
        );
    }
    let stop = server.stop();
    let twice = async {
        let first = signals.next().await;
        tracing::info!(signal = first, "stopping");
        stop.drain();
        signals.next().await
    };
    tokio::select! {
        ended = server.run() => {
            ended?;
            tracing::info!("stopped");
            Ok(ExitCode::SUCCESS)
        }
        second = twice => {
            tracing::warn!(signal = second, "stopping at once, after a second signal");
            Ok(ExitCode::from(super::super::EXIT_FAILURE))
        }
    }
}

/// Logs where the server listens, and how to register it. In a pod, localhost would make each API server call itself.
fn announce(server: &Server) {
    let https = server.https_address();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        webhooks = %format_args!("https://{https}"),
        admin = %format_args!("http://{}", server.admin_address()),
        "listening"
    );
    if let Some(settings) = server.self_managed() {
        tracing::info!(
            "not ready yet: a certificate of its own comes first. Register with: wfe-webhook generate registration \
             --service {}/{} | kubectl apply --server-side -f -",
            settings.namespace,
            settings.service
        );
        return;
    }
    if std::env::var_os(IN_A_POD).is_some() {
        tracing::info!(
            "register with: wfe-webhook generate registration --service NAMESPACE/NAME --ca FILE | kubectl apply -f -, or \
             have cert-manager inject the CA"
        );
        return;
    }
    let url = format!("https://{}", local_authority(https));
    let ca = server.ca_file().map_or_else(
        || "THE-FILE-OF-ITS-CA".to_owned(),
        |path| path.display().to_string(),
    );
    tracing::info!(
        "register with: wfe-webhook generate registration --url {url} --ca {ca} | kubectl apply -f -"
    );
}

/// The host and port by which a client on this machine reaches `address`.
fn local_authority(address: SocketAddr) -> String {
    if address.ip().is_unspecified() || address.ip().is_loopback() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

/// The signals that end the server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The name of the next signal.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
