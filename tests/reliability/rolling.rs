//! Servers that are stopped and started again under load.

use std::path::Path;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::balancer::Balancer;
use crate::client::post;
use crate::guarded::{Guarded, wait_until};
use crate::pool::{Pool, Report};
use crate::server::{connect, metric, program, start};
use crate::soak::{ms, row, soaking};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic};

/// Replicas of one Service: they share a certificate.
struct Replicas {
    files: TempDir,
    balancer: Balancer,
}

impl Replicas {
    fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(files.path().join("cert.pem"), pair.cert.pem()).unwrap();
        std::fs::write(
            files.path().join("key.pem"),
            pair.signing_key.serialize_pem(),
        )
        .unwrap();
        Self {
            files,
            balancer: Balancer::start(),
        }
    }

    fn file(&self, name: &str) -> String {
        self.files.path().join(name).to_str().unwrap().to_owned()
    }

    fn start(&self) -> WebhookServer {
        let server = start(&[
            "--tls-cert",
            &self.file("cert.pem"),
            "--tls-key",
            &self.file("key.pem"),
            // Endpoints are told within the delay, here as in a cluster.
            "--drain-delay",
            "1500ms",
        ]);
        self.balancer.add(server.port(), server.admin());
        server
    }

    fn pool(&self) -> Pool {
        Pool::new(self.balancer.port(), Path::new(&self.file("cert.pem")))
    }

    fn wait_until_ready(&self, count: usize) {
        wait_until(&format!("{count} ready replicas"), || {
            (self.balancer.ready() == count).then_some(())
        });
    }
}

/// What a server has answered.
fn answered(server: &WebhookServer) -> f64 {
    let allowed = r#"wfe_webhook_admission_requests_total{dry_run="false",outcome="allowed",webhook="validate"}"#;
    metric(server, allowed).unwrap_or(0.0)
}

#[test]
fn no_call_is_lost_while_replicas_are_stopped_and_started() {
    let _alone = alone();
    let rounds = if soaking() { 60 } else { 20 };
    let replicas = Replicas::new();
    let mut running = vec![replicas.start(), replicas.start()];
    replicas.wait_until_ready(2);
    let load = replicas.pool().load(1000.0, 50);
    for _ in 0..rounds {
        let mut old = running.remove(0);
        wait_until("it has its part of the load", || {
            (answered(&old) > 0.0).then_some(())
        });
        old.process().signal("TERM");
        assert_eq!(old.process().wait(), 0, "{}", old.log());
        let log = old.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(!log.contains("connections are cut"), "{log}");
        replicas.balancer.remove(old.port());
        running.push(replicas.start());
        replicas.wait_until_ready(2);
    }
    let report = load.stop();
    report.assert_all_answered();
    if soaking() {
        row(&[
            format!("{rounds} times SIGTERM in {:.0} s", report.seconds),
            format!(
                "{} calls at 1,000 a second, none lost; p50 {}, p99 {}",
                report.of("200"),
                ms(report.p50_ms),
                ms(report.p99_ms)
            ),
        ]);
    }
    for server in &mut running {
        assert_no_panic(server);
        assert_memory_bounded(server);
    }
}

#[test]
fn a_second_signal_under_load_ends_one_replica_at_once_and_the_other_serves_on() {
    let _alone = alone();
    let replicas = Replicas::new();
    let mut first = replicas.start();
    let mut second = replicas.start();
    replicas.wait_until_ready(2);
    let load = replicas.pool().load(200.0, 8);
    first.process().signal("TERM");
    replicas.wait_until_ready(1);
    first.process().signal("TERM");
    assert_eq!(first.process().wait(), 1, "{}", first.log());
    replicas.balancer.remove(first.port());
    let report: Report = load.stop();
    // What was in flight there is lost, as was asked for; the rest is not.
    let lost: u64 = report.lost.values().sum();
    assert!(lost <= 25, "{report:?}");
    assert!(report.of("200") > 0, "{report:?}");
    replicas.pool().load(0.0, 8).stop().assert_all_answered();
    second.process().signal("TERM");
    assert_eq!(second.process().wait(), 0);
}

#[test]
fn requests_that_hang_in_their_body_hold_the_end_up_no_longer_than_allowed() {
    let _alone = alone();
    let mut server = start(&[
        "--drain-delay",
        "1500ms",
        "--body-timeout",
        "300s",
        "--drain-timeout",
        "1s",
    ]);
    let mut hanging: Vec<_> = (0..20)
        .map(|_| {
            let mut connection = connect(&server);
            let request = post("/mutate", "{}");
            connection.send(&request[..request.len() - 1]);
            connection
        })
        .collect();
    wait_until("all are in flight", || {
        (metric(&server, "wfe_webhook_reading_requests") == Some(20.0)).then_some(())
    });
    // Half of them get on with it after all.
    let late = hanging.split_off(10);
    server.process().signal("TERM");
    for mut connection in late {
        connection.ask("}").assert_refusal(400, "");
    }
    assert_eq!(server.process().wait(), 0, "{}", server.log());
    for mut connection in hanging {
        connection.wait_for_end();
    }
    let log = server.log();
    assert!(log.contains("connections are cut"), "{log}");
    assert!(log.contains("connections=10"), "{log}");
}

#[test]
fn a_signal_during_the_start_ends_it_and_leaves_nothing_half_done() {
    let _alone = alone();
    for milliseconds in 0..30 {
        let directory = tempfile::tempdir().unwrap();
        let mut command = program();
        command
            .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .args(["--drain-delay", "0s", "--certs-dir"])
            .arg(directory.path().join("certs"));
        let mut process = Guarded::spawn("wfe-webhook", &command, directory);
        // The moment of the signal is what is tried; nothing is waited for.
        thread::sleep(Duration::from_millis(milliseconds));
        process.signal("TERM");
        let code = process.wait();
        let log = process.log();
        // Before the program can listen to signals the kernel ends it, with 128 + 15.
        assert!(matches!(code, 0 | 143), "{code}: {log}");
        assert!(!log.contains("panicked"), "{log}");
        let ca = process.directory().join("certs/ca.crt");
        if let Ok(text) = std::fs::read_to_string(ca) {
            assert!(
                text.trim_end().ends_with("-----END CERTIFICATE-----"),
                "{text}"
            );
        }
    }
}
