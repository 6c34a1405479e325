use super::Verdicts;
use super::quote::Quoted;
use super::words::words;
use crate::rules::{Action, Finding, Subject};

/// What one warning should not pass, in characters.
const GOOD_LENGTH: usize = 120;
/// What one warning never passes, in characters.
const MAX_LENGTH: usize = 256;
/// What all warnings together stay under, in bytes: the API server cuts every warning when they pass 4096.
const MAX_TOTAL: usize = 4096;
/// Room for the line that sums up.
const SUMMARY_ROOM: usize = 64;
/// Suggestions are looked for in this many findings.
const SUGGESTED: usize = 50;

/// A line for each warned finding; what does not fit is summed up in a last one.
#[must_use]
pub fn warnings(subject: &Subject<'_>, verdicts: &Verdicts<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut total = 0;
    let mut left = verdicts.warned();
    for (at, finding) in verdicts.with_action(Action::Warn).enumerate() {
        let line = warning(subject, finding, at < SUGGESTED);
        if total + line.len() >= MAX_TOTAL - SUMMARY_ROOM {
            break;
        }
        total += line.len();
        left -= 1;
        lines.push(line);
    }
    if left > 0 {
        lines.push(format!("{left} more findings, not shown here"));
    }
    lines
}

fn warning(subject: &Subject<'_>, finding: &Finding<'_>, suggests: bool) -> String {
    let words = words(subject, finding, suggests);
    let place = finding.place;
    let rule = finding.rule();
    let suggestion = words
        .suggestion
        .map(|suggestion| format!("; did you mean {}?", Quoted(&suggestion)))
        .unwrap_or_default();
    let line = |said: &str| format!("{place}: {said}{suggestion} [{rule}]");
    // What can be left out first is what is allowed, then the kind of fault, which the rule tells as well.
    let value = words
        .seen
        .split_once(": ")
        .map_or(&*words.seen, |(_, value)| value);
    let said = [
        &*format!("{}: {}", words.seen, words.allowed),
        &*words.seen,
        value,
    ];
    if let Some(line) = said
        .into_iter()
        .map(line)
        .find(|line| line.chars().count() <= GOOD_LENGTH)
    {
        return line;
    }
    let head = format!("{place}: {value}{suggestion}");
    let tail = format!(" [{rule}]");
    let room = MAX_LENGTH - tail.len();
    head.chars().take(room).chain(tail.chars()).collect()
}
