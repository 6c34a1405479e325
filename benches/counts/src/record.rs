//! The counts of record.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// Where they are, in the repository.
pub const FILE: &str = "benches/counts.json";

/// The same file from anywhere.
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../counts.json");

/// How far a ratio to the floor may be from the one of record: another libc copies and allocates a little differently.
const SLACK: f64 = 0.01;

/// All counts, and the compiler that they hold for.
#[derive(Debug, Deserialize, Serialize)]
pub struct Record {
    /// The output of `rustc --version`.
    pub rustc: String,
    /// By the name of the review and the path of the webhook.
    pub counts: BTreeMap<String, Count>,
}

/// What one answer costs.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Count {
    /// Size of the review.
    pub bytes: usize,
    /// Instructions to read the review to its end.
    pub floor: u64,
    /// Instructions to answer it.
    pub instructions: u64,
    /// How often memory is requested.
    pub allocations: u64,
    /// For how many bytes.
    pub allocated_bytes: u64,
    /// The most bytes that are held at the same time, beyond the review.
    pub peak_bytes: u64,
}

impl Count {
    /// How many times the floor it is.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.instructions as f64 / self.floor as f64
    }

    fn memory(&self) -> [u64; 3] {
        [self.allocations, self.allocated_bytes, self.peak_bytes]
    }
}

impl Record {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(PATH).context(FILE)?;
        serde_json::from_str(&text).context(FILE)
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(PATH, text).context(FILE)
    }

    /// What differs in `measured`, a line each. An improvement differs too: unrecorded, it could be lost again unseen.
    #[must_use]
    pub fn differences(&self, measured: &Self) -> Vec<String> {
        if self.rustc != measured.rustc {
            return vec![format!(
                "the record holds for {}, and this is {}",
                self.rustc, measured.rustc
            )];
        }
        let mut differences = Vec::new();
        for (name, new) in &measured.counts {
            let Some(old) = self.counts.get(name) else {
                differences.push(format!("{name}: not in the record"));
                continue;
            };
            if old.bytes != new.bytes {
                differences.push(format!(
                    "{name}: {} bytes of review, recorded are {}",
                    new.bytes, old.bytes
                ));
                continue;
            }
            let (ratio, recorded) = (new.ratio(), old.ratio());
            if (ratio / recorded - 1.0).abs() > SLACK {
                differences.push(format!(
                    "{name}: {ratio:.3} times the floor, recorded is {recorded:.3}"
                ));
            }
            if new.memory() != old.memory() {
                differences.push(format!(
                    "{name}: {} allocations of {} bytes, {} at the same time; recorded are {} of {}, {} at the same time",
                    new.allocations,
                    new.allocated_bytes,
                    new.peak_bytes,
                    old.allocations,
                    old.allocated_bytes,
                    old.peak_bytes
                ));
            }
        }
        let gone = self
            .counts
            .keys()
            .filter(|name| !measured.counts.contains_key(*name));
        differences
            .extend(gone.map(|name| format!("{name}: in the record, and not counted any more")));
        differences
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes) = ("review and webhook", "bytes");
        writeln!(
            f,
            "{name:56} {bytes:>7} {:>10} {:>12} {:>7} {:>11} {:>9} {:>9}",
            "floor", "instructions", "ratio", "allocations", "bytes", "peak"
        )?;
        for (name, count) in &self.counts {
            let Count {
                bytes,
                floor,
                instructions,
                allocations,
                allocated_bytes,
                peak_bytes,
            } = count;
            let ratio = count.ratio();
            writeln!(
                f,
                "{name:56} {bytes:7} {floor:10} {instructions:12} {ratio:7.3} {allocations:11} {allocated_bytes:9} {peak_bytes:9}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(instructions: u64, allocations: u64) -> Record {
        let count = Count {
            bytes: 9_000,
            floor: 100_000,
            instructions,
            allocations,
            allocated_bytes: 500,
            peak_bytes: 400,
        };
        Record {
            rustc: "rustc 1".to_owned(),
            counts: BTreeMap::from([("patch /mutate".to_owned(), count)]),
        }
    }

    #[test]
    fn a_ratio_may_differ_by_a_hundredth_and_no_more_in_either_direction() {
        let recorded = record(200_000, 5);
        for (instructions, differs) in [
            (202_100, true),
            (201_900, false),
            (198_100, false),
            (197_900, true),
        ] {
            let differences = recorded.differences(&record(instructions, 5));
            assert_eq!(
                !differences.is_empty(),
                differs,
                "{instructions}: {differences:?}"
            );
        }
    }

    #[test]
    fn allocations_may_not_differ() {
        assert_eq!(record(200_000, 5).differences(&record(200_000, 6)).len(), 1);
    }

    #[test]
    fn another_compiler_is_reported_and_nothing_is_compared() {
        let other = Record {
            rustc: "rustc 2".to_owned(),
            ..record(900_000, 9)
        };
        let differences = record(200_000, 5).differences(&other);
        assert_eq!(
            differences,
            ["the record holds for rustc 1, and this is rustc 2"]
        );
    }

    #[test]
    fn what_is_counted_and_what_is_recorded_are_the_same_reviews() {
        let mut renamed = record(200_000, 5);
        let count = renamed.counts["patch /mutate"];
        renamed.counts = BTreeMap::from([("other /mutate".to_owned(), count)]);
        assert_eq!(record(200_000, 5).differences(&renamed).len(), 2);
    }
}
