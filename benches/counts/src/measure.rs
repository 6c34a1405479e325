//! Runs the three programs beside this one and joins what they count.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use counts::record::{Count, Record};

/// Counts everything.
///
/// # Errors
///
/// When a program is missing, fails, or does not print what is expected of it.
pub fn all() -> anyhow::Result<Record> {
    let instructions = instructions()?;
    let allocations = allocations()?;
    let peaks = peaks()?;
    let mut counts = BTreeMap::new();
    for body in counts::bodies() {
        for webhook in ["mutate", "validate"] {
            let name = format!("{} /{webhook}", body.name);
            let (allocations, allocated_bytes) =
                *allocations.get(&name).context("no allocations")?;
            let count = Count {
                bytes: body.json.len(),
                floor: *instructions.get(&body.name).context("no floor")?,
                instructions: *instructions.get(&name).context("no instructions")?,
                allocations,
                allocated_bytes,
                peak_bytes: *peaks.get(&name).context("no peak")?,
            };
            counts.insert(name, count);
        }
    }
    Ok(Record {
        rustc: first_line(Command::new("rustc").arg("--version"))?,
        counts,
    })
}

/// The instructions of each subject: Callgrind counts in `counted_work` alone, and writes a profile at `end_of_count`.
fn instructions() -> anyhow::Result<BTreeMap<String, u64>> {
    let folder = tempfile::tempdir()?;
    let profile = folder.path().join("profile");
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .args([
            "--toggle-collect=*counted_work*",
            "--dump-after=*end_of_count*",
        ])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(sibling("instructions")?);
    let names = output(&mut command)?;
    let names = names.lines().enumerate();
    names
        .map(|(index, name)| {
            let part = profile.with_extension((index + 1).to_string());
            Ok((name.to_owned(), total(&part)?))
        })
        .collect()
}

/// What a profile counts in all.
fn total(profile: &Path) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(profile).with_context(|| profile.display().to_string())?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: "));
    let total = total
        .context("a profile without a summary")?
        .trim()
        .parse()?;
    ensure!(
        total > 0,
        "Callgrind counted nothing: has the symbol counted_work been inlined or stripped?"
    );
    Ok(total)
}

/// How often each subject requests memory, and how many bytes.
fn allocations() -> anyhow::Result<BTreeMap<String, (u64, u64)>> {
    let lines = output(&mut Command::new(sibling("allocations")?))?;
    let lines = lines.lines().map(|line| {
        let mut fields = line.split('\t');
        let mut next = || fields.next().context("a line with too few fields");
        Ok((next()?.to_owned(), (next()?.parse()?, next()?.parse()?)))
    });
    lines.collect()
}

/// The most bytes that each subject holds at the same time.
fn peaks() -> anyhow::Result<BTreeMap<String, u64>> {
    let lines = output(&mut Command::new(sibling("peaks")?))?;
    let lines = lines.lines().map(|line| {
        let (name, peak) = line
            .split_once('\t')
            .context("a line with too few fields")?;
        Ok((name.to_owned(), peak.parse()?))
    });
    lines.collect()
}

fn sibling(name: &str) -> anyhow::Result<std::path::PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

fn first_line(command: &mut Command) -> anyhow::Result<String> {
    Ok(output(command)?
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned())
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| program.clone())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{program}: {}: {errors}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}
