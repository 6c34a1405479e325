//! Counts instructions and allocations from bytes to answer, and holds them to the record.
//!
//! `counts check` fails where a count differs from `benches/counts.json`, `counts record` writes that file anew, and
//! `counts show` prints a table. Instructions are counted by Callgrind in a run of its own, so that the counting of
//! allocations is not counted with them.

mod measure;

use std::process::ExitCode;

use anyhow::bail;
use counts::record::{FILE, Record};

fn main() -> anyhow::Result<ExitCode> {
    let command = std::env::args().nth(1).unwrap_or_default();
    match command.as_str() {
        "show" => print!("{}", measure::all()?),
        "record" => measure::all()?.write()?,
        "check" => {
            let faults = Record::read()?.differences(&measure::all()?);
            for fault in &faults {
                eprintln!("{fault}");
            }
            if !faults.is_empty() {
                eprintln!("If that is meant, record it: make counts ARGS=record");
                return Ok(ExitCode::FAILURE);
            }
            println!("All counts are those of {FILE}.");
        }
        _ => bail!("usage: counts check|record|show"),
    }
    Ok(ExitCode::SUCCESS)
}
