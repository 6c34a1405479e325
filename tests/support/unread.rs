//! Clients that do not read their answer: it keeps its place and its memory until it is given up.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::ClientConfig;
use serde_json::json;
use socket2::{Domain, Socket, Type};

use crate::client::{Connection, post};
use crate::reviews::{Review, condition};

/// A review whose answer from `/mutate` has about half a megabyte: conditions with the longest messages are restored.
pub fn review_with_large_answer() -> String {
    let stored = [
        ("TektonPipelineCreated", "PipelineCreated"),
        ("TektonPipelineRunning", "PipelineStarted"),
        ("TektonPipelineComplete", "PipelineSucceeded"),
    ];
    let stored = stored.map(|(name, reason)| {
        let mut condition = condition(name, "True", reason);
        condition["message"] = json!("\u{1f680}".repeat(32_768));
        condition
    });
    let review = Review::tekton()
        .status(json!({"phase": "Completed"}))
        .stored(json!({"phase": "Completed", "conditions": stored}));
    String::from_utf8(review.body()).expect("a review is text")
}

/// Sends a review to `/mutate` over a connection that has no room for the answer, and never reads it.
pub fn leave_unread(port: u16, config: ClientConfig, review: &str) -> Connection {
    const LITTLE: usize = 4096;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    // Before it connects: it decides how much the server may send ahead.
    socket.set_recv_buffer_size(LITTLE).expect("a small buffer");
    socket.connect(&address.into()).expect("the server listens");
    let socket = std::net::TcpStream::from(socket);
    socket
        .set_write_timeout(Some(Duration::from_mins(1)))
        .expect("a timeout");
    let mut connection = Connection::over(socket, config, "localhost").expect("a handshake");
    connection.send(post("/mutate", review));
    connection
}
