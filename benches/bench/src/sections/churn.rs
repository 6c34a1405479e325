//! What a client costs that opens a connection for each review.

use bodies::Write;
use serde::Serialize;

use super::{Effort, Spread};
use crate::answers::ask;
use crate::client::Connection;
use crate::process;
use crate::subject::{Identity, Subject};

/// CPU microseconds of a server for a connection, its handshake and one review.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    pub cpu: Spread,
}

pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let body = bodies::body(Write::Nothing, 8_600);
    let mut samples = Subject::ALL.map(|subject| (subject, Vec::new()));
    for _ in 0..effort.rounds {
        for (subject, cpu) in &mut samples {
            let server = subject.start(identity)?;
            let (work, _) = ask(*subject, &server, "validate", &body)?;
            let pid = server.process.pid();
            let before = process::cpu(pid)?;
            for _ in 0..effort.connections {
                Connection::open(&server.target)?.call(&work.request)?;
            }
            cpu.push(process::cpu_for_each(pid, before, effort.connections)?);
        }
    }
    let rows = samples.map(|(subject, cpu)| Row {
        subject,
        cpu: Spread::of(cpu),
    });
    Ok(rows.into())
}
