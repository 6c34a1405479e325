//! Clients that are slow, at each place where one can be.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{End, post, socket};
use crate::guarded::PATIENCE;
use crate::server::{Growth, connect, metric, start, wait_for_failed_handshakes, wait_for_log};
use crate::webhook_server::WebhookServer;

const HEAD: &str = "POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n";

/// The connections to the port of the webhooks that ended by this.
fn closed<'a>(server: &'a WebhookServer, reason: &str) -> Growth<'a> {
    let series =
        format!(r#"wfe_webhook_connections_closed_total{{port="webhooks",reason="{reason}"}}"#);
    Growth::of(server, &[&series])
}

/// Sends `bytes` one by one, more slowly than any deadline of these tests allows, until the server has enough.
fn drip(bytes: &[u8], mut send: impl FnMut(u8) -> io::Result<()>) {
    let begun = Instant::now();
    for &byte in bytes.iter().cycle() {
        if send(byte).is_err() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "the server never has enough");
        thread::sleep(Duration::from_millis(20));
    }
}

fn wait_for_close(mut socket: TcpStream) {
    let mut rest = Vec::new();
    match socket.read_to_end(&mut rest) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            panic!("the server does not hang up")
        }
        _ => {}
    }
}

#[test]
fn a_handshake_that_does_not_begin_or_does_not_end_is_given_up() {
    let server = start(&["--handshake-timeout", "2s"]);
    let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let silent = socket(address).unwrap();
    let mut halting = socket(address).unwrap();
    // The first bytes of a ClientHello that never comes to its end.
    halting.write_all(b"\x16\x03\x01\x02\x00\x01\x00").unwrap();
    wait_for_close(silent);
    wait_for_close(halting);
    wait_for_failed_handshakes(&server, 2.0);
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}

#[test]
fn a_head_that_does_not_end_is_given_up_on_the_first_request_and_on_later_ones() {
    let server = start(&["--head-timeout", "200ms"]);
    let late = closed(&server, "head_timeout");
    let mut first = connect(&server);
    first.send("POST /mutate HTTP/1.1\r\nHo");
    first.wait_for_end();

    let mut later = connect(&server);
    for _ in 0..3 {
        later.ask(post("/mutate", "{}")).assert_refusal(400, "");
    }
    later.send("POST /mutate HTTP/1.1\r\nHo");
    later.wait_for_end();
    late.wait_for(2);
}

#[test]
fn a_head_that_drips_is_given_up() {
    let server = start(&["--head-timeout", "300ms"]);
    let mut connection = connect(&server);
    connection
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    connection.send("POST /mutate HTTP/1.1\r\nX: ");
    drip(b"x", |byte| connection.try_send([byte]));
}

#[test]
fn the_deadline_of_a_head_does_not_close_an_idle_connection() {
    let server = start(&["--head-timeout", "200ms"]);
    let mut kept = connect(&server);
    kept.ask(post("/mutate", "{}")).assert_refusal(400, "");
    // Two heads that run out one after the other show that the time has passed twice.
    for _ in 0..2 {
        let mut clock = connect(&server);
        clock.send("POST");
        clock.wait_for_end();
    }
    kept.ask(post("/mutate", "{}")).assert_refusal(400, "");
}

#[test]
fn an_idle_connection_is_closed_in_good_order_after_its_time() {
    let server = start(&["--idle-timeout", "2s", "--head-timeout", "1s"]);
    let idle = closed(&server, "idle_timeout");
    let unused = closed(&server, "unused");
    let mut fresh = connect(&server);
    assert_eq!(fresh.wait_for_end(), End::Clean);
    unused.wait_for(1);
    let mut kept = connect(&server);
    for _ in 0..3 {
        kept.ask(post("/mutate", "{}")).assert_refusal(400, "");
    }
    assert_eq!(kept.wait_for_end(), End::Clean);
    idle.wait_for(1);
    wait_for_log(&server, "90s");
}

#[test]
fn a_body_that_does_not_come_is_refused() {
    let server = start(&["--body-timeout", "200ms"]);
    let mut connection = connect(&server);
    connection
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
    connection.send(HEAD);
    connection.send("{");
    connection
        .answer()
        .assert_refusal(408, "not complete in time");
    connection.wait_for_end();
    let late = r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="timeout",webhook="mutate"}"#;
    assert_eq!(metric(&server, late), Some(1.0));
}

#[test]
fn a_body_that_drips_is_refused() {
    let server = start(&["--body-timeout", "300ms"]);
    let mut connection = connect(&server);
    connection.send(HEAD.replace("Content-Length: 4", "Transfer-Encoding: chunked"));
    drip(b"1\r\n \r\n", |byte| connection.try_send([byte]));
    let late = r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="timeout",webhook="mutate"}"#;
    assert_eq!(metric(&server, late), Some(1.0));
}

#[test]
fn a_body_may_take_longer_than_a_head() {
    let server = start(&["--head-timeout", "200ms"]);
    let mut connection = connect(&server);
    connection.send(HEAD);
    for _ in 0..2 {
        let mut clock = connect(&server);
        clock.send("POST");
        clock.wait_for_end();
    }
    connection.ask("null").assert_refusal(400, "");
}

#[test]
fn a_client_that_does_not_read_is_given_up() {
    let server = start(&["--body-timeout", "200ms"]);
    let untaken = closed(&server, "write_timeout");
    let mut connection = connect(&server);
    let many = post("/nowhere", "").repeat(100);
    let error = loop {
        if let Err(error) = connection.try_send(&many) {
            break error;
        }
    };
    assert!(
        !matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
        "the server does not hang up: {error}"
    );
    untaken.wait_for(1);
}

#[test]
fn a_client_that_leaves_within_a_head_is_counted_and_one_that_leaves_between_two_is_not() {
    let server = start(&[]);
    let left = closed(&server, "client_closed");
    connect(&server).close();
    let mut kept = connect(&server);
    kept.ask(post("/mutate", "{}")).assert_refusal(400, "");
    kept.close();
    let mut hasty = connect(&server);
    hasty.send("POST /mutate HTTP/1.1\r\nHo");
    hasty.close();
    left.wait_for(1);
}

#[test]
fn slow_clients_of_the_admin_port_are_given_up_too() {
    let server = start(&["--head-timeout", "200ms", "--idle-timeout", "2s"]);
    let silent = socket(server.admin()).unwrap();
    let mut halting = socket(server.admin()).unwrap();
    halting.write_all(b"GET /metrics HTTP/1.1\r\nHo").unwrap();
    wait_for_close(silent);
    wait_for_close(halting);
}
