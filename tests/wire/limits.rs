//! How much at once, and what beyond it is answered.

use std::thread;

use crate::client::{Connection, post, tls_config};
use crate::guarded::wait_until;
use crate::server::{connect, metric, start, wait_for_log};
use crate::webhook_server::WebhookServer;

const LIMIT: usize = 7 * 1024 * 1024;

fn head(target: &str, framing: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

fn declaring(length: usize) -> String {
    head("/mutate", &format!("Content-Length: {length}"))
}

/// A request that stays in flight until its last byte is sent.
fn unfinished(server: &WebhookServer, target: &str) -> Connection {
    let before = metric(server, "wfe_webhook_in_flight_requests").unwrap();
    let mut connection = connect(server);
    connection.send(head(target, "Content-Length: 2"));
    connection.send("{");
    wait_until("the request is in flight", || {
        (metric(server, "wfe_webhook_in_flight_requests") > Some(before)).then_some(())
    });
    connection
}

#[test]
fn a_body_that_declares_too_much_is_refused_before_it_is_sent() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(declaring(LIMIT + 1));
    connection.answer().assert_refusal(413, "7340032 bytes");
}

#[test]
fn a_client_that_sends_too_much_all_the_same_still_reads_why() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(declaring(LIMIT + 1));
    connection.send(vec![b' '; LIMIT + 1]);
    connection.answer().assert_refusal(413, "7340032 bytes");
}

#[test]
fn a_body_in_chunks_is_counted_as_it_comes() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(head("/validate", "Transfer-Encoding: chunked"));
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..LIMIT / 0x10000 {
        connection.send(&chunk);
    }
    // Far more than the server has to read before it knows: it reads on, so that the client reads the answer.
    for _ in 0..128 {
        connection.send(&chunk);
    }
    connection.send("0\r\n\r\n");
    connection.answer().assert_refusal(413, "7340032 bytes");
}

#[test]
fn a_body_at_the_limit_is_read() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(declaring(LIMIT));
    connection.send(vec![b' '; LIMIT]);
    connection.answer().assert_refusal(400, "");

    connection.send(head("/validate", "Transfer-Encoding: chunked"));
    connection.send(format!("{LIMIT:x}\r\n"));
    connection.send(vec![b' '; LIMIT]);
    connection.send("\r\n0\r\n\r\n");
    connection.answer().assert_refusal(400, "");
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on_or_not_to() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(head("/mutate", "Content-Length: 2\r\nExpect: 100-continue"));
    assert_eq!(connection.answer().status, 100);
    connection.ask("{}").assert_refusal(400, "");

    connection.send(head(
        "/mutate",
        &format!("Content-Length: {}\r\nExpect: 100-continue", LIMIT + 1),
    ));
    connection.answer().assert_refusal(413, "7340032 bytes");
}

#[test]
fn a_body_that_ends_early_costs_nothing_but_itself() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(declaring(100));
    connection.send("{");
    connection.close();
    wait_until("the request is given up", || {
        (metric(&server, "wfe_webhook_in_flight_requests") == Some(0.0)).then_some(())
    });
    let mut broken = connect(&server);
    broken.send(head("/mutate", "Transfer-Encoding: chunked"));
    broken.send("zz\r\n");
    broken.answer().assert_refusal(400, "");
    broken.wait_for_end();
}

#[test]
fn beyond_the_requests_in_flight_clients_are_sent_away_for_a_second() {
    let server = start(&["--max-in-flight", "2", "--body-timeout", "300s"]);
    let mut first = unfinished(&server, "/mutate");
    let mut second = unfinished(&server, "/validate");
    let mut third = connect(&server);
    for path in ["/mutate", "/validate"] {
        let answer = third.ask(post(path, "{}"));
        answer.assert_refusal(429, "too many requests");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    first.ask("}").assert_refusal(400, "");
    third.ask(post("/mutate", "{}")).assert_refusal(400, "");
    second.ask("}").assert_refusal(400, "");
    let shed = r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="shed",webhook="mutate"}"#;
    assert_eq!(metric(&server, shed), Some(1.0));
    assert_eq!(metric(&server, "wfe_webhook_in_flight_requests"), Some(0.0));
}

#[test]
fn what_the_head_tells_is_answered_even_under_overload() {
    let server = start(&["--max-in-flight", "1", "--body-timeout", "300s"]);
    let _first = unfinished(&server, "/mutate");
    let mut second = connect(&server);
    second
        .ask("GET /mutate HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .assert_refusal(405, "POST");
    second.ask(post("/other", "{}")).assert_refusal(404, "");
}

#[test]
fn when_the_callers_time_is_over_the_answer_says_so() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(head("/validate?timeout=300ms", "Content-Length: 2"));
    connection.send("{");
    connection.answer().assert_refusal(503, "run out");
    let late = r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="timeout",webhook="validate"}"#;
    assert_eq!(metric(&server, late), Some(1.0));
}

#[test]
fn a_caller_without_time_gets_no_work() {
    let server = start(&[]);
    connect(&server)
        .ask(post("/mutate?timeout=0s", "{}"))
        .assert_refusal(503, "run out");
}

#[test]
fn beyond_the_open_connections_clients_wait() {
    let server = start(&["--max-connections", "2"]);
    let mut first = connect(&server);
    let mut second = connect(&server);
    let port = server.port();
    let config = tls_config(&server.ca());
    let third = thread::spawn(move || Connection::open(port, config).ask(post("/mutate", "{}")));
    for _ in 0..100 {
        first.ask(post("/mutate", "{}")).assert_refusal(400, "");
        second.ask(post("/mutate", "{}")).assert_refusal(400, "");
    }
    assert!(
        !third.is_finished(),
        "the third connection was not held back"
    );
    first.close();
    third.join().unwrap().assert_refusal(400, "");
    wait_for_log(&server, "further clients wait");
}

#[test]
fn large_bodies_share_what_memory_there_is_and_small_ones_need_none_of_it() {
    let server = start(&["--body-timeout", "300s"]);
    let mut large: Vec<_> = (0..9)
        .map(|count| {
            let mut connection = connect(&server);
            connection.send(declaring(LIMIT));
            wait_until("the request is in flight", || {
                let in_flight = metric(&server, "wfe_webhook_in_flight_requests").unwrap();
                (in_flight > f64::from(count)).then_some(())
            });
            connection
        })
        .collect();
    let mut other = connect(&server);
    let answer = other.ask(declaring(LIMIT));
    answer.assert_refusal(429, "try again");
    assert_eq!(answer.header("retry-after"), Some("1"));
    connect(&server)
        .ask(post("/mutate", &" ".repeat(100_000)))
        .assert_refusal(400, "");
    let mut first = large.remove(0);
    first.send(vec![b' '; LIMIT]);
    first.answer().assert_refusal(400, "");
    let mut next = connect(&server);
    next.send(declaring(LIMIT));
    next.send(vec![b' '; LIMIT]);
    next.answer().assert_refusal(400, "");
}
