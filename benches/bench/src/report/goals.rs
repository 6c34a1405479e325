//! The goals, and what was measured.

use std::fmt::Write as _;

use anyhow::Context;
use counts::record::{Count, Record};

use super::{NOTHING, Results, mebibytes, times};
use crate::sections::api_server::Setup;
use crate::subject::Subject;

const NOTHING_MUTATE: &str = "nothing-9k /mutate";
const PATCH: &str = "patch-9k /mutate";
/// The reviews that controller-runtime is compared at.
const COMPARED: [&str; 5] = [
    NOTHING_MUTATE,
    NOTHING,
    PATCH,
    "deny-1-9k /validate",
    "deny-5-9k /validate",
];

/// One row.
pub struct Goal {
    what: &'static str,
    measured: String,
    /// At most so much.
    most: &'static str,
    is_met: bool,
}

/// Adds the table.
pub fn write(page: &mut String, results: &Results, counts: &Record) -> anyhow::Result<()> {
    page.push_str("## Goals\n\n| what | measured | goal: at most | |\n|---|---|---|---|\n");
    let goals = core(counts)?
        .into_iter()
        .chain(server(results)?)
        .chain(extremes(results))
        .chain(process(results)?);
    for Goal {
        what,
        measured,
        most,
        is_met,
    } in goals
    {
        let verdict = if is_met { "met" } else { "**missed**" };
        let _ = writeln!(page, "| {what} | {measured} | {most} | {verdict} |");
    }
    Ok(())
}

/// From bytes to answer, by the counts of record.
pub fn core(counts: &Record) -> anyhow::Result<Vec<Goal>> {
    let count = |name: &str| {
        counts
            .counts
            .get(name)
            .copied()
            .with_context(|| format!("no count of {name}"))
    };
    let costlier = |one: Count, other: Count| {
        if one.ratio() > other.ratio() {
            one
        } else {
            other
        }
    };
    let (mutate, patch) = (count(NOTHING_MUTATE)?, count(PATCH)?);
    let nothing = costlier(mutate, count(NOTHING)?);
    let derived = patch.allocations.saturating_sub(mutate.allocations) / 3;
    let linear = {
        let per_condition = |conditions: u32| {
            let count = count(&format!("conditions-{conditions} /validate"))?;
            anyhow::Ok(count.instructions as f64 / f64::from(conditions))
        };
        per_condition(1_024)? / per_condition(100)?
    };
    Ok(vec![
        Goal {
            what: "instructions from bytes to answer, nothing to do, 8.6 KB",
            measured: times(nothing.ratio()),
            most: "1.25x the floor",
            is_met: nothing.ratio() <= 1.25,
        },
        Goal {
            what: "the same with three conditions patched",
            measured: times(patch.ratio()),
            most: "1.8x the floor",
            is_met: patch.ratio() <= 1.8,
        },
        Goal {
            what: "allocations, nothing to do",
            measured: format!(
                "{} of {} bytes",
                nothing.allocations, nothing.allocated_bytes
            ),
            most: "12 of 2 KB",
            is_met: nothing.allocations <= 12 && nothing.allocated_bytes <= 2_048,
        },
        Goal {
            what: "allocations more for each derived condition",
            measured: derived.to_string(),
            most: "25",
            is_met: derived <= 25,
        },
        Goal {
            what: "instructions for each of 1,024 conditions against each of 100",
            measured: times(linear),
            most: "1.1x (linear)",
            is_met: linear <= 1.1,
        },
    ])
}

/// The server beside the others.
fn server(results: &Results) -> anyhow::Result<Vec<Goal>> {
    let cpu = |subject, review: &str| {
        results
            .saturation(subject, review)
            .map(|row| row.cpu.median)
    };
    let instructions = results.instructions(Subject::Product, NOTHING)?
        / results.instructions(Subject::Null, NOTHING)?;
    let null = cpu(Subject::Product, NOTHING)? / cpu(Subject::Null, NOTHING)?;
    let mut highest = 0.0_f64;
    for review in COMPARED {
        highest =
            highest.max(cpu(Subject::Product, review)? / cpu(Subject::ControllerRuntime, review)?);
    }
    Ok(vec![
        Goal {
            what: "instructions of the whole server for a review",
            measured: times(instructions),
            most: "3x the null webhook's",
            is_met: instructions <= 3.0,
        },
        Goal {
            what: "CPU of the server for a review",
            measured: times(null),
            most: "2.2x the null webhook's",
            is_met: null <= 2.2,
        },
        Goal {
            what: "the same, where the comparison is worst",
            measured: times(highest),
            most: "0.12x controller-runtime's",
            is_met: highest <= 0.12,
        },
    ])
}

/// The worst reviews, and what a status write costs more.
fn extremes(results: &Results) -> Vec<Goal> {
    let rows = results.worst.rows.iter();
    let cpu = rows.fold(0.0_f64, |most, row| most.max(row.cpu_per_mebibyte()));
    let beyond = results.most_beyond();
    let held = results.worst.held;
    let added = results.added(Setup::Both(Subject::Product)) / results.added(Setup::NullInGo);
    let progress = results.added(Setup::AsRegistered) / results.added(Setup::NullInGo);
    let change =
        results.added_to_a_change(Setup::AsRegistered) / results.added_to_a_change(Setup::NullInGo);
    vec![
        Goal {
            what: "CPU of the worst review for each MiB (less than 1 MiB counts as 1 MiB)",
            measured: format!("{cpu:.1} ms"),
            most: "15 ms",
            is_met: cpu <= 15.0,
        },
        Goal {
            what: "memory of the worst review beyond its body",
            measured: mebibytes(beyond),
            most: "8 MiB",
            is_met: beyond <= 8 << 20,
        },
        Goal {
            what: "memory while 256 connections send it at the same time",
            measured: mebibytes(held),
            most: "128 MiB",
            is_met: held <= 128 << 20,
        },
        Goal {
            what: "what both webhooks add to a status write through an API server",
            measured: times(added),
            most: "0.95x what two null webhooks of controller-runtime add",
            is_met: added <= 0.95,
        },
        Goal {
            what: "what they add to a progress pass, as registered by default",
            measured: times(progress),
            most: "0.15x what those two add",
            is_met: progress <= 0.15,
        },
        Goal {
            what: "what they add to a change of conditions that are all there",
            measured: times(change),
            most: "0.6x what those two add",
            is_met: change <= 0.6,
        },
    ]
}

/// Memory, start and size of the program.
fn process(results: &Results) -> anyhow::Result<Vec<Goal>> {
    let memory = |subject| {
        let found = results
            .saturation
            .memory
            .iter()
            .find(|memory| memory.subject == subject);
        found.copied().context("memory")
    };
    let (ours, theirs) = (
        memory(Subject::Product)?,
        memory(Subject::ControllerRuntime)?,
    );
    let (idle, loaded) = (
        ours.idle as f64 / theirs.idle as f64,
        ours.peak as f64 / theirs.peak as f64,
    );
    let [after_first, after_second] = results.endurance;
    let growth = after_second.held as f64 / after_first.held as f64;
    let connection = results.connection(Subject::Product, 1_000)?.per_connection / 1024.0;
    let start = results.start(Subject::Product)?;
    let first = start.first.median / start.later.median;
    Ok(vec![
        Goal {
            what: "memory, idle",
            measured: mebibytes(ours.idle),
            most: "10 MiB",
            is_met: ours.idle <= 10 << 20,
        },
        Goal {
            what: "memory, idle and the most under load",
            measured: format!("{} and {}", times(idle), times(loaded)),
            most: "0.33x controller-runtime's",
            is_met: idle.max(loaded) <= 1.0 / 3.0,
        },
        Goal {
            what: "memory after the second million reviews",
            measured: format!("{growth:.3}x"),
            most: "1.01x that after the first",
            is_met: growth <= 1.01,
        },
        Goal {
            what: "memory of an open connection",
            measured: format!("{connection:.1} KiB"),
            most: "40 KiB",
            is_met: connection <= 40.0,
        },
        Goal {
            what: "from exec to ready, the best of nine starts",
            measured: format!("{:.1} ms", start.ready.least / 1e3),
            most: "15 ms",
            is_met: start.ready.least <= 15_000.0,
        },
        Goal {
            what: "first handshake and review against later ones",
            measured: times(first),
            most: "3x",
            is_met: first <= 3.0,
        },
        Goal {
            what: "program, stripped",
            measured: format!("{:.1} MB", start.program as f64 / 1e6),
            most: "12 MB",
            is_met: start.program <= 12_000_000,
        },
    ])
}
