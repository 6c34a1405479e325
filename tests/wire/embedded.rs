//! A server in the test's own process, where the test defines how reviews are judged.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use wfe_webhook::metrics::Metrics;
use wfe_webhook::policy::Policy;
use wfe_webhook::server::tls::CertificateSource;
use wfe_webhook::server::{Judge, Limits, Server, Settings, Stop};

use crate::client::{Connection, get, tls_config};
use crate::guarded::wait_until;

/// A server in this process, with a judge of the test's own.
pub struct Embedded {
    port: u16,
    admin: std::net::SocketAddr,
    ca: PathBuf,
    stop: Stop,
    runtime: Runtime,
    _directory: TempDir,
}

impl Embedded {
    /// Starts it on one worker thread, so that a request that is judged keeps all others waiting; likewise for large ones,
    /// which have a thread of their own.
    pub fn start(judge: Judge) -> Self {
        Self::start_with(judge, Limits::default())
    }

    /// Starts it with other limits.
    pub fn start_with(judge: Judge, limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            admin_listen: ([127, 0, 0, 1], 0).into(),
            certificate: CertificateSource::Ephemeral {
                directory: directory.path().to_owned(),
                names: Vec::new(),
            },
            clients: None,
            reload_interval: Duration::from_secs(5),
            policy: Policy::default(),
            judge,
            limits,
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(1),
            events: None,
            log_lines_lost: Metrics::log_lines_lost().unwrap(),
        };
        let server = {
            let _context = runtime.enter();
            Server::bind(settings).unwrap()
        };
        let embedded = Self {
            port: server.https_address().port(),
            admin: server.admin_address(),
            ca: server.ca_file().unwrap().to_owned(),
            stop: server.stop(),
            runtime,
            _directory: directory,
        };
        assert!(
            embedded.ca.exists(),
            "who waits for readiness finds the CA's certificate"
        );
        embedded.runtime.spawn(server.run());
        wait_until("readiness", || {
            (get(embedded.admin, "/readyz").unwrap().status == 200).then_some(())
        });
        embedded
    }

    /// A new connection.
    pub fn connect(&self) -> Connection {
        Connection::open(self.port, tls_config(&self.ca))
    }

    /// What `/metrics` shows.
    pub fn metrics(&self) -> String {
        get(self.admin, "/metrics").unwrap().body
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.stop.drain();
    }
}
