//! Hostile and broken clients, while a healthy one goes on at 200 calls a second and loses none.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::client::{get, post};
use crate::guarded::wait_until;
use crate::pool::{Pool, hold};
use crate::server::{connect, metric, readiness, start, wait_for_log};
use crate::soak::{Processor, at_idle_priority, measured, mib, ms, row, soaking};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic, attacks, crowds};

/// Readiness probes, one after the other.
struct Probes {
    ended: Arc<AtomicBool>,
    probing: JoinHandle<Probed>,
}

/// How they went.
#[derive(Default)]
struct Probed {
    failed: u32,
    slowest_ms: f64,
}

impl Probes {
    fn start(admin: SocketAddr) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&ended);
        let probing = thread::spawn(move || {
            let mut probed = Probed::default();
            while !until.load(Ordering::Relaxed) {
                let begun = Instant::now();
                if get(admin, "/readyz").is_ok_and(|answer| answer.status == 200) {
                    let took = begun.elapsed().as_secs_f64() * 1000.0;
                    probed.slowest_ms = probed.slowest_ms.max(took);
                } else {
                    probed.failed += 1;
                }
                thread::sleep(Duration::from_millis(50));
            }
            probed
        });
        Self { ended, probing }
    }

    fn stop(self) -> Probed {
        self.ended.store(true, Ordering::Relaxed);
        self.probing.join().unwrap()
    }
}

/// Lets a healthy client call before, during and after an attack; the server has to answer it all, stay within its memory,
/// and in the end be as good as before.
///
/// For `make soak` the attackers get only the processor time that nobody else wants: clients and server share a machine
/// here, and what is measured is what an attack costs the server.
fn besiege(name: &str, server: WebhookServer, attack: impl Fn(&WebhookServer) + Sync) {
    besiege_with(name, server, false, attack);
}

/// The same; where no file is left, probes may fail.
fn besiege_with(
    name: &str,
    mut server: WebhookServer,
    may_fail_probes: bool,
    attack: impl Fn(&WebhookServer) + Sync,
) {
    let pool = Pool::new(server.port(), &server.ca());
    let quiet = soaking().then(|| {
        let load = pool.load(200.0, 8);
        thread::sleep(measured());
        load.stop()
    });
    let load = pool.load(200.0, 8);
    let probes = Probes::start(server.admin());
    let processor = Processor::of(&mut server);
    let attack_for_a_while = || {
        let begun = Instant::now();
        attack(&server);
        // What is over soon is done again, so that the healthy client really meets it.
        while begun.elapsed() < measured() {
            attack(&server);
        }
    };
    if soaking() {
        at_idle_priority(attack_for_a_while);
    } else {
        attack_for_a_while();
    }
    let used = processor.used();
    let report = load.stop();
    report.assert_all_answered();
    let outcome = probes.stop();
    assert!(
        outcome.failed == 0 || may_fail_probes,
        "{} probes failed",
        outcome.failed
    );

    wait_until("nothing is in flight", || {
        (metric(&server, "wfe_webhook_in_flight_requests") == Some(0.0)).then_some(())
    });
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    assert_eq!(readiness(&server).status, 200);
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    if let Some(quiet) = quiet {
        row(&[
            name.to_owned(),
            report.of("200").to_string(),
            ms(quiet.p99_ms),
            ms(report.p99_ms),
            format!("{:.1}", report.p99_ms / quiet.p99_ms),
            format!("{used:.2}"),
            ms(outcome.slowest_ms),
            mib(peak),
        ]);
    }
}

#[rstest]
#[case::silent_connections("500 silent TCP connections", attacks::silence)]
#[case::half_way_handshakes(
    "100 handshakes that stop half-way",
    attacks::handshakes_that_stop_half_way
)]
#[case::dripped_heads("request heads that drip", attacks::heads_that_drip)]
#[case::dripped_bodies("bodies that drip", attacks::bodies_that_drip)]
#[case::never_ending_bodies("bodies that never end", attacks::bodies_that_never_end)]
#[case::bodies_shorter_than_declared(
    "bodies shorter than declared",
    attacks::bodies_shorter_than_declared
)]
#[case::bodies_longer_than_declared(
    "bodies longer than declared",
    attacks::bodies_longer_than_declared
)]
#[case::chunks_without_end("chunked bodies without end", attacks::chunks_without_end)]
#[case::bodies_of_8_mib("bodies of 8 MiB", attacks::bodies_of_8_mib)]
#[case::pipelined_requests("100 requests in one write", attacks::pipelined_requests)]
#[case::http2_without_asking("HTTP/2 by prior knowledge", attacks::http2_without_asking)]
#[case::http2_by_alpn_alone("HTTP/2 by ALPN alone", attacks::http2_by_alpn_alone)]
#[case::plain_http("plain HTTP", attacks::plain_http)]
#[case::tls_1_0("TLS 1.0", attacks::tls_1_0)]
#[case::garbage("garbage", attacks::garbage)]
#[case::medium_reviews("256 clients with reviews of 126 kB", crowds::medium_reviews)]
#[case::dear_small_reviews(
    "256 clients with the dearest small reviews",
    crowds::dear_small_reviews
)]
#[case::pipelined_scrapes("64 clients that pipeline `/metrics`", crowds::pipelined_scrapes)]
#[case::silent_clients_of_the_admin_port(
    "256 silent clients of the admin port",
    crowds::silent_clients_of_the_admin_port
)]
#[case::slow_bodies("256 bodies that are never complete", crowds::slow_bodies)]
fn a_healthy_client_loses_no_call(#[case] name: &str, #[case] attack: fn(&WebhookServer)) {
    let _alone = alone();
    let server = start(&[
        "--handshake-timeout",
        "3s",
        "--head-timeout",
        "3s",
        "--body-timeout",
        "3s",
    ]);
    besiege(name, server, attack);
}

/// Waits until as many connections are open as may be, and no more.
#[track_caller]
fn wait_until_full(server: &WebhookServer, connections: f64) {
    let webhooks = |name: &str| metric(server, &format!(r#"{name}{{port="webhooks"}}"#));
    assert_eq!(webhooks("wfe_webhook_max_connections"), Some(connections));
    let open = wait_until("all places are taken", || {
        webhooks("wfe_webhook_open_connections").filter(|&open| open >= connections)
    });
    assert!(open <= connections, "{open} of {connections}");
}

#[test]
fn with_2000_connections_too_many_those_within_are_served() {
    let _alone = alone();
    let server = start(&["--max-connections", "800", "--handshake-timeout", "3s"]);
    besiege(
        "2,000 connections more than `--max-connections`",
        server,
        |server| {
            let _held = hold(server.port(), 2_800);
            wait_for_log(server, "connection limit reached");
            wait_until_full(server, 800.0);
            assert_eq!(readiness(server).status, 200);
        },
    );
}

/// As an API server's connections after a restart of a server that is slow to take them.
#[test]
fn a_thousand_connections_wait_in_the_queue_and_none_is_lost_on_the_way() {
    let _alone = alone();
    let server = start(&["--max-connections", "1"]);
    let mut first = connect(&server);
    first.ask(post("/mutate", "{}")).assert_refusal(400, "");
    let waiting = hold(server.port(), 1_000).stop();
    assert_eq!(waiting, "{\"opened\":1000,\"refused\":0}\n");
}

/// A server that may open only so many files.
fn with_open_files(limit: usize, arguments: &[&str]) -> WebhookServer {
    let mut program = Command::new("sh");
    program
        .args(["-c", &format!("ulimit -n {limit} && exec \"$0\" \"$@\"")])
        .args([env!("CARGO_BIN_EXE_wfe-webhook"), "serve"])
        .env_clear();
    WebhookServer::start(&program, arguments)
}

#[test]
fn connections_leave_files_for_probes() {
    let _alone = alone();
    let server = with_open_files(100, &["--handshake-timeout", "3s"]);
    wait_for_log(&server, "--max-connections");
    besiege("more connections than open files", server, |server| {
        let _held = hold(server.port(), 300);
        wait_for_log(server, "connection limit reached");
        wait_until_full(server, 25.0);
        for _ in 0..20 {
            assert_eq!(readiness(server).status, 200);
        }
        assert!(!server.log().contains("cannot accept"), "{}", server.log());
    });
}

#[test]
fn when_no_file_is_left_open_connections_are_served_and_the_rest_recovers() {
    let _alone = alone();
    let server = with_open_files(100, &["--handshake-timeout", "3s", "--head-timeout", "3s"]);
    besiege_with("no file left at all", server, true, |server| {
        let failures = || metric(server, r#"wfe_webhook_accept_failures_total{port="admin"}"#);
        let before = failures();
        // More than there are files, and fewer than the admin port would take.
        let held = hold(server.admin().port(), 200);
        wait_for_log(server, "cannot accept a connection");
        drop(held);
        wait_until("probes are answered", || {
            get(server.admin(), "/livez")
                .ok()
                .filter(|answer| answer.status == 200)
        });
        assert!(failures() > before);
    });
}
