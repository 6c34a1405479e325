//! Which status for which request, and that every error is one line of text.

use rstest::rstest;

use crate::client::{ask_plainly, get, post, post_with};
use crate::server::{connect, start};

/// A body that is no review, so that what is in front of the decision can be told from it.
const NO_REVIEW: &str = "{}";
const IS_JSON: &str = "Content-Type: application/json\r\n";

#[test]
fn what_is_not_a_review_is_refused_and_the_connection_kept() {
    let server = start(&[]);
    let mut connection = connect(&server);
    for path in ["/mutate", "/validate"] {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "\"x\"",
            "\u{feff}{}",
            "{}",
            "{\"request\":null}",
            "<review/>",
        ] {
            let answer = connection.ask(post(path, body));
            answer.assert_refusal(400, "");
            assert_eq!(answer.header("connection"), None, "{answer:?}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let server = start(&[]);
    let mut connection = connect(&server);
    let mut request = post_with("/mutate", IS_JSON, "12345").into_bytes();
    let length = request.len();
    request[length - 5..].copy_from_slice(b"{\"\xff\xfe\0");
    connection.ask(request).assert_refusal(400, "");
}

#[test]
fn other_methods_get_the_right_one() {
    let server = start(&[]);
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        let mut connection = connect(&server);
        let answer = connection.ask(format!(
            "{method} /mutate HTTP/1.1\r\nHost: localhost\r\n{IS_JSON}Content-Length: 2\r\n\r\n{{}}"
        ));
        answer.assert_refusal(405, "POST");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
}

#[test]
fn a_head_request_is_answered_without_a_body() {
    let server = start(&[]);
    let mut connection = connect(&server);
    connection.send("HEAD /validate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let answer = connection.rest();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 405 "), "{head}");
    assert_eq!(body, "");
}

#[rstest]
#[case::exact("Content-Type: application/json\r\n", 400)]
#[case::parameters("Content-Type: application/json; charset=utf-8\r\n", 400)]
#[case::upper_case("content-type: Application/JSON ;x=y\r\n", 400)]
#[case::missing("", 415)]
#[case::empty("Content-Type:\r\n", 415)]
#[case::other("Content-Type: text/plain\r\n", 415)]
#[case::longer("Content-Type: application/json-patch+json\r\n", 415)]
#[case::form("Content-Type: application/x-www-form-urlencoded\r\n", 415)]
fn only_json_is_taken(#[case] header: &str, #[case] status: u16) {
    let server = start(&[]);
    let mut connection = connect(&server);
    let answer = connection.ask(post_with("/validate", header, NO_REVIEW));
    answer.assert_refusal(
        status,
        if status == 415 {
            "application/json"
        } else {
            ""
        },
    );
}

#[test]
fn other_paths_are_not_there() {
    let server = start(&[]);
    let mut connection = connect(&server);
    for path in [
        "/",
        "/mutate/",
        "/Mutate",
        "/validate/x",
        "//mutate",
        "/metrics",
        "/livez",
        "/readyz",
        "/mutate%20",
        "/%6dutate2",
    ] {
        connection
            .ask(post(path, NO_REVIEW))
            .assert_refusal(404, "/mutate and /validate");
    }
}

#[test]
fn a_query_is_not_part_of_the_path() {
    let server = start(&[]);
    let mut connection = connect(&server);
    for query in [
        "?timeout=10s",
        "?",
        "?timeout=soon",
        "?a=b&timeout=3s",
        "?timeout=-3s",
    ] {
        connection
            .ask(post(&format!("/mutate{query}"), NO_REVIEW))
            .assert_refusal(400, "");
    }
}

#[test]
fn the_admin_port_answers_probes_and_nothing_else() {
    let server = start(&[]);
    let admin = server.admin();
    assert_eq!(get(admin, "/livez").unwrap().body, "ok\n");
    assert_eq!(get(admin, "/readyz").unwrap().body, "ok\n");
    assert_eq!(get(admin, "/readyz?verbose").unwrap().status, 200);
    for path in ["/", "/mutate", "/validate", "/debug/pprof", "/livez/ping"] {
        get(admin, path).unwrap().assert_refusal(404, "/metrics");
    }
    let posted = "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    let answer = ask_plainly(admin, posted).unwrap();
    answer.assert_refusal(405, "GET");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}
