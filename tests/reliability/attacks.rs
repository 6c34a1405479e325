//! What clients can do wrong, many at once. Each function returns when the server has dealt with all of it, and asserts
//! that each of them was counted, once.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::client::{Connection, post, socket, tls_config};
use crate::pool::hold;
use crate::server::{Growth, connect};
use crate::webhook_server::WebhookServer;

/// How many do it at the same time.
const MANY: usize = 20;

const HEAD: &str = "POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/// Does it on as many threads.
fn by_many(server: &WebhookServer, attack: impl Fn(Connection) + Sync) {
    thread::scope(|scope| {
        for _ in 0..MANY {
            scope.spawn(|| attack(connect(server)));
        }
    });
}

/// A TCP connection to the port of the webhooks.
fn tcp(server: &WebhookServer) -> TcpStream {
    socket(SocketAddr::from(([127, 0, 0, 1], server.port()))).unwrap()
}

/// Reads what the server still sends, to its end or reset.
#[track_caller]
fn read_to_end(mut socket: TcpStream) -> String {
    let mut rest = Vec::new();
    if let Err(error) = socket.read_to_end(&mut rest) {
        assert_ne!(
            error.kind(),
            io::ErrorKind::WouldBlock,
            "the server does not hang up"
        );
    }
    String::from_utf8_lossy(&rest).into_owned()
}

/// Sends one byte after the other, a few each second, until the server hangs up.
fn drip(connection: &mut Connection, bytes: &str) {
    for byte in bytes.bytes().cycle() {
        if connection.try_send([byte]).is_err() {
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// Requests that came to this; the healthy client calls the other webhook.
fn refused(outcome: &str) -> String {
    format!(
        r#"wfe_webhook_admission_requests_total{{dry_run="unknown",outcome="{outcome}",webhook="mutate"}}"#
    )
}

/// Connections that ended by this.
fn closed(reason: &str) -> String {
    format!(r#"wfe_webhook_connections_closed_total{{port="webhooks",reason="{reason}"}}"#)
}

const FAILED_HANDSHAKES: &str = "wfe_webhook_tls_handshake_failures_total";

pub fn silence(server: &WebhookServer) {
    let failed = Growth::of(server, &[FAILED_HANDSHAKES]);
    let _held = hold(server.port(), 500);
    failed.wait_for(500);
}

pub fn handshakes_that_stop_half_way(server: &WebhookServer) {
    let failed = Growth::of(server, &[FAILED_HANDSHAKES]);
    // A record of 512 bytes is announced, and a ClientHello in it.
    let begun = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];
    let sockets: Vec<_> = (0..100)
        .map(|_| {
            let mut socket = tcp(server);
            socket.write_all(&begun).unwrap();
            socket
        })
        .collect();
    for socket in sockets {
        read_to_end(socket);
    }
    failed.wait_for(100);
}

pub fn heads_that_drip(server: &WebhookServer) {
    let late = Growth::of(server, &[&closed("head_timeout")]);
    by_many(server, |mut connection| drip(&mut connection, HEAD));
    late.wait_for(MANY);
}

pub fn bodies_that_drip(server: &WebhookServer) {
    let late = Growth::of(server, &[&refused("timeout")]);
    by_many(server, |mut connection| {
        connection.send(format!("{HEAD}Content-Length: 1000\r\n\r\n"));
        drip(&mut connection, " ");
    });
    late.wait_for(MANY);
}

pub fn bodies_that_never_end(server: &WebhookServer) {
    let late = Growth::of(server, &[&refused("timeout")]);
    by_many(server, |mut connection| {
        connection.send(format!("{HEAD}Content-Length: 1000\r\n\r\n{{"));
        connection.answer().assert_refusal(408, "not complete");
        connection.wait_for_end();
    });
    late.wait_for(MANY);
}

pub fn bodies_shorter_than_declared(server: &WebhookServer) {
    let refused = Growth::of(server, &[&refused("invalid")]);
    by_many(server, |mut connection| {
        connection.send(format!("{HEAD}Content-Length: 1000\r\n\r\n{{"));
        connection.close();
    });
    refused.wait_for(MANY);
}

pub fn bodies_longer_than_declared(server: &WebhookServer) {
    let refused = Growth::of(server, &[&refused("invalid")]);
    by_many(server, |mut connection| {
        // What is too much can only be taken for the next request, which it is not.
        connection.send(format!("{HEAD}Content-Length: 2\r\n\r\n{{}}{{}}{{}}"));
        connection.answer().assert_refusal(400, "");
        match connection.try_answer() {
            Ok(answer) => assert_eq!(answer.status, 400, "{answer:?}"),
            Err(error) => assert_ne!(error.kind(), io::ErrorKind::WouldBlock),
        }
        connection.wait_for_end();
    });
    refused.wait_for(MANY);
}

pub fn chunks_without_end(server: &WebhookServer) {
    // Those for whom there is no memory are sent away before they have sent too much.
    let refused = Growth::of(server, &[&refused("invalid"), &refused("shed")]);
    by_many(server, |mut connection| {
        connection.send(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n"));
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        while connection.try_send(&chunk).is_ok() {}
    });
    refused.wait_for(MANY);
}

pub fn bodies_of_8_mib(server: &WebhookServer) {
    let refused = Growth::of(server, &[&refused("invalid")]);
    let body = " ".repeat(8 * 1024 * 1024);
    by_many(server, |mut connection| {
        connection
            .ask(post_mutate(&body))
            .assert_refusal(413, "7340032 bytes");
    });
    refused.wait_for(MANY);
}

fn post_mutate(body: &str) -> String {
    post("/mutate", body)
}

pub fn pipelined_requests(server: &WebhookServer) {
    let refused = Growth::of(server, &[&refused("invalid")]);
    by_many(server, |mut connection| {
        connection.send(post_mutate("{}").repeat(100));
        for _ in 0..100 {
            connection.answer().assert_refusal(400, "");
        }
    });
    refused.wait_for(MANY * 100);
}

pub fn http2_without_asking(server: &WebhookServer) {
    let refused = Growth::of(server, &[&closed("malformed_head")]);
    by_many(server, |mut connection| {
        connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
        if let Ok(answer) = connection.try_answer() {
            assert!(matches!(answer.status, 400 | 404 | 505), "{answer:?}");
        }
    });
    refused.wait_for(MANY);
}

pub fn http2_by_alpn_alone(server: &WebhookServer) {
    let failed = Growth::of(server, &[FAILED_HANDSHAKES]);
    for _ in 0..MANY {
        let mut config = tls_config(&server.ca());
        config.alpn_protocols = vec![b"h2".to_vec()];
        Connection::try_open(server.port(), config, "localhost").unwrap_err();
    }
    failed.wait_for(MANY);
}

pub fn plain_http(server: &WebhookServer) {
    let failed = Growth::of(server, &[FAILED_HANDSHAKES]);
    for _ in 0..MANY {
        let mut socket = tcp(server);
        socket.write_all(post_mutate("{}").as_bytes()).unwrap();
        let answer = read_to_end(socket);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
        assert!(answer.contains("this port serves HTTPS"), "{answer:?}");
    }
    failed.wait_for(MANY);
}

pub fn tls_1_0(server: &WebhookServer) {
    let failed = Growth::of(server, &[FAILED_HANDSHAKES]);
    // A whole ClientHello: version 3.1, 32 random bytes, no session, one suite, no compression.
    let mut hello = vec![3, 1];
    hello.extend_from_slice(&[7; 32]);
    hello.extend_from_slice(&[0, 0, 2, 0, 47, 1, 0]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.append(&mut hello);
    for _ in 0..MANY {
        let mut socket = tcp(server);
        socket.write_all(&record).unwrap();
        let mut alert = Vec::new();
        // The alert, if it is not lost in a reset.
        let _ = socket.read_to_end(&mut alert);
        assert!(matches!(alert.first(), None | Some(21)), "{alert:?}");
    }
    failed.wait_for(MANY);
}

pub fn garbage(server: &WebhookServer) {
    let failed = Growth::of(server, &[FAILED_HANDSHAKES]);
    let malformed = Growth::of(server, &[&closed("malformed_head")]);
    let mut state = 1_u32;
    let mut bytes = |length: usize| -> Vec<u8> {
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect()
    };
    for length in 1..=200 {
        let mut socket = tcp(server);
        // The server may have hung up at the first of them.
        let _ = socket.write_all(&bytes(length * 7));
        let _ = socket.shutdown(std::net::Shutdown::Write);
        read_to_end(socket);
    }
    failed.wait_for(200);
    for length in 1..=MANY {
        let mut connection = connect(server);
        let _ = connection.try_send(bytes(length * 70));
        connection.try_send("\r\n\r\n").ok();
        if let Ok(answer) = connection.try_answer() {
            assert_eq!(answer.status, 400, "{answer:?}");
        }
    }
    malformed.wait_for(MANY);
}
