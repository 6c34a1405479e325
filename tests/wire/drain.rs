//! The end of a server: nothing that it was asked is lost.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rstest::rstest;
use test_support::unread::{leave_unread, review_with_large_answer};

use crate::client::{Connection, End, post, tls_config};
use crate::guarded::wait_until;
use crate::server::{connect, metric, readiness, start, wait_for_log};
use crate::webhook_server::WebhookServer;

const BEGUN: &str = "POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{";

/// A request that lacks its last byte.
fn begin_request(server: &WebhookServer) -> Connection {
    let mut connection = connect(server);
    connection.send(BEGUN);
    wait_until("the request is in flight", || {
        (metric(server, "wfe_webhook_reading_requests") == Some(1.0)).then_some(())
    });
    connection
}

fn wait_until_draining(server: &WebhookServer) {
    wait_until("the drain", || {
        let answer = readiness(server);
        if answer.status == 200 {
            return None;
        }
        answer.assert_refusal(503, "draining");
        Some(())
    });
}

fn wait_until_stopped(server: &WebhookServer) {
    let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
    wait_until("the port is closed", || {
        TcpStream::connect(address).is_err().then_some(())
    });
}

#[rstest]
#[case("TERM")]
#[case("INT")]
fn while_draining_every_answer_asks_the_client_to_go_elsewhere(#[case] signal: &str) {
    let mut server = start(&["--drain-delay", "10s"]);
    let mut kept = connect(&server);
    let answer = kept.ask(post("/mutate", "{}"));
    assert_eq!(answer.header("connection"), None, "{answer:?}");
    server.process().signal(signal);
    wait_until_draining(&server);
    for path in ["/mutate", "/nowhere"] {
        let mut new = connect(&server);
        let answer = new.ask(post(path, "{}"));
        assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
        assert_eq!(new.wait_for_end(), End::Clean);
    }
    let answer = kept.ask(post("/mutate", "{}"));
    assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
    assert_eq!(kept.wait_for_end(), End::Clean);
    assert_eq!(server.process().wait(), 0);
}

#[test]
fn a_client_that_waits_for_its_place_is_served_when_the_port_is_closed() {
    let mut server = start(&["--max-connections", "1", "--drain-delay", "100ms"]);
    let port = server.port();
    let config = tls_config(&server.ca());
    let unread = leave_unread(port, config.clone(), &review_with_large_answer());
    wait_until("it is being answered", || {
        (metric(&server, "wfe_webhook_in_flight_requests") == Some(1.0)).then_some(())
    });
    let second = thread::spawn(move || Connection::open(port, config).ask(post("/mutate", "{}")));
    wait_for_log(
        &server,
        "connection limit reached, and no connection is idle",
    );
    server.process().signal("TERM");
    wait_for_log(&server, "stopping");
    // Behind the end of --drain-delay.
    thread::sleep(Duration::from_millis(400));
    drop(unread);
    second.join().unwrap().assert_refusal(400, "");
    assert_eq!(server.process().wait(), 0);
}

#[test]
fn what_is_in_flight_is_finished_after_the_port_is_closed() {
    let mut server = start(&[
        "--drain-delay",
        "100ms",
        "--drain-timeout",
        "300s",
        "--body-timeout",
        "300s",
        "--head-timeout",
        "300s",
    ]);
    let mut slow_body = begin_request(&server);
    let mut slow_head = connect(&server);
    slow_head.send("POST /validate HTTP/1.1\r\nHost: localhost\r\n");
    server.process().signal("TERM");
    wait_until_stopped(&server);
    assert_eq!(server.process().exit_code(), None);
    readiness(&server).assert_refusal(503, "not ready");
    for (connection, rest) in [
        (&mut slow_body, "}"),
        (&mut slow_head, "Content-Length: 0\r\n\r\n"),
    ] {
        let answer = connection.ask(rest);
        assert!(matches!(answer.status, 400 | 415), "{answer:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
        assert_eq!(connection.wait_for_end(), End::Clean);
    }
    assert_eq!(server.process().wait(), 0);
}

#[test]
fn idle_connections_live_through_the_delay_and_do_not_hold_the_end_up() {
    // Were an idle connection waited for, the test would lose its patience first.
    let mut server = start(&["--drain-delay", "5s", "--drain-timeout", "300s"]);
    let mut kept = connect(&server);
    kept.ask(post("/mutate", "{}")).assert_refusal(400, "");
    let mut fresh = connect(&server);
    let mut quiet = connect(&server);
    server.process().signal("TERM");
    wait_until_draining(&server);
    for connection in [&mut kept, &mut fresh] {
        let answer = connection.ask(post("/mutate", "{}"));
        assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
    }
    assert_eq!(quiet.wait_for_end(), End::Clean);
    assert_eq!(server.process().wait(), 0);
}

#[test]
fn a_request_that_does_not_end_is_cut_when_the_drain_has_lasted_long_enough() {
    let mut server = start(&["--drain-timeout", "300ms", "--body-timeout", "300s"]);
    let mut stuck = begin_request(&server);
    server.process().signal("TERM");
    assert_eq!(server.process().wait(), 0);
    stuck.wait_for_end();
    let log = server.log();
    assert!(log.contains("connections are cut"), "{log}");
}

#[rstest]
#[case("TERM", "TERM")]
#[case("INT", "TERM")]
#[case("TERM", "INT")]
fn a_second_signal_ends_it_at_once(#[case] first: &str, #[case] second: &str) {
    let mut server = start(&["--drain-delay", "300s", "--drain-timeout", "300s"]);
    let _stuck = begin_request(&server);
    server.process().signal(first);
    wait_until_draining(&server);
    server.process().signal(second);
    assert_eq!(server.process().wait(), 1);
    let log = server.log();
    assert!(log.contains("stopping at once"), "{log}");
}

#[test]
fn under_load_no_call_is_lost() {
    let mut server = start(&["--drain-delay", "10s"]);
    let config = tls_config(&server.ca());
    let port = server.port();
    let told = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let config = config.clone();
            let told = Arc::clone(&told);
            let answered = Arc::clone(&answered);
            // As an API server does: one connection until its answer says close, then the next.
            thread::spawn(move || {
                let mut closes = 0;
                while !told.load(Ordering::Acquire) {
                    let mut connection = Connection::open(port, config.clone());
                    loop {
                        let answer = connection.ask(post("/validate", "{}"));
                        answer.assert_refusal(400, "");
                        answered.fetch_add(1, Ordering::AcqRel);
                        if answer.header("connection") == Some("close") {
                            closes += 1;
                            break;
                        }
                    }
                }
                closes
            })
        })
        .collect();
    wait_until("load", || {
        (answered.load(Ordering::Acquire) > 200).then_some(())
    });
    server.process().signal("TERM");
    wait_until_draining(&server);
    let before = answered.load(Ordering::Acquire);
    wait_until("load while draining", || {
        (answered.load(Ordering::Acquire) > before + 50).then_some(())
    });
    // Endpoints are told within the delay.
    told.store(true, Ordering::Release);
    for client in clients {
        assert!(client.join().expect("no call was lost") > 0);
    }
    assert_eq!(server.process().wait(), 0);
}
