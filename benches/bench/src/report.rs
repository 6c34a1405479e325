//! docs/performance.md and its pictures.

mod costs;
mod goals;
mod regions;
mod text;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use counts::record::{Count, Record};
use serde::Serialize;

use crate::chart::{Chart, Line};
use crate::sections::api_server::Setup;
use crate::sections::saturation::{CONNECTIONS, Saturation};
use crate::sections::{
    Effort, Spread, api_server, churn, endurance, instructions, memory, open_loop, sizes, startup,
    worst,
};
use crate::subject::Subject;
use text::{
    API_SERVER, CHURN, CONNECTIONS_OPEN, EXACT, INTRODUCTION, LATENCY, LIVES, NOT_MEASURED,
    PROGRAM, SERVERS, WORST,
};

/// All that was measured in one run.
#[derive(Serialize)]
pub struct Results {
    pub effort: Effort,
    pub saturation: Saturation,
    pub open_loop: Vec<open_loop::Row>,
    pub by_bytes: Vec<sizes::Row>,
    pub by_conditions: Vec<sizes::Row>,
    pub worst: worst::Worst,
    pub connections: Vec<memory::Row>,
    pub churn: Vec<churn::Row>,
    pub endurance: [endurance::Row; 2],
    pub startup: Vec<startup::Row>,
    pub api_server: Vec<api_server::Row>,
    pub lives: Vec<api_server::Life>,
    pub instructions: Vec<instructions::Row>,
    /// The load average before and after.
    pub load: [String; 2],
    /// What it was measured on and with.
    pub machine: Vec<String>,
}

/// The review that most figures are about.
const NOTHING: &str = "nothing-9k /validate";

/// The regions of other pages: file and name.
const SPEED: (&str, &str) = ("README.md", "speed");
const COSTS: (&str, &str) = ("docs/comparison.md", "costs");

/// Reviews a second at saturation of each server, where nothing is to do.
pub fn saturation_of_nothing(saturation: &Saturation) -> Vec<(Subject, f64)> {
    let rows = saturation.rows.iter().filter(|row| row.review == NOTHING);
    rows.map(|row| (row.subject, row.rate.median)).collect()
}

/// Makes sure that the counts of record have what the page needs, and other pages the regions that are written.
pub fn check() -> anyhow::Result<()> {
    goals::core(&Record::read()?)?;
    for (page, region) in [SPEED, COSTS] {
        regions::write(&root(), page, region, None)?;
    }
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Results {
    /// Writes the page and its pictures into docs, and what other pages say of them.
    pub fn write(&self) -> anyhow::Result<()> {
        let docs = root().join("docs");
        let page = self.page()?;
        for ((page, region), text) in [(SPEED, self.summary()?), (COSTS, costs::table(self)?)] {
            regions::write(&root(), page, region, Some(&text))?;
        }
        std::fs::write(docs.join("performance.md"), page)?;
        let results = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(docs.join("performance.json"), results)?;
        std::fs::write(docs.join("performance-latency.svg"), self.latency_chart())?;
        std::fs::write(docs.join("performance-size.svg"), self.size_chart())?;
        Ok(())
    }

    /// README's summary.
    fn summary(&self) -> anyhow::Result<String> {
        let cpu = |subject| self.saturation(subject, NOTHING).map(|row| row.cpu.median);
        let memory = |subject| {
            let found = self
                .saturation
                .memory
                .iter()
                .find(|memory| memory.subject == subject);
            found.map(|memory| memory.peak).context("memory")
        };
        let (ours, theirs) = (cpu(Subject::Product)?, cpu(Subject::ControllerRuntime)?);
        Ok(format!(
            "* A review of 8.6 KB costs the server {ours:.0} µs of CPU over TLS: {:.1} times what a webhook on the same stack costs\n  \
             that does nothing. One of the same rules with controller-runtime costs {:.0} times as much.\n\
             * One core answers {} such reviews a second. Under that load the server holds at most {}, controller-runtime's {:.1}\n  \
             times as much.\n",
            ours / cpu(Subject::Null)?,
            theirs / ours,
            thousands(self.saturation(Subject::Product, NOTHING)?.rate.median),
            mebibytes(memory(Subject::Product)?),
            memory(Subject::ControllerRuntime)? as f64 / memory(Subject::Product)? as f64,
        ))
    }

    /// The page.
    pub fn page(&self) -> anyhow::Result<String> {
        let counts = Record::read()?;
        let mut page = INTRODUCTION.to_owned();
        goals::write(&mut page, self, &counts)?;
        page.push_str(PROGRAM);
        exact_counts(&mut page, &counts);
        self.servers(&mut page)?;
        self.latency(&mut page);
        self.growth(&mut page);
        self.worst_reviews(&mut page);
        self.through_an_api_server(&mut page);
        self.memory_and_start(&mut page)?;
        page.push_str(NOT_MEASURED);
        page.push_str("\n## Machine and versions\n\n");
        for line in &self.machine {
            let _ = writeln!(page, "* {line}");
        }
        let Effort {
            rounds,
            turn,
            writes,
            ..
        } = self.effort;
        let _ = writeln!(
            page,
            "* Rounds: {rounds}, with turns of {} s, or {writes} status writes",
            turn.as_secs_f64()
        );
        let [before, after] = &self.load;
        let _ = writeln!(
            page,
            "* Load average before and after: {before} and {after}"
        );
        Ok(page)
    }

    fn servers(&self, page: &mut String) -> anyhow::Result<()> {
        let _ = write!(
            page,
            "\n## One server beside others\n\n{SERVERS}\n\
             CPU time of the server for a review, and reviews a second, with {CONNECTIONS} connections in a closed loop: the \
             median of all rounds, with the least and the greatest. All reviews have 8.6 KB. Instructions are those of the \
             whole process.\n\n\
             | review | server | CPU µs | x null | reviews a second | instructions | x null |\n|---|---|---:|---:|---:|---:|---:|\n"
        );
        let null = self.saturation(Subject::Null, NOTHING)?.cpu.median;
        let null_instructions = self.instructions(Subject::Null, NOTHING)?;
        let mut rows: Vec<_> = self.saturation.rows.iter().collect();
        rows.sort_by_key(|row| {
            (
                row.subject != Subject::Null,
                row.review.clone(),
                row.subject,
            )
        });
        for row in rows {
            let counted = self.instructions(row.subject, &row.review).ok();
            let _ = writeln!(
                page,
                "| {} | {} | {} | {:.2} | {} | {} | {} |",
                row.review,
                row.subject.name(),
                spread(row.cpu, 1),
                row.cpu.median / null,
                spread(row.rate, 0),
                counted.map_or(String::new(), thousands),
                counted.map_or(String::new(), |counted| format!(
                    "{:.2}",
                    counted / null_instructions
                )),
            );
        }
        Ok(())
    }

    fn latency(&self, page: &mut String) {
        page.push_str(LATENCY);
        for row in &self.open_loop {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} |",
                row.rate,
                row.subject.name(),
                spread(row.p50, 0),
                spread(row.p99, 0),
                spread(row.p999, 0)
            );
        }
    }

    fn growth(&self, page: &mut String) {
        page.push_str(
            "\n## Growth\n\nCPU µs of the server for a review in which nothing is to do, by its size:\n\n\
             ![CPU of a review against its size](performance-size.svg)\n\n| bytes |",
        );
        table(
            page,
            &self.by_bytes,
            |row| row.bytes,
            |row| spread(row.cpu, 1),
        );
        page.push_str("\nBy the number of conditions in both lists, as conditions of third parties; behind it, for each of them:\n\n| conditions |");
        table(
            page,
            &self.by_conditions,
            |row| row.conditions,
            |row| {
                format!(
                    "{:.1} ({:.2})",
                    row.cpu.median,
                    row.cpu.median / row.conditions as f64
                )
            },
        );
    }

    fn worst_reviews(&self, page: &mut String) {
        const SHOWN: usize = 12;
        page.push_str(WORST);
        for row in self.worst.rows.iter().take(SHOWN) {
            let _ = writeln!(
                page,
                "| {} | {} | {:.1} | {:.1} | {} |",
                row.review,
                mebibytes(row.bytes as u64).trim_end_matches(" MiB"),
                row.cpu,
                row.cpu_per_mebibyte(),
                mebibytes(row.beyond).trim_end_matches(" MiB"),
            );
        }
        let _ = writeln!(
            page,
            "\nThese are the {SHOWN} of {} that cost most CPU. Most memory takes {}: {}. While {} connections send it at the \
             same time, the server holds at most {}.",
            self.worst.rows.len(),
            self.worst.attack,
            mebibytes(self.most_beyond()),
            worst::ATTACKERS,
            mebibytes(self.worst.held),
        );
    }

    /// The most memory that a review takes beyond its body, in bytes.
    fn most_beyond(&self) -> u64 {
        let rows = self.worst.rows.iter();
        rows.map(|row| row.beyond).max().unwrap_or_default()
    }

    fn through_an_api_server(&self, page: &mut String) {
        page.push_str(API_SERVER);
        let null = self.added(Setup::Both(Subject::Null));
        for row in &self.api_server {
            let added = self.added(row.setup);
            let _ = writeln!(
                page,
                "| {} | {} | {} | {:+.2} | {:.2} | {} | {:+.2} | {} | {:+.2} |",
                row.setup.name(),
                spread(scaled(row.p50), 2),
                spread(scaled(row.p99), 2),
                added / 1e3,
                added / null,
                spread(scaled(row.changed), 2),
                self.added_to_a_change(row.setup) / 1e3,
                spread(scaled(row.ended), 2),
                self.added_to_an_end(row.setup) / 1e3,
            );
        }
        page.push_str(LIVES);
        for life in &self.lives {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {:.0} % |",
                if life.sets_conditions { "yes" } else { "no" },
                life.every_call,
                life.calls,
                life.saved() * 100.0,
            );
        }
    }

    /// Microseconds that a registration adds to the p50 of a progress pass.
    fn added(&self, setup: Setup) -> f64 {
        self.more(setup, |row| row.p50)
    }

    /// The same of a write that changes conditions, all of which are there.
    fn added_to_a_change(&self, setup: Setup) -> f64 {
        self.more(setup, |row| row.changed)
    }

    /// The same of a write that ends a run while its conditions are missing.
    fn added_to_an_end(&self, setup: Setup) -> f64 {
        self.more(setup, |row| row.ended)
    }

    fn more(&self, setup: Setup, of: impl Fn(&api_server::Row) -> Spread) -> f64 {
        let median = |setup| {
            let mut rows = self.api_server.iter();
            rows.find(|row| row.setup == setup)
                .map_or(0.0, |row| of(row).median)
        };
        median(setup) - median(Setup::Nothing)
    }

    fn memory_and_start(&self, page: &mut String) -> anyhow::Result<()> {
        page.push_str(
            "\n## Memory and start\n\n| server | idle MiB | most under load MiB | program MB | ready after ms | first handshake and review ms | later ms |\n\
             |---|---:|---:|---:|---:|---:|---:|\n",
        );
        for memory in &self.saturation.memory {
            let start = self.start(memory.subject)?;
            let _ = writeln!(
                page,
                "| {} | {} | {} | {:.1} | {} | {} | {} |",
                memory.subject.name(),
                mebibytes(memory.idle).trim_end_matches(" MiB"),
                mebibytes(memory.peak).trim_end_matches(" MiB"),
                start.program as f64 / 1e6,
                spread(scaled(start.ready), 1),
                spread(scaled(start.first), 2),
                spread(scaled(start.later), 2)
            );
        }
        let [first, second] = self.endurance;
        let _ = writeln!(
            page,
            "\nAfter {} reviews wfe-webhook holds {}, after {} {}.",
            thousands(first.reviews as f64),
            mebibytes(first.held),
            thousands(second.reviews as f64),
            mebibytes(second.held)
        );
        page.push_str(CHURN);
        for row in &self.churn {
            let _ = writeln!(page, "| {} | {} |", row.subject.name(), spread(row.cpu, 0));
        }
        page.push_str(CONNECTIONS_OPEN);
        for row in &self.connections {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {:.1} | {:.1} |",
                row.subject.name(),
                row.open,
                mebibytes(row.held).trim_end_matches(" MiB"),
                row.per_connection / 1024.0,
                row.cpu
            );
        }
        Ok(())
    }

    fn latency_chart(&self) -> String {
        let lines = Subject::ALL.map(|subject| Line {
            name: subject.name(),
            points: self
                .open_loop
                .iter()
                .filter(|row| row.subject == subject)
                .map(|row| (f64::from(row.rate), row.p99.median))
                .collect(),
        });
        let chart = Chart {
            title: "p99 of a review of 8.6 KB, from when it was due",
            x: "reviews a second",
            y: "µs",
            lines: lines.into(),
        };
        chart.svg()
    }

    fn size_chart(&self) -> String {
        let lines = Subject::ALL.map(|subject| Line {
            name: subject.name(),
            points: self
                .by_bytes
                .iter()
                .filter(|row| row.subject == subject)
                .map(|row| (row.bytes as f64, row.cpu.median))
                .collect(),
        });
        let chart = Chart {
            title: "CPU of the server for a review in which nothing is to do",
            x: "bytes of the review",
            y: "µs",
            lines: lines.into(),
        };
        chart.svg()
    }

    fn saturation(
        &self,
        subject: Subject,
        review: &str,
    ) -> anyhow::Result<&crate::sections::saturation::Row> {
        let row = self
            .saturation
            .rows
            .iter()
            .find(|row| row.subject == subject && row.review == review);
        row.with_context(|| format!("{} was not asked {review}", subject.name()))
    }

    fn instructions(&self, subject: Subject, review: &str) -> anyhow::Result<f64> {
        let row = self
            .instructions
            .iter()
            .find(|row| row.subject == subject && row.review == review);
        row.map(|row| row.instructions)
            .with_context(|| format!("{} was not counted at {review}", subject.name()))
    }

    fn connection(&self, subject: Subject, open: usize) -> anyhow::Result<memory::Row> {
        let row = self
            .connections
            .iter()
            .find(|row| row.subject == subject && row.open == open);
        row.copied().context("connections")
    }

    fn start(&self, subject: Subject) -> anyhow::Result<startup::Row> {
        self.startup
            .iter()
            .find(|row| row.subject == subject)
            .copied()
            .context("a start")
    }
}

fn exact_counts(page: &mut String, record: &Record) {
    page.push_str(EXACT);
    for (name, count) in &record.counts {
        let Count {
            bytes,
            floor,
            instructions,
            allocations,
            allocated_bytes,
            peak_bytes,
        } = *count;
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {} | {:.3} | {allocations} | {} | {} |",
            thousands(bytes as f64),
            thousands(floor as f64),
            thousands(instructions as f64),
            count.ratio(),
            thousands(allocated_bytes as f64),
            thousands(peak_bytes as f64)
        );
    }
}

/// A row for each key, a column for each server.
fn table(
    page: &mut String,
    rows: &[sizes::Row],
    key: impl Fn(&sizes::Row) -> usize,
    cell: impl Fn(&sizes::Row) -> String,
) {
    for subject in Subject::ALL {
        let _ = write!(page, " {} |", subject.name());
    }
    page.push_str("\n|---:|---:|---:|---:|---:|\n");
    let mut keys: Vec<usize> = rows.iter().map(&key).collect();
    keys.dedup();
    for of in keys {
        let _ = write!(page, "| {} |", thousands(of as f64));
        for subject in Subject::ALL {
            let row = rows
                .iter()
                .find(|row| row.subject == subject && key(row) == of);
            let _ = write!(page, " {} |", row.map_or(String::new(), &cell));
        }
        page.push('\n');
    }
}

fn times(ratio: f64) -> String {
    if ratio < 0.2 {
        format!("{ratio:.3}x")
    } else {
        format!("{ratio:.2}x")
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// From microseconds to milliseconds.
fn scaled(spread: Spread) -> Spread {
    let Spread {
        least,
        median,
        greatest,
    } = spread;
    Spread {
        least: least / 1e3,
        median: median / 1e3,
        greatest: greatest / 1e3,
    }
}

fn spread(spread: Spread, digits: usize) -> String {
    let Spread {
        least,
        median,
        greatest,
    } = spread;
    format!("{median:.digits$} ({least:.digits$}-{greatest:.digits$})")
}

/// A whole number with its thousands set apart.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
