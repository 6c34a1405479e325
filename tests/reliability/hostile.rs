//! Hostile and broken clients, while a healthy one goes on at 200 calls a second and loses none.

use std::process::Command;
use std::thread;
use std::time::Instant;

use rstest::{Context, rstest};

use crate::client::{get, post};
use crate::guarded::wait_until;
use crate::pool::{Pool, hold};
use crate::server::{connect, metric, readiness, start, wait_for_log};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic, attacks, measured, soaking};

/// Lets a healthy client call before, during and after an attack; the server has to answer it all, stay within its memory,
/// and in the end be as good as before.
fn besiege(name: &str, mut server: WebhookServer, attack: impl Fn(&WebhookServer)) {
    let pool = Pool::new(server.port(), &server.ca());
    let quiet = soaking().then(|| {
        let load = pool.load(200.0, 8);
        thread::sleep(measured());
        load.stop()
    });
    let load = pool.load(200.0, 8);
    let begun = Instant::now();
    attack(&server);
    // What is over soon is done again, so that the healthy client really meets it.
    while begun.elapsed() < measured() {
        attack(&server);
    }
    let report = load.stop();
    report.print(&format!("200 calls a second during {name}"));
    report.assert_all_answered();
    if let Some(quiet) = quiet {
        quiet.print("  and before");
        println!("  p99 is {:.1} times as long", report.p99_ms / quiet.p99_ms);
    }

    wait_until("nothing is in flight", || {
        (metric(&server, "wfe_webhook_in_flight_requests") == Some(0.0)).then_some(())
    });
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    assert_eq!(readiness(&server).status, 200);
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    println!("  {} MiB of memory at most", peak / 1024 / 1024);
}

#[rstest]
#[case::silent_connections(attacks::silence)]
#[case::half_way_handshakes(attacks::handshakes_that_stop_half_way)]
#[case::dripped_heads(attacks::heads_that_drip)]
#[case::dripped_bodies(attacks::bodies_that_drip)]
#[case::never_ending_bodies(attacks::bodies_that_never_end)]
#[case::bodies_shorter_than_declared(attacks::bodies_shorter_than_declared)]
#[case::bodies_longer_than_declared(attacks::bodies_longer_than_declared)]
#[case::chunks_without_end(attacks::chunks_without_end)]
#[case::bodies_of_8_mib(attacks::bodies_of_8_mib)]
#[case::pipelined_requests(attacks::pipelined_requests)]
#[case::http2_without_asking(attacks::http2_without_asking)]
#[case::http2_by_alpn_alone(attacks::http2_by_alpn_alone)]
#[case::plain_http(attacks::plain_http)]
#[case::tls_1_0(attacks::tls_1_0)]
#[case::garbage(attacks::garbage)]
fn a_healthy_client_loses_no_call(#[context] context: Context, #[case] attack: fn(&WebhookServer)) {
    let _alone = alone();
    let server = start(&[
        "--handshake-timeout",
        "3s",
        "--head-timeout",
        "3s",
        "--body-timeout",
        "3s",
    ]);
    besiege(context.description.unwrap_or("?"), server, attack);
}

#[test]
fn with_2000_connections_too_many_those_within_are_served() {
    let _alone = alone();
    let server = start(&["--max-connections", "800", "--handshake-timeout", "3s"]);
    besiege("2,000 connections too many", server, |server| {
        let _held = hold(server.port(), 2_800);
        wait_for_log(server, "further clients wait");
        assert_eq!(readiness(server).status, 200);
    });
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
    besiege("more connections than files", server, |server| {
        let _held = hold(server.port(), 300);
        wait_for_log(server, "further clients wait");
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
    besiege("files that ran out", server, |server| {
        // More than there are files, and fewer than the admin port would take.
        let held = hold(server.admin().port(), 200);
        wait_for_log(server, "cannot accept a connection");
        drop(held);
        wait_until("probes are answered", || {
            get(server.admin(), "/livez")
                .ok()
                .filter(|answer| answer.status == 200)
        });
    });
}
