//! What `make soak` measures, as the rows of the tables in `docs/reliability.md`.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::webhook_server::WebhookServer;

/// Whether this is `make soak`, which takes its time for figures worth reading.
pub fn soaking() -> bool {
    std::env::var_os("SOAK").is_some()
}

/// How long to measure: a moment, or under `make soak` long enough for a p99.
pub fn measured() -> Duration {
    Duration::from_secs(if soaking() { 6 } else { 1 })
}

/// Prints a row of a table.
pub fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// Milliseconds, to read.
pub fn ms(milliseconds: f64) -> String {
    format!("{milliseconds:.1} ms")
}

/// Memory, to read.
pub fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes / 1024 / 1024)
}

/// Does something on a thread that gets only what processor time nobody else wants, and so do all that it starts.
pub fn at_idle_priority(attack: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let attacking = scope.spawn(|| {
            let itself = std::fs::read_link("/proc/thread-self").expect("Linux tells the thread");
            let id = itself.file_name().expect("a thread has a number");
            let lowered = Command::new("chrt")
                .args(["--idle", "--pid", "0"])
                .arg(id)
                .status();
            assert!(
                lowered.is_ok_and(|status| status.success()),
                "`make soak` needs chrt: install the Debian package util-linux"
            );
            attack();
        });
        if let Err(panic) = attacking.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// How much of one processor a server uses.
#[derive(Debug)]
pub struct Processor {
    stat: String,
    begun: Instant,
    before: f64,
}

impl Processor {
    /// Begins to measure.
    pub fn of(server: &mut WebhookServer) -> Self {
        let stat = format!("/proc/{}/stat", server.process().pid());
        Self {
            before: seconds(&stat),
            begun: Instant::now(),
            stat,
        }
    }

    /// The part of a processor that it has used since then.
    pub fn used(&self) -> f64 {
        (seconds(&self.stat) - self.before) / self.begun.elapsed().as_secs_f64()
    }
}

/// The processor time that a process has used, in seconds.
fn seconds(stat: &str) -> f64 {
    let text = std::fs::read_to_string(stat).expect("the server runs, on Linux");
    let (_, fields) = text.rsplit_once(')').expect("the name is in parentheses");
    // After the name: user time is the 12th field, system time the 13th, in hundredths on every Linux.
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|field| field.parse::<f64>().expect("time is a number"))
        .sum::<f64>()
        / 100.0
}
