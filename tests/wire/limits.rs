//! How much at once, and what beyond it is answered.

use wfe_webhook::server::{MEMORY_BUDGET, SMALL_BODY};

use crate::client::post;
use crate::guarded::wait_until;
use crate::server::{connect, metric, start};

const LIMIT: usize = 7 * 1024 * 1024;

fn head(target: &str, framing: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

fn declaring(length: usize) -> String {
    head("/mutate", &format!("Content-Length: {length}"))
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
fn a_client_that_asks_first_gets_100_or_the_refusal() {
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
        (metric(&server, "wfe_webhook_reading_requests") == Some(0.0)).then_some(())
    });
    let mut broken = connect(&server);
    broken.send(head("/mutate", "Transfer-Encoding: chunked"));
    broken.send("zz\r\n");
    broken.answer().assert_refusal(400, "");
    broken.wait_for_end();
}

#[test]
fn when_the_callers_time_is_over_the_answer_is_503() {
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

/// How much memory a process holds, in bytes.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<usize>().ok());
    kib.unwrap() * 1024
}

#[test]
fn large_bodies_share_what_memory_there_is_and_small_ones_need_none_of_it() {
    let mut server = start(&["--body-timeout", "300s"]);
    let pid = server.process().pid();
    let idle = resident(pid);
    let mut large: Vec<_> = (0..MEMORY_BUDGET / LIMIT)
        .map(|_| {
            let mut connection = connect(&server);
            connection.send(declaring(LIMIT));
            connection.send(vec![b' '; LIMIT - 1]);
            connection
        })
        .collect();
    // Memory is taken as the bytes arrive: what comes before the last of them would take it from those.
    wait_until("almost all bytes have been read", || {
        (resident(pid) >= idle + MEMORY_BUDGET - MEMORY_BUDGET / 64).then_some(())
    });
    let mut other = connect(&server);
    wait_until("the memory is used up", || {
        other.send(declaring(LIMIT));
        other.send(vec![b' '; LIMIT]);
        let answer = other.answer();
        (answer.status == 429).then(|| {
            answer.assert_refusal(429, "try again");
            assert_eq!(answer.header("retry-after"), Some("1"));
        })
    });
    connect(&server)
        .ask(post("/mutate", &" ".repeat(SMALL_BODY)))
        .assert_refusal(400, "");
    let mut first = large.remove(0);
    first.send(" ");
    first.answer().assert_refusal(400, "");
    let mut next = connect(&server);
    next.send(declaring(LIMIT));
    next.send(vec![b' '; LIMIT]);
    next.answer().assert_refusal(400, "");
}

#[test]
fn a_body_that_only_declares_its_length_takes_no_memory() {
    let server = start(&["--body-timeout", "300s"]);
    let slow: Vec<_> = (0..2 * MEMORY_BUDGET / LIMIT)
        .map(|_| {
            let mut connection = connect(&server);
            connection.send(declaring(LIMIT));
            connection.send(" ");
            connection
        })
        .collect();
    let mut next = connect(&server);
    next.send(declaring(LIMIT));
    next.send(vec![b' '; LIMIT]);
    next.answer().assert_refusal(400, "");
    drop(slow);
}

#[test]
fn requests_that_are_being_read_take_no_place_in_flight() {
    let server = start(&["--max-in-flight", "1", "--body-timeout", "300s"]);
    let slow: Vec<_> = (0..256)
        .map(|_| {
            let mut connection = connect(&server);
            connection.send(declaring(2));
            connection.send("{");
            connection
        })
        .collect();
    let mut healthy = connect(&server);
    for _ in 0..100 {
        healthy.ask(post("/mutate", "{}")).assert_refusal(400, "");
    }
    drop(slow);
}
