//! A fault of the program costs the one request that meets it.
//!
//! No request is known that makes the real decision panic, so these servers run in the test's process, with a decision of
//! the test's own.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wfe_webhook::admission::{Decision, Webhook};
use wfe_webhook::policy::Policy;
use wfe_webhook::review;
use wfe_webhook::server::tls::CertificateSource;
use wfe_webhook::server::{Decide, Limits, Server, Settings, Stop};

use crate::client::{Connection, get, post, tls_config};
use crate::guarded::wait_until;

/// A server in this process, with a decision of its own.
struct Embedded {
    port: u16,
    admin: std::net::SocketAddr,
    ca: PathBuf,
    stop: Stop,
    runtime: Runtime,
    _directory: TempDir,
}

impl Embedded {
    fn start(decide: Decide) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            admin_listen: ([127, 0, 0, 1], 0).into(),
            certificate: CertificateSource::Ephemeral {
                directory: directory.path().to_owned(),
                names: Vec::new(),
            },
            policy: Policy::default(),
            decide,
            limits: Limits::default(),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(1),
        };
        let server = runtime.block_on(Server::bind(settings)).unwrap();
        let embedded = Self {
            port: server.https_address().port(),
            admin: server.admin_address(),
            ca: server.ca_file().unwrap().to_owned(),
            stop: server.stop(),
            runtime,
            _directory: directory,
        };
        embedded.runtime.spawn(server.run());
        wait_until("readiness", || {
            (get(embedded.admin, "/readyz").unwrap().status == 200).then_some(())
        });
        embedded
    }

    fn connect(&self) -> Connection {
        Connection::open(self.port, tls_config(&self.ca))
    }

    fn metrics(&self) -> String {
        get(self.admin, "/metrics").unwrap().body
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.stop.drain();
    }
}

fn panics_at_will<'a>(
    webhook: Webhook,
    body: &'a [u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Decision<'a>, review::Error> {
    assert!(!body.starts_with(b"panic"), "as the test wants it");
    wfe_webhook::admission::decide(webhook, body, policy, now)
}

#[test]
fn a_panic_costs_the_request_that_met_it() {
    let server = Embedded::start(panics_at_will);
    let mut other = server.connect();
    let mut unlucky = server.connect();
    let answer = unlucky.ask(post("/validate", "panic"));
    answer.assert_refusal(500, "internal error");
    // The connection, another one, and a body that is judged elsewhere for its size.
    unlucky.ask(post("/validate", "{}")).assert_refusal(400, "");
    let large = format!("panic{}", " ".repeat(1 << 20));
    other
        .ask(post("/mutate", &large))
        .assert_refusal(500, "internal error");
    other.ask(post("/mutate", "{}")).assert_refusal(400, "");
    let metrics = server.metrics();
    for series in [
        "wfe_webhook_panics_total 2",
        "wfe_webhook_in_flight_requests 0",
        r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="error",webhook="validate"} 1"#,
        r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="error",webhook="mutate"} 1"#,
    ] {
        assert!(metrics.contains(series), "no {series} in: {metrics}");
    }
}
