//! Starts the program that cargo built for the tests, and reads its metrics and its log.

use std::ffi::OsString;
use std::process::Command;

use crate::client::{Answer, Connection, get, tls_config};
use crate::guarded::{PATIENCE, wait_until};
use crate::webhook_server::WebhookServer;

/// `wfe-webhook serve`, without the settings of the surrounding environment.
pub fn program() -> Command {
    serve(Command::new(program_path()))
}

/// The same, for a server that cannot start. One that does is stopped in the end, so that the test fails.
pub fn program_that_ends() -> Command {
    let mut command = Command::new("timeout");
    command.arg(PATIENCE.as_secs().to_string());
    command.arg(program_path());
    serve(command)
}

fn program_path() -> OsString {
    std::env::var_os("CARGO_BIN_EXE_wfe-webhook").expect("cargo runs the tests")
}

fn serve(mut command: Command) -> Command {
    command.arg("serve").env_clear();
    command
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

/// The value of one series in `/metrics`, for example `wfe_webhook_panics_total`; `None` when it is missing.
pub fn metric(server: &WebhookServer, series: &str) -> Option<f64> {
    let answer = get(server.admin(), "/metrics").expect("the admin port answers");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body.lines().find_map(|line| {
        let value = line.strip_prefix(series)?.strip_prefix(' ')?;
        Some(value.parse().expect("a metric's value is a number"))
    })
}

/// The sum of some series of `/metrics`, watched while it grows.
pub struct Growth<'a> {
    server: &'a WebhookServer,
    series: Vec<String>,
    before: f64,
}

impl<'a> Growth<'a> {
    /// Begins to watch.
    pub fn of(server: &'a WebhookServer, series: &[&str]) -> Self {
        let series = series.iter().map(|&one| one.to_owned()).collect();
        let mut growth = Self {
            server,
            series,
            before: 0.0,
        };
        growth.before = growth.sum();
        growth
    }

    fn sum(&self) -> f64 {
        let values = self.series.iter();
        values
            .map(|series| {
                metric(self.server, series).unwrap_or_else(|| panic!("there is no {series}"))
            })
            .sum()
    }

    /// Waits until as many more are counted, and asserts that it is not one too many.
    #[track_caller]
    pub fn wait_for(&self, more: usize) {
        let expected = self.before + f64::from(u32::try_from(more).expect("few"));
        let seen = wait_until(&format!("{more} more of {:?}", self.series), || {
            Some(self.sum()).filter(|&seen| seen >= expected)
        });
        assert!(
            (seen - expected).abs() < f64::EPSILON,
            "{} more of {:?} instead of {more}",
            seen - self.before,
            self.series
        );
    }
}

/// Waits until as many TLS handshakes are counted as failed: clients learn of it a little earlier.
pub fn wait_for_failed_handshakes(server: &WebhookServer, count: f64) {
    wait_until("failed handshakes are counted", || {
        metric(server, "wfe_webhook_tls_handshake_failures_total").filter(|&seen| seen >= count)
    });
}

/// Waits until the log has `words`: it is written a little after what it reports.
pub fn wait_for_log(server: &WebhookServer, words: &str) {
    wait_until(&format!("{words:?} in the log"), || {
        server.log().contains(words).then_some(())
    });
}
