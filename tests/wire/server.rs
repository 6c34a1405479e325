//! Starts the program that cargo built for these tests.

use std::process::Command;

use crate::client::{Answer, Connection, get, tls_config};
use crate::guarded::wait_until;
use crate::webhook_server::WebhookServer;

/// `wfe-webhook serve`, without the settings of the surrounding environment.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"));
    program.arg("serve").env_clear();
    program
}

/// A server that is ready.
pub fn start(arguments: &[&str]) -> WebhookServer {
    let server = WebhookServer::start(&program(), arguments);
    wait_until("readiness", || {
        (readiness(&server).status == 200).then_some(())
    });
    server
}

/// What `/readyz` answers.
pub fn readiness(server: &WebhookServer) -> Answer {
    get(server.admin(), "/readyz").expect("the admin port answers")
}

/// A new connection that trusts only the server's `ca.crt`.
pub fn connect(server: &WebhookServer) -> Connection {
    Connection::open(server.port(), tls_config(&server.ca()))
}

/// The value of one series in `/metrics`, for example `wfe_webhook_panics_total`; nothing when it is not there.
pub fn metric(server: &WebhookServer, series: &str) -> Option<f64> {
    let answer = get(server.admin(), "/metrics").expect("the admin port answers");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body.lines().find_map(|line| {
        let value = line.strip_prefix(series)?.strip_prefix(' ')?;
        Some(value.parse().expect("a metric's value is a number"))
    })
}

/// Waits until as many TLS handshakes are counted as failed: clients learn of it a little earlier.
pub fn wait_for_failed_handshakes(server: &WebhookServer, count: f64) {
    wait_until("failed handshakes are counted", || {
        metric(server, "wfe_webhook_tls_handshake_failures_total").filter(|&seen| seen >= count)
    });
}

/// Waits until the log has `words`: it is written a little after what it tells of.
pub fn wait_for_log(server: &WebhookServer, words: &str) {
    wait_until(&format!("{words:?} in the log"), || {
        server.log().contains(words).then_some(())
    });
}
