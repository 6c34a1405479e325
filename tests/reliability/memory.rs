//! Attacks on the memory: what is over the budget is sent away, and all of it is given back.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rstest::rstest;
use test_support::hostile::{Side, with_value};
use test_support::unread::{leave_unread, review_with_large_answer};

use crate::client::{Connection, post, tls_config};
use crate::guarded::wait_until;
use crate::server::{metric, readiness, start};
use crate::soak::{mib, row, soaking};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic};

const CONDITIONS: &str = "/status/conditions";

/// A list of so many bytes, of one item over and over.
fn list_of(item: &str, bytes: usize) -> Vec<u8> {
    let items = vec![item; bytes / (item.len() + 1)];
    format!("[{}]", items.join(",")).into_bytes()
}

/// A review of about so many bytes in all, with a list of one item over and over in both objects.
fn repeating(item: &str, bytes: usize) -> Vec<u8> {
    with_value(Side::Both, CONDITIONS, &list_of(item, bytes / 2))
}

/// 1,024 conditions of so many bytes in all, each with an overlong status, in both objects: as many as are looked at.
fn longest(bytes: usize) -> Vec<u8> {
    let filler = "x".repeat(bytes / 2 / 1_024 - 60);
    let item = format!(r#"{{"type":"A","status":"{filler}","reason":"","message":1}}"#);
    let list = format!("[{}]", vec![item; 1_024].join(","));
    with_value(Side::Both, CONDITIONS, list.as_bytes())
}

/// A review of so many bytes that are not UTF-8.
fn not_utf8(bytes: usize) -> Vec<u8> {
    let text = [&b"\""[..], &vec![0xff; bytes], b"\""].concat();
    with_value(Side::Written, "/status/phase", &text)
}

/// A POST of a body that need not be text.
fn post_bytes(path: &str, body: &[u8]) -> Vec<u8> {
    let empty = post(path, "");
    let head = empty.replace(
        "Content-Length: 0",
        &format!("Content-Length: {}", body.len()),
    );
    [head.as_bytes(), body].concat()
}

/// How many requests were answered, and how many sent away.
struct Outcomes {
    answered: AtomicUsize,
    shed: AtomicUsize,
}

/// Sends a request over so many connections at the same time, and reads every answer.
fn by_all_at_once(server: &WebhookServer, connections: usize, request: &[u8]) -> Outcomes {
    let outcomes = Outcomes {
        answered: AtomicUsize::new(0),
        shed: AtomicUsize::new(0),
    };
    let config = tls_config(&server.ca());
    let together = Barrier::new(connections);
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = Connection::open(server.port(), config.clone());
                together.wait();
                // A server that sends a request away may close while the rest of it is on its way.
                let _ = connection.try_send(request);
                match connection.try_answer() {
                    Ok(answer) if answer.status == 429 => &outcomes.shed,
                    Ok(_) => &outcomes.answered,
                    Err(_) => return,
                }
                .fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    outcomes
}

/// Nothing is held any more, and the server is as good as before.
fn assert_recovered(name: &str, mut server: WebhookServer, detail: &str) {
    for gauge in ["in_flight_requests", "reading_requests"] {
        wait_until(&format!("{gauge} is 0"), || {
            (metric(&server, &format!("wfe_webhook_{gauge}")) == Some(0.0)).then_some(())
        });
    }
    let mut healthy = Connection::open(server.port(), tls_config(&server.ca()));
    let body = longest(6 * 1024 * 1024);
    healthy.send(post_bytes("/validate", &body));
    assert_eq!(healthy.answer().status, 200, "all memory was given back");
    assert_eq!(readiness(&server).status, 200);
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    if soaking() {
        row(&[name.to_owned(), mib(peak), detail.to_owned()]);
    }
}

#[rstest]
#[case::conditions_without_fields(
    "256 reviews of 2.2 MB whose conditions lack fields, in both objects",
    repeating(r#"{"type":"A"}"#, 2_200_000)
)]
#[case::empty_conditions(
    "256 reviews of 394 kB of `{}` in both objects",
    repeating("{}", 394_000)
)]
#[case::longest_lists(
    "256 reviews of 2.2 MB in 1,024 conditions in both objects",
    longest(2_200_000)
)]
#[case::largest("256 reviews of 6.7 MB", longest(6_700_000))]
#[case::not_utf8("256 reviews of 1 MB that are not UTF-8", not_utf8(1_000_000))]
fn what_is_too_much_for_the_memory_is_sent_away(#[case] name: &str, #[case] body: Vec<u8>) {
    let _alone = alone();
    let server = start(&[]);
    let request = post_bytes("/validate", &body);
    let outcomes = by_all_at_once(&server, 256, &request);
    let (answered, shed) = (outcomes.answered.into_inner(), outcomes.shed.into_inner());
    assert!(
        answered > 0 && answered + shed > 200,
        "{answered} answered, {shed} shed"
    );
    assert_recovered(
        name,
        server,
        &format!("{answered} answered, {shed} sent away"),
    );
}

#[test]
fn answers_that_are_not_read_keep_their_place_and_memory_until_they_are_given_up() {
    let _alone = alone();
    let server = start(&["--body-timeout", "5s"]);
    let review = review_with_large_answer();
    let config = tls_config(&server.ca());
    let unread: Vec<_> = (0..80)
        .map(|_| leave_unread(server.port(), config.clone(), &review))
        .collect();
    wait_until("answers wait to be read, and the rest is sent away", || {
        let waiting = metric(&server, "wfe_webhook_in_flight_requests")?;
        let shed = metric(
            &server,
            r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="shed",webhook="mutate"}"#,
        )?;
        (waiting > 0.0 && shed > 0.0).then_some(())
    });
    wait_until("they are given up", || {
        let reason =
            r#"wfe_webhook_connections_closed_total{port="webhooks",reason="write_timeout"}"#;
        metric(&server, reason).filter(|closed| *closed > 0.0)
    });
    assert_recovered(
        "80 clients that do not read an answer of 0.5 MB",
        server,
        "given up after the body timeout",
    );
    drop(unread);
}

#[test]
fn a_thousand_connections_with_the_beginning_of_a_long_head_stay_within_memory() {
    let _alone = alone();
    let server = start(&["--head-timeout", "20s"]);
    let config = tls_config(&server.ca());
    let head = format!("POST /mutate HTTP/1.1\r\nX-Filler: {}", "x".repeat(60_000));
    let connections: Vec<_> = (0..1_000)
        .map(|_| {
            let mut connection = Connection::open(server.port(), config.clone());
            connection.send(&head);
            connection
        })
        .collect();
    assert_eq!(readiness(&server).status, 200);
    drop(connections);
    assert_recovered("1,000 connections with 60 kB of a head", server, "");
}
