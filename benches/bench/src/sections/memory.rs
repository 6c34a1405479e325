//! What open connections cost.

use bodies::Write;
use serde::Serialize;

use super::Effort;
use super::saturation::CONNECTIONS;
use crate::answers::ask;
use crate::client::Connection;
use crate::load::{Pace, load};
use crate::process;
use crate::subject::{Identity, Subject};

const OPEN: [usize; 4] = [1, 100, 1_000, 2_000];

/// One server with some connections that have had one answer each and stay open.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    pub open: usize,
    /// Bytes that the server holds.
    pub held: u64,
    /// Bytes more than with one connection, for each further one.
    pub per_connection: f64,
    /// CPU microseconds for a review on eight other connections.
    pub cpu: f64,
}

pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let body = bodies::body(Write::Nothing, 8_600);
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        let server = subject.start(identity)?;
        let pid = server.process.pid();
        let (work, _) = ask(subject, &server, "validate", &body)?;
        let mut open = Vec::new();
        let mut first = 0;
        for count in OPEN {
            while open.len() < count {
                let mut connection = Connection::open(&server.target)?;
                connection.call(&work.request)?;
                open.push(connection);
            }
            let held = process::memory(pid, "VmRSS")?;
            if count == 1 {
                first = held;
            }
            let more = held.saturating_sub(first) as f64 / (count as f64 - 1.0).max(1.0);
            let before = process::cpu(pid)?;
            let tally = load(
                &server.target,
                &work,
                CONNECTIONS,
                Pace::Closed,
                effort.turn / 2,
            )?;
            // The kernel has counted the first request of each connection as well.
            let answers = tally.latencies.len() + CONNECTIONS as u64;
            let cpu = process::cpu_for_each(pid, before, answers)?;
            rows.push(Row {
                subject,
                open: count,
                held,
                per_connection: more,
                cpu,
            });
        }
        eprintln!("  {}", subject.name());
    }
    Ok(rows)
}
