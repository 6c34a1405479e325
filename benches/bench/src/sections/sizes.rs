//! What a larger review costs: by its bytes, and by the number of its conditions.

use bodies::{Body, Write};
use serde::Serialize;

use super::saturation::start_all;
use super::{Effort, Spread};
use crate::answers::ask;
use crate::load::{Pace, load};
use crate::process;
use crate::subject::{Identity, Subject};

/// CPU microseconds of a server for one review.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    pub bytes: usize,
    /// How many conditions the list holds.
    pub conditions: usize,
    pub cpu: Spread,
}

const CONDITIONS: [usize; 4] = [1, 10, 100, 1_024];

/// By the bytes of a review in which nothing is to do.
pub fn by_bytes(identity: &Identity, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let sizes = [1_600, 5_600, 8_600, 26_000, 80_000, 200_000];
    let bodies = sizes.map(|size| (3, bodies::body(Write::Nothing, size)));
    measure(identity, effort, &bodies)
}

/// By the number of conditions.
pub fn by_conditions(identity: &Identity, effort: Effort) -> anyhow::Result<Vec<Row>> {
    let bodies = CONDITIONS.map(|count| (count, bodies::many_conditions(count)));
    measure(identity, effort, &bodies)
}

fn measure(
    identity: &Identity,
    effort: Effort,
    bodies: &[(usize, Body)],
) -> anyhow::Result<Vec<Row>> {
    let servers = start_all(identity)?;
    let mut rows = Vec::new();
    for (conditions, body) in bodies {
        let mut samples: Vec<(Subject, Vec<f64>)> = Vec::new();
        for _ in 0..effort.rounds.div_ceil(2) {
            for (subject, server) in &servers {
                let (work, _) = ask(*subject, server, "validate", body)?;
                let pid = server.process.pid();
                let before = process::cpu(pid)?;
                let tally = load(&server.target, &work, 2, Pace::Closed, effort.turn / 2)?;
                // The kernel has counted the first request of each connection as well.
                let answers = tally.latencies.len() + 2;
                let cpu = process::cpu_for_each(pid, before, answers)?;
                match samples.iter_mut().find(|(of, _)| of == subject) {
                    Some((_, values)) => values.push(cpu),
                    None => samples.push((*subject, vec![cpu])),
                }
            }
        }
        rows.extend(samples.into_iter().map(|(subject, cpu)| Row {
            subject,
            bytes: body.json.len(),
            conditions: *conditions,
            cpu: Spread::of(cpu),
        }));
        eprintln!("  {}", body.name);
    }
    Ok(rows)
}
