//! Many clients at once, each of which does nothing forbidden.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Instant;

use test_support::hostile::{Side, with_value};

use crate::client::{Connection, post, socket, tls_config};
use crate::pool::hold;
use crate::server::{connect, start};
use crate::soak::{measured, ms, row, soaking};
use crate::webhook_server::WebhookServer;
use crate::{alone, assert_memory_bounded, assert_no_panic};

const CROWD: usize = 256;

/// A review with 1,024 conditions of so many bytes each in both objects.
fn review_of(item_bytes: usize) -> String {
    let item = match item_bytes.checked_sub(r#"{"a":""}"#.len()) {
        Some(filler) => format!(r#"{{"a":"{}"}}"#, "x".repeat(filler)),
        None => "{}".to_owned(),
    };
    let list = format!("[{}]", vec![item; 1_024].join(","));
    let body = with_value(Side::Both, "/status/conditions", list.as_bytes());
    String::from_utf8(body).unwrap()
}

/// Sends a review over each of many connections, again and again for a while.
fn ask_by_all(server: &WebhookServer, review: &str) {
    let config = tls_config(&server.ca());
    let request = post("/mutate", review);
    thread::scope(|scope| {
        for _ in 0..CROWD {
            scope.spawn(|| {
                let mut connection = Connection::open(server.port(), config.clone());
                let begun = Instant::now();
                while begun.elapsed() < measured() {
                    let answer = connection.ask(&request);
                    assert!(matches!(answer.status, 200 | 429), "{answer:?}");
                }
            });
        }
    });
}

/// Bodies of 126 kB: too much for a thread that has others to serve.
pub fn medium_reviews(server: &WebhookServer) {
    ask_by_all(server, &review_of(55));
}

/// The reviews that cost most of those that are judged where they were read.
pub fn dear_small_reviews(server: &WebhookServer) {
    ask_by_all(server, &review_of(0));
}

pub fn pipelined_scrapes(server: &WebhookServer) {
    let requests = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let begun = Instant::now();
                while begun.elapsed() < measured() {
                    let mut socket = socket(server.admin()).unwrap();
                    // The server closes after its first answer, and the rest of the requests may reset the connection.
                    let _ = socket.write_all(requests.as_bytes());
                    let _ = socket.read_to_end(&mut Vec::new());
                }
            });
        }
    });
}

pub fn silent_clients_of_the_admin_port(server: &WebhookServer) {
    let silent: Vec<_> = (0..CROWD)
        .map(|_| socket(server.admin()).unwrap())
        .collect();
    thread::sleep(measured());
    drop(silent);
}

/// Each body is incomplete for as long as its connection lives.
pub fn slow_bodies(server: &WebhookServer) {
    let head = "POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    let mut slow: Vec<_> = (0..CROWD)
        .map(|_| {
            let mut connection = connect(server);
            connection.send(head);
            connection
        })
        .collect();
    let begun = Instant::now();
    while begun.elapsed() < measured() {
        for connection in &mut slow {
            // The server may have given it up by then.
            let _ = connection.try_send(" ");
        }
    }
}

/// The time to the first answer of each of some new clients, in milliseconds.
fn first_answers(server: &WebhookServer) -> Vec<f64> {
    let config = tls_config(&server.ca());
    let answer = |_| {
        let begun = Instant::now();
        let mut connection = Connection::open(server.port(), config.clone());
        connection
            .ask(post("/mutate", "{}"))
            .assert_refusal(400, "");
        begun.elapsed().as_secs_f64() * 1000.0
    };
    (0..20).map(answer).collect()
}

#[test]
fn new_clients_are_served_beside_a_silent_crowd() {
    let _alone = alone();
    let mut server = start(&["--head-timeout", "300s", "--handshake-timeout", "300s"]);
    let config = tls_config(&server.ca());
    let silent: Vec<_> = (0..1_000)
        .map(|_| Connection::open(server.port(), config.clone()))
        .collect();
    let beside_1_000 = first_answers(&server);
    let waiting = hold(server.port(), 5_000);
    let beside_6_000 = first_answers(&server);
    drop((waiting, silent));
    assert_no_panic(&server);
    let peak = assert_memory_bounded(&mut server);
    if soaking() {
        for (crowd, answers) in [
            ("1,000 connections after their handshake", beside_1_000),
            ("the same, and 5,000 more that wait", beside_6_000),
        ] {
            let slowest = answers.iter().copied().fold(0.0, f64::max);
            row(&[
                crowd.to_owned(),
                format!("{} of 20", answers.len()),
                ms(slowest),
                crate::soak::mib(peak),
            ]);
        }
    }
}

/// Each holds a connection for as long as the least speed allows, and comes again.
#[test]
fn new_clients_are_served_beside_a_crowd_whose_bodies_do_not_come() {
    let _alone = alone();
    let mut server = start(&["--body-timeout", "300s"]);
    let request = post("/mutate", "{}");
    let slow: Vec<_> = (0..1_000)
        .map(|_| {
            let mut connection = connect(&server);
            connection.send(&request[..request.len() - 1]);
            connection
        })
        .collect();
    let answers = first_answers(&server);
    drop(slow);
    assert_no_panic(&server);
    assert_memory_bounded(&mut server);
    let slowest = answers.iter().copied().fold(0.0, f64::max);
    // An API server waits 3 s for /mutate.
    assert!(slowest < 3_000.0, "{answers:?}");
    if soaking() {
        row(&["1,000 bodies that do not come".to_owned(), ms(slowest)]);
    }
}

#[test]
fn failed_handshakes_are_all_counted_and_logged_once_a_second() {
    let _alone = alone();
    let server = start(&[]);
    let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let begun = Instant::now();
    for _ in 0..300 {
        let mut socket = socket(address).unwrap();
        socket.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let _ = socket.read_to_end(&mut Vec::new());
    }
    crate::server::wait_for_failed_handshakes(&server, 300.0);
    crate::server::wait_for_log(&server, "TLS handshake failed");
    let log = server.log();
    let lines = log.matches("TLS handshake failed").count();
    let most = 2 + begun.elapsed().as_secs();
    assert!(lines as u64 <= most, "{lines} lines: {log}");
}
