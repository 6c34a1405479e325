//! A status write from end to end, through a real API server with nothing, policies or webhooks registered.

mod lives;
mod scene;
mod setup;
mod writes;

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use self::scene::Scene;
use self::writes::{Kind, expect};
use super::{Effort, Spread, micros};
use crate::subject::Identity;

pub use lives::Life;
pub use setup::Setup;

/// Latencies of a status write in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub setup: Setup,
    /// Of a progress pass.
    pub p50: Spread,
    /// The same.
    pub p99: Spread,
    /// The p50 of a write that changes conditions, all of which are there.
    pub changed: Spread,
    /// The p50 of a dry run that ends a run while its conditions are missing.
    pub ended: Spread,
}

pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<(Vec<Row>, Vec<Life>)> {
    let mut scene = Scene::start(identity)?;
    let mut samples = Setup::ALL.map(|setup| (setup, Samples::default()));
    for round in 0..effort.rounds {
        for (setup, samples) in &mut samples {
            scene.under(*setup, |scene| samples.take(scene, effort.writes))?;
        }
        eprintln!("  round {} of {}", round + 1, effort.rounds);
    }
    let rows = samples
        .into_iter()
        .map(|(setup, samples)| samples.row(setup))
        .collect();
    Ok((rows, lives::measure(&mut scene)?))
}

/// A value for each round.
#[derive(Default)]
struct Samples {
    p50: Vec<f64>,
    p99: Vec<f64>,
    changed: Vec<f64>,
    ended: Vec<f64>,
}

impl Samples {
    fn take(&mut self, scene: &mut Scene<'_>, writes: usize) -> anyhow::Result<()> {
        let progress = latencies(scene, Kind::Progress, writes)?;
        self.p50.push(quantile(&progress, 0.5));
        self.p99.push(quantile(&progress, 0.99));
        let changes = latencies(scene, Kind::Conditions, writes)?;
        self.changed.push(quantile(&changes, 0.5));
        let ends = latencies(scene, Kind::End, writes)?;
        self.ended.push(quantile(&ends, 0.5));
        Ok(())
    }

    fn row(self, setup: Setup) -> Row {
        Row {
            setup,
            p50: Spread::of(self.p50),
            p99: Spread::of(self.p99),
            changed: Spread::of(self.changed),
            ended: Spread::of(self.ended),
        }
    }
}

/// The latencies of so many writes of a kind in nanoseconds.
fn latencies(scene: &mut Scene<'_>, kind: Kind, writes: usize) -> anyhow::Result<Histogram<u64>> {
    let mut latencies = Histogram::new(3)?;
    for _ in 0..writes {
        scene.written += 1;
        let request = kind.write(&scene.statuses, scene.written);
        let begun = Instant::now();
        let answer = scene.connection.call(&request)?;
        latencies.record(u64::try_from(begun.elapsed().as_nanos())?)?;
        expect(&answer, 200)?;
    }
    Ok(latencies)
}

/// In microseconds.
fn quantile(latencies: &Histogram<u64>, part: f64) -> f64 {
    micros(Duration::from_nanos(latencies.value_at_quantile(part)))
}
