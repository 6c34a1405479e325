//! At the connection limit a new client is served all the same: the connection that is worth least makes room.

use std::thread;
use std::time::{Duration, Instant};

use test_support::unread::{leave_unread, review_with_large_answer};

use crate::client::{Connection, End, get, post, tls_config};
use crate::guarded::wait_until;
use crate::server::{connect, metric, start, wait_for_log};
use crate::webhook_server::WebhookServer;

const EVICTED: &str = r#"wfe_webhook_connections_closed_total{port="webhooks",reason="evicted"}"#;

fn ask(connection: &mut Connection) {
    connection
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "expected apiVersion");
}

fn assert_evicted(server: &WebhookServer, count: f64) {
    wait_until("the connection is evicted", || {
        (metric(server, EVICTED) == Some(count)).then_some(())
    });
}

#[test]
fn first_connections_that_never_sent_a_request_then_those_idle_longest() {
    let server = start(&["--max-connections", "3"]);
    let mut first = connect(&server);
    ask(&mut first);
    let mut unused = connect(&server);
    let mut second = connect(&server);
    ask(&mut second);
    let mut third = connect(&server);
    ask(&mut third);
    assert_evicted(&server, 1.0);
    unused.wait_for_end();
    ask(&mut second);
    let mut fourth = connect(&server);
    ask(&mut fourth);
    assert_evicted(&server, 2.0);
    first.wait_for_end();
    for connection in [&mut second, &mut third, &mut fourth] {
        ask(connection);
    }
    wait_for_log(&server, "connection limit reached");
}

/// Sends all of a request but its last byte.
fn begin(server: &WebhookServer) -> Connection {
    let mut connection = connect(server);
    let request = post("/mutate", "{}");
    connection.send(&request[..request.len() - 1]);
    connection
}

#[test]
fn those_with_a_body_that_does_not_come_last_and_only_after_a_second() {
    let server = start(&["--max-connections", "2", "--body-timeout", "300s"]);
    let mut slow = begin(&server);
    let mut idle = connect(&server);
    ask(&mut idle);
    let mut third = connect(&server);
    ask(&mut third);
    assert_evicted(&server, 1.0);
    idle.wait_for_end();
    let slower = begin(&server);
    assert_evicted(&server, 2.0);
    third.wait_for_end();
    let began = Instant::now();
    let mut fourth = connect(&server);
    ask(&mut fourth);
    assert_evicted(&server, 3.0);
    slow.wait_for_end();
    assert!(began.elapsed() < Duration::from_secs(30));
    drop(slower);
}

#[test]
fn none_whose_request_is_being_answered() {
    let server = start(&["--max-connections", "1"]);
    let config = tls_config(&server.ca());
    let unread = leave_unread(server.port(), config, &review_with_large_answer());
    wait_until("it is being answered", || {
        (metric(&server, "wfe_webhook_in_flight_requests") == Some(1.0)).then_some(())
    });
    let port = server.port();
    let config = tls_config(&server.ca());
    let second = thread::spawn(move || Connection::open(port, config).ask(post("/mutate", "{}")));
    thread::sleep(Duration::from_secs(2));
    assert!(
        !second.is_finished(),
        "the second connection was not held back"
    );
    drop(unread);
    second.join().unwrap().assert_refusal(400, "");
}

#[test]
fn a_probe_is_answered_beside_silent_connections_to_its_port() {
    let server = start(&[]);
    let silent: Vec<_> = (0..600)
        .map(|_| std::net::TcpStream::connect(server.admin()).unwrap())
        .collect();
    for _ in 0..20 {
        let answer = get(server.admin(), "/readyz").unwrap();
        assert_eq!(answer.status, 200);
    }
    drop(silent);
}

#[test]
fn a_connection_that_sends_no_request_is_closed_like_one_that_sends_no_head() {
    let server = start(&["--head-timeout", "1s", "--idle-timeout", "300s"]);
    let mut unused = connect(&server);
    assert_eq!(unused.wait_for_end(), End::Clean);
    let mut kept = connect(&server);
    ask(&mut kept);
    thread::sleep(Duration::from_secs(2));
    ask(&mut kept);
}

#[test]
fn the_beginning_of_a_head_behind_a_request_has_the_time_of_a_head() {
    let server = start(&["--head-timeout", "1s", "--idle-timeout", "300s"]);
    let mut connection = connect(&server);
    let request = post("/mutate", "{}");
    connection.send(format!("{request}POST /mut"));
    connection.answer().assert_refusal(400, "");
    connection.wait_for_end();
}
