//! Open loop: latency at constant rates, from the moment at which a request was due.

use std::time::Duration;

use bodies::Write;
use serde::Serialize;

use super::saturation::start_all;
use super::{Effort, Spread, micros};
use crate::answers::ask;
use crate::load::{Pace, load};
use crate::subject::{Identity, Subject};

/// The idle connections that an API server keeps to a host.
const CONNECTIONS: usize = 25;

const RATES: [u32; 6] = [200, 500, 1_000, 2_000, 4_000, 8_000];

/// One server at one rate. Latencies in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub subject: Subject,
    pub rate: u32,
    pub p50: Spread,
    pub p99: Spread,
    pub p999: Spread,
}

/// Offers each rate to each server in turn; to none more than it answered at saturation.
pub fn measure(
    identity: &Identity,
    effort: Effort,
    saturation: &[(Subject, f64)],
) -> anyhow::Result<Vec<Row>> {
    let body = bodies::body(Write::Nothing, 8_600);
    let servers = start_all(identity)?;
    let mut rows = Vec::new();
    for rate in RATES {
        let mut samples: Vec<(Subject, [Vec<f64>; 3])> = Vec::new();
        for _ in 0..effort.rounds {
            for (subject, server) in &servers {
                let most = saturation
                    .iter()
                    .find(|(of, _)| of == subject)
                    .map_or(f64::MAX, |(_, rate)| *rate);
                if f64::from(rate) > 0.9 * most {
                    continue;
                }
                let (work, _) = ask(*subject, server, "validate", &body)?;
                let tally = load(
                    &server.target,
                    &work,
                    CONNECTIONS,
                    Pace::Open(rate),
                    effort.turn,
                )?;
                let quantiles = [0.5, 0.99, 0.999].map(|part| {
                    micros(Duration::from_nanos(
                        tally.latencies.value_at_quantile(part),
                    ))
                });
                if !samples.iter().any(|(of, _)| of == subject) {
                    samples.push((*subject, Default::default()));
                }
                for (of, values) in &mut samples {
                    if of == subject {
                        values
                            .iter_mut()
                            .zip(quantiles)
                            .for_each(|(values, value)| values.push(value));
                    }
                }
            }
        }
        rows.extend(samples.into_iter().map(|(subject, quantiles)| {
            let [p50, p99, p999] = quantiles.map(Spread::of);
            Row {
                subject,
                rate,
                p50,
                p99,
                p999,
            }
        }));
        eprintln!("  {rate} a second");
    }
    Ok(rows)
}
