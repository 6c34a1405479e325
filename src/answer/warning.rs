use super::message::words;
use super::quote::Quoted;
use crate::admission::JudgedFinding;
use crate::complete::UndoneEdit;
use crate::rules::{Action, Finding, Subject};
use crate::status::MARK;

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
pub(super) fn findings(subject: &Subject<'_>, findings: &[JudgedFinding<'_>]) -> Vec<String> {
    let warned = || findings.iter().filter(|judged| judged.has(Action::Warn));
    let lines = warned().enumerate().map(|(at, judged)| {
        let suggests = at < SUGGESTED;
        warning(subject, &judged.finding, suggests)
    });
    fitting(lines, warned().count(), "findings")
}

/// A line for each edit of an own condition that completion undoes, likewise.
pub(super) fn undone_edits(edits: &[UndoneEdit]) -> Vec<String> {
    let mark = MARK.trim_start();
    let lines = edits.iter().map(|edit| {
        let UndoneEdit {
            index,
            condition_type,
        } = edit;
        format!(
            "status.conditions[{index}]: {condition_type} follows phase and details while its message ends in \"{mark}\"; to set it yourself, give it a message of your own"
        )
    });
    fitting(lines, edits.len(), "edits that were undone")
}

/// As many of `count` lines as fit; the rest is summed up in a last one.
fn fitting(lines: impl Iterator<Item = String>, count: usize, what: &str) -> Vec<String> {
    let mut fitting = Vec::new();
    let mut total = 0;
    for line in lines {
        if total + line.len() >= MAX_TOTAL - SUMMARY_ROOM {
            let left = count - fitting.len();
            fitting.push(format!("{left} more {what}, not shown here"));
            break;
        }
        total += line.len();
        fitting.push(line);
    }
    fitting
}

pub(super) fn warning(subject: &Subject<'_>, finding: &Finding<'_>, suggests: bool) -> String {
    let words = words(subject, finding, suggests);
    let place = finding.place;
    let rule = finding.rule();
    let suggestion = words
        .suggestion
        .map(|suggestion| format!("; did you mean {}?", Quoted(&suggestion)))
        .unwrap_or_default();
    let line = |text: &str| format!("{place}: {text}{suggestion} [{rule}]");
    // The first part to leave out is what is allowed, then the kind of fault, which the rule shows as well.
    let value = words
        .seen
        .split_once(": ")
        .map_or(&*words.seen, |(_, value)| value);
    let texts = [
        &*format!("{}: {}", words.seen, words.allowed),
        &*words.seen,
        value,
    ];
    if let Some(line) = texts
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
