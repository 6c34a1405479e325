//! Load by threads that each hold one connection.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use hdrhistogram::Histogram;

use crate::client::{Answer, Connection, Request, Target};

/// A request that is sent again and again, and the expected answer.
#[derive(Clone, Debug)]
pub struct Work {
    pub request: Request,
    pub expected: Answer,
}

/// When requests are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Each thread sends its next one as soon as it has an answer.
    Closed,
    /// So many a second, at times that are fixed beforehand. Latency counts from then: an answer that keeps later requests
    /// waiting makes them late too (no coordinated omission).
    Open(u32),
}

/// The result of a load.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Latencies in nanoseconds.
    pub latencies: Histogram<u64>,
    pub seconds: f64,
}

impl Tally {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }
}

/// Puts load on `target`. Every answer is compared with the expected one.
pub fn load(
    target: &Target,
    work: &Work,
    connections: usize,
    pace: Pace,
    length: Duration,
) -> anyhow::Result<Tally> {
    let next = AtomicU64::new(0);
    let all_ready = Barrier::new(connections);
    let tallies: Vec<anyhow::Result<Tally>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| one_connection(target, work, &next, &all_ready, pace, length)))
            .collect();
        let ended = threads.into_iter();
        ended
            .map(|thread| thread.join().expect("a thread that does not panic"))
            .collect()
    });
    let mut sum = Tally {
        latencies: latencies(),
        seconds: 0.0,
    };
    for tally in tallies {
        let tally = tally?;
        sum.latencies.add(&tally.latencies)?;
        sum.seconds = sum.seconds.max(tally.seconds);
    }
    Ok(sum)
}

fn one_connection(
    target: &Target,
    work: &Work,
    next: &AtomicU64,
    all_ready: &Barrier,
    pace: Pace,
    length: Duration,
) -> anyhow::Result<Tally> {
    let opened = Connection::open(target);
    let warmed =
        opened.and_then(|mut connection| connection.call(&work.request).map(|_| connection));
    all_ready.wait();
    let mut connection = warmed?;
    let mut latencies = latencies();
    let begun = Instant::now();
    loop {
        let due = match pace {
            Pace::Closed => Instant::now(),
            Pace::Open(rate) => {
                let at = next.fetch_add(1, Ordering::Relaxed);
                begun + Duration::from_nanos(at * 1_000_000_000 / u64::from(rate))
            }
        };
        if due >= begun + length {
            break;
        }
        wait_until(due);
        let answer = connection.call(&work.request)?;
        let latency = u64::try_from(due.elapsed().as_nanos())?;
        ensure!(
            answer == work.expected,
            "another answer than before: {} {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        latencies.record(latency)?;
    }
    Ok(Tally {
        latencies,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// Sleeps most of the time and watches the clock for the rest, as a sleep ends late.
fn wait_until(due: Instant) {
    const RISE_EARLY: Duration = Duration::from_micros(100);
    let early = due
        .saturating_duration_since(Instant::now())
        .saturating_sub(RISE_EARLY);
    if !early.is_zero() {
        std::thread::sleep(early);
    }
    while Instant::now() < due {
        std::thread::yield_now();
    }
}

fn latencies() -> Histogram<u64> {
    Histogram::new(3).expect("three digits are possible")
}
