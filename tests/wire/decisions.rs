//! Judgements that no request is known to cause: one that panics, and one that takes its time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use wfe_webhook::admission::{self, Judgement, Webhook};
use wfe_webhook::policy::Policy;
use wfe_webhook::review::Review;
use wfe_webhook::server::Limits;

use crate::client::{Connection, post};
use crate::embedded::Embedded;
use crate::guarded::wait_until;

/// A review that is answered at once, with `padding` spaces after it.
fn review(uid: &str, padding: usize) -> String {
    let review = format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"{uid}"}}}}"#
    );
    review + &" ".repeat(padding)
}

fn panics_at_will<'r>(
    webhook: Webhook,
    review: &'r Review<'r>,
    policy: &'r Policy,
    now: Timestamp,
) -> Judgement<'r> {
    assert!(review.uid != "panic", "as the test wants it");
    admission::judge(webhook, review, policy, now)
}

#[test]
fn a_panic_costs_the_request_that_met_it() {
    let server = Embedded::start(panics_at_will);
    let mut other = server.connect();
    let mut unlucky = server.connect();
    let answer = unlucky.ask(post("/validate", &review("panic", 0)));
    answer.assert_refusal(500, "internal error");
    // The connection, another one, and a body that is judged elsewhere for its size.
    unlucky.ask(post("/validate", "{}")).assert_refusal(400, "");
    let large = review("panic", 1 << 20);
    other
        .ask(post("/mutate", &large))
        .assert_refusal(500, "internal error");
    other.ask(post("/mutate", "{}")).assert_refusal(400, "");
    let metrics = server.metrics();
    for series in [
        "wfe_webhook_panics_total 2",
        "wfe_webhook_in_flight_requests 0",
        r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="error",webhook="validate"} 1"#,
        r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="error",webhook="mutate"} 1"#,
    ] {
        assert!(metrics.contains(series), "no {series} in: {metrics}");
    }
}

static BUSY: AtomicBool = AtomicBool::new(false);
static JUDGED: AtomicUsize = AtomicUsize::new(0);

/// Takes its time over the first review.
fn takes_its_time<'r>(
    webhook: Webhook,
    review: &'r Review<'r>,
    policy: &'r Policy,
    now: Timestamp,
) -> Judgement<'r> {
    JUDGED.fetch_add(1, Ordering::AcqRel);
    if !BUSY.swap(true, Ordering::AcqRel) {
        thread::sleep(Duration::from_secs(4));
    }
    admission::judge(webhook, review, policy, now)
}

#[test]
fn work_whose_caller_has_left_is_not_begun() {
    let server = Embedded::start(takes_its_time);
    let begin = |target: &str| -> Connection {
        let mut connection = server.connect();
        let request = post(target, &review("1", 1));
        connection.send(&request[..request.len() - 1]);
        connection
    };
    let mut long = begin("/mutate");
    let mut short = begin("/validate?timeout=3s");
    // Nothing shows that a head was read. While its body is incomplete, a request takes no place.
    thread::sleep(Duration::from_millis(300));
    assert!(
        server
            .metrics()
            .contains("wfe_webhook_in_flight_requests 0\n")
    );
    long.send(" ");
    wait_until("the server is busy", || {
        BUSY.load(Ordering::Acquire).then_some(())
    });
    short.ask(" ").assert_refusal(503, "run out");
    assert_eq!(long.answer().status, 200);
    assert_eq!(JUDGED.load(Ordering::Acquire), 1);
}

static HELD: AtomicBool = AtomicBool::new(true);
static BEGUN: AtomicUsize = AtomicUsize::new(0);

/// Holds every review until the test lets them go.
fn is_held<'r>(
    webhook: Webhook,
    review: &'r Review<'r>,
    policy: &'r Policy,
    now: Timestamp,
) -> Judgement<'r> {
    BEGUN.fetch_add(1, Ordering::AcqRel);
    while HELD.load(Ordering::Acquire) {
        thread::sleep(Duration::from_millis(10));
    }
    admission::judge(webhook, review, policy, now)
}

#[test]
fn large_work_that_waits_for_its_thread_is_not_begun_for_a_caller_that_has_left() {
    let server = Embedded::start(is_held);
    let large = review("1", 1 << 20);
    let wait_for_in_flight = |count: usize| {
        wait_until(&format!("{count} in flight"), || {
            let series = format!("wfe_webhook_in_flight_requests {count}\n");
            server.metrics().contains(&series).then_some(())
        });
    };
    let begin = |target: &str, in_flight: usize| -> Connection {
        let mut connection = server.connect();
        connection.send(post(target, &large));
        wait_for_in_flight(in_flight);
        connection
    };
    let mut first = begin("/mutate", 1);
    wait_until("the thread is taken", || {
        (BEGUN.load(Ordering::Acquire) == 1).then_some(())
    });
    let mut late = begin("/mutate?timeout=2s", 2);
    begin("/mutate", 3).close();
    wait_for_in_flight(2);
    // The caller's time has to pass.
    thread::sleep(Duration::from_secs(2));
    HELD.store(false, Ordering::Release);
    assert_eq!(first.answer().status, 200);
    late.answer().assert_refusal(503, "run out");
    assert_eq!(BEGUN.load(Ordering::Acquire), 1);
    let left = r#"wfe_webhook_connections_closed_total{port="webhooks",reason="client_closed"} 1"#;
    let metrics = server.metrics();
    assert!(metrics.contains(left), "{metrics}");
}

static PLACES_HELD: AtomicBool = AtomicBool::new(true);

/// Holds every review until the test lets them go.
fn holds_its_place<'r>(
    webhook: Webhook,
    review: &'r Review<'r>,
    policy: &'r Policy,
    now: Timestamp,
) -> Judgement<'r> {
    while review.uid == "held" && PLACES_HELD.load(Ordering::Acquire) {
        thread::sleep(Duration::from_millis(10));
    }
    admission::judge(webhook, review, policy, now)
}

#[test]
fn beyond_the_requests_in_flight_clients_are_sent_away_for_a_second() {
    let limits = Limits {
        max_in_flight: 2.try_into().unwrap(),
        ..Limits::default()
    };
    let server = Embedded::start_with(holds_its_place, limits);
    let large = review("held", 1 << 20);
    let mut held: Vec<_> = (1..=2)
        .map(|count| {
            let mut connection = server.connect();
            connection.send(post("/mutate", &large));
            wait_until("it is in flight", || {
                let series = format!("wfe_webhook_in_flight_requests {count}\n");
                server.metrics().contains(&series).then_some(())
            });
            connection
        })
        .collect();
    let mut third = server.connect();
    for path in ["/mutate", "/validate"] {
        let answer = third.ask(post(path, &review("1", 0)));
        answer.assert_refusal(429, "too many requests");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    // What the head shows is answered all the same.
    third
        .ask("GET /mutate HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .assert_refusal(405, "POST");
    third.ask(post("/other", "{}")).assert_refusal(404, "");
    PLACES_HELD.store(false, Ordering::Release);
    for connection in &mut held {
        assert_eq!(connection.answer().status, 200);
    }
    assert_eq!(third.ask(post("/mutate", &review("1", 0))).status, 200);
    let shed = r#"wfe_webhook_admission_requests_total{dry_run="unknown",outcome="shed",webhook="mutate"} 1"#;
    let metrics = server.metrics();
    assert!(metrics.contains(shed), "{metrics}");
}
