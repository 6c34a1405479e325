//! Closed loop: CPU per review, and how many reviews a second one core answers.

use anyhow::ensure;
use bodies::{Body, Write};
use serde::Serialize;

use super::{Effort, Spread};
use crate::answers::{Verdict, ask, is_asked};
use crate::load::{Pace, load};
use crate::process;
use crate::subject::{Identity, Running, Subject};

/// Connections of a closed loop.
pub const CONNECTIONS: usize = 8;

/// One server at one kind of review.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    pub review: String,
    /// CPU microseconds of the server.
    pub cpu: Spread,
    pub rate: Spread,
}

/// What a server holds before and after the load, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Memory {
    pub subject: Subject,
    pub idle: u64,
    pub peak: u64,
}

/// Everything of this section.
#[derive(Debug, Serialize)]
pub struct Saturation {
    pub rows: Vec<Row>,
    pub memory: Vec<Memory>,
}

/// The reviews that are compared, with their webhook.
pub fn reviews() -> Vec<(&'static str, Body)> {
    [
        ("mutate", Write::Nothing),
        ("validate", Write::Nothing),
        ("mutate", Write::Patch),
        ("validate", Write::OneFinding),
        ("validate", Write::FiveFindings),
        ("validate", Write::OtherResource),
    ]
    .map(|(webhook, write)| (webhook, bodies::body(write, 8_600)))
    .to_vec()
}

pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<Saturation> {
    let mut rows: Vec<(Subject, String, Vec<f64>, Vec<f64>)> = Vec::new();
    let mut memory = Vec::new();
    for round in 0..effort.rounds {
        let servers = start_all(identity)?;
        for (webhook, body) in reviews() {
            let name = format!("{} /{webhook}", body.name);
            let mut verdicts: Vec<Verdict> = Vec::new();
            for (subject, server) in &servers {
                if !is_asked(*subject, body.write)
                    || (*subject == Subject::Null && webhook == "mutate")
                {
                    continue;
                }
                let (work, verdict) = ask(*subject, server, webhook, &body)?;
                if *subject != Subject::Null {
                    verdicts.push(verdict);
                }
                let pid = server.process.pid();
                // Threads and buffers are there before anything is counted.
                load(
                    &server.target,
                    &work,
                    CONNECTIONS,
                    Pace::Closed,
                    effort.turn / 10,
                )?;
                let before = process::cpu(pid)?;
                let tally = load(
                    &server.target,
                    &work,
                    CONNECTIONS,
                    Pace::Closed,
                    effort.turn,
                )?;
                // The kernel has counted the first request of each connection as well.
                let answers = tally.latencies.len() + CONNECTIONS as u64;
                let cpu = process::cpu_for_each(pid, before, answers)?;
                let row = rows
                    .iter_mut()
                    .find(|row| row.0 == *subject && row.1 == name);
                match row {
                    Some(row) => {
                        row.2.push(cpu);
                        row.3.push(tally.rate());
                    }
                    None => rows.push((*subject, name.clone(), vec![cpu], vec![tally.rate()])),
                }
            }
            let same = verdicts.windows(2).all(|pair| pair[0] == pair[1]);
            ensure!(same, "the servers do not agree on {name}: {verdicts:#?}");
        }
        if round == 0 {
            for (subject, server) in &servers {
                let fresh = subject.start(identity)?;
                let idle = process::memory(fresh.process.pid(), "VmRSS")?;
                let peak = process::memory(server.process.pid(), "VmHWM")?;
                memory.push(Memory {
                    subject: *subject,
                    idle,
                    peak,
                });
            }
        }
        eprintln!("  round {} of {}", round + 1, effort.rounds);
    }
    let rows = rows.into_iter().map(|(subject, review, cpu, rate)| Row {
        subject,
        review,
        cpu: Spread::of(cpu),
        rate: Spread::of(rate),
    });
    Ok(Saturation {
        rows: rows.collect(),
        memory,
    })
}

/// All servers, idle.
pub fn start_all(identity: &Identity) -> anyhow::Result<Vec<(Subject, Running)>> {
    Subject::ALL
        .into_iter()
        .map(|subject| Ok((subject, subject.start(identity)?)))
        .collect()
}
