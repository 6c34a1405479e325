//! Heads that no well-behaved client sends. Whatever the answer, the server goes on serving others.

use std::thread;
use std::time::Duration;

use rstest::rstest;

use crate::client::{post, post_with};
use crate::server::{connect, metric, start};

const IS_JSON: &str = "Content-Type: application/json\r\n";

#[rstest]
#[case::garbage("\u{1}\u{2}\u{3}\r\n\r\n", 400)]
#[case::no_version("GET /mutate\r\n\r\n", 400)]
#[case::version_2("POST /mutate HTTP/2.0\r\nHost: a\r\n\r\n", 400)]
#[case::version_9("POST /mutate HTTP/1.9\r\nHost: a\r\n\r\n", 400)]
#[case::space_in_path("POST /mu tate HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
#[case::nameless_header("POST /mutate HTTP/1.1\r\n: a\r\n\r\n", 400)]
#[case::space_before_colon("POST /mutate HTTP/1.1\r\nHost : a\r\n\r\n", 400)]
#[case::folded_header("POST /mutate HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400)]
#[case::nul_in_header("POST /mutate HTTP/1.1\r\nHost: a\u{0}b\r\n\r\n", 400)]
#[case::length_no_number(
    "POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: x\r\n\r\n",
    400
)]
#[case::length_negative("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400)]
#[case::lengths_differ(
    "POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    400
)]
#[case::chunked_not_last(
    "POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    400
)]
fn a_malformed_head_is_refused_and_its_connection_closed(#[case] head: &str, #[case] status: u16) {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(head);
    assert_eq!(connection.answer().status, status);
    connection.wait_for_end();
    connect(&server)
        .ask(post("/mutate", "{}"))
        .assert_refusal(400, "");
}

#[test]
fn a_head_beyond_the_limit_is_refused_and_its_client_reads_why() {
    let server = start(&[]);
    let mut connection = connect(&server);
    let long = format!("X-Long: {}\r\n{IS_JSON}", "x".repeat(1_000_000));
    connection.send(post_with("/mutate", &long, "{}"));
    assert_eq!(connection.answer().status, 431);
    connection.wait_for_end();
}

#[test]
fn a_client_that_never_ends_its_head_has_no_longer_than_a_head_may_take() {
    let server = start(&["--head-timeout", "300ms"]);
    let mut connection = connect(&server);
    connection.send("no head\r\n\r\n");
    assert_eq!(connection.answer().status, 400);
    while connection.try_send("x").is_ok() {
        thread::sleep(Duration::from_millis(20));
    }
    let malformed =
        r#"wfe_webhook_connections_closed_total{port="webhooks",reason="malformed_head"}"#;
    assert_eq!(metric(&server, malformed), Some(1.0));
}

#[test]
fn too_many_headers_are_refused() {
    let server = start(&[]);
    let mut connection = connect(&server);
    let many = "X-Many: 1\r\n".repeat(200);
    connection.send(post_with("/mutate", &many, "{}"));
    assert_eq!(connection.answer().status, 431);
}

#[test]
fn a_target_beyond_the_limit_is_refused() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(post(&format!("/{}", "x".repeat(65_536)), "{}"));
    assert_eq!(connection.answer().status, 431);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(format!(
        "{}{}{}",
        post("/mutate", "{}"),
        post("/nowhere", "{}"),
        post("/validate", "{")
    ));
    let statuses = [(); 3].map(|()| connection.answer().status);
    assert_eq!(statuses, [400, 404, 400]);
}

#[test]
fn an_old_client_gets_its_answer_and_the_end() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send(format!(
        "POST /mutate HTTP/1.0\r\n{IS_JSON}Content-Length: 2\r\n\r\n{{}}"
    ));
    // hyper answers in the version that was asked in.
    let error = connection.try_answer().unwrap_err().to_string();
    assert!(error.contains("HTTP/1.0 400 Bad Request"), "{error}");
}

#[test]
fn the_preface_of_http_2_is_refused() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(connection.try_answer().is_err());
    let mut next = connect(&server);
    next.ask(post("/mutate", "{}")).assert_refusal(400, "");
}
