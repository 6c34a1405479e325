//! Section 5: the messages of derived conditions.

use serde_json::Value;

use super::status::{MARK, details, natural, phase, text};
use super::words::Words;

/// What a derived condition says in a status.
pub fn message(words: &Words, status: &Value, role: &str, implied: &str) -> String {
    let now = phase(words, status).unwrap_or("unknown");
    let observed = match (role, implied) {
        ("lock", _) => details(status, "skipDetails").and_then(|it| filled(it, "message")),
        (_, "False") => failure(words, status),
        ("created", _) => run(status).map(|run| format!("{run} was created")),
        ("running", _) => progress(status)
            .filter(|_| now == "Running")
            .or_else(|| run(status).map(|run| format!("{run} started"))),
        _ => success(status),
    };
    let observed = observed.unwrap_or_else(|| format!("phase is {now}"));
    let mut message: Vec<char> = observed
        .chars()
        .map(|c| if is_escaped(c) { ' ' } else { c })
        .collect();
    message.truncate(1024 - MARK.chars().count());
    message.into_iter().chain(MARK.chars()).collect()
}

/// Whether answers escape a character that stands for itself.
fn is_escaped(c: char) -> bool {
    !matches!(c, '\'' | '"' | '\\') && format!("{c:?}").chars().count() > 3
}

/// A text with something in it.
fn filled(value: &Value, field: &str) -> Option<String> {
    let text = value[field].as_str()?;
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn run(status: &Value) -> Option<String> {
    let name = |field| details(status, field).and_then(|run| text(run, "name"));
    match name("pipelineRunRef") {
        Some(name) => Some(format!("PipelineRun {name}")),
        None => name("executionRef").map(|name| format!("execution {name}")),
    }
}

/// Completed and total tasks, where there are any.
fn tasks(status: &Value) -> Option<(u64, u64)> {
    let counts = ["pipelineRunStatus", "executionStatus"]
        .into_iter()
        .find_map(|field| {
            let run = details(status, field)?;
            Some((
                natural(&run["completedTasks"])?,
                natural(&run["totalTasks"])?,
            ))
        });
    counts.filter(|(_, total)| *total > 0)
}

fn progress(status: &Value) -> Option<String> {
    tasks(status).map(|(completed, total)| format!("{completed} of {total} tasks completed"))
}

fn success(status: &Value) -> Option<String> {
    let all = tasks(status).filter(|(completed, total)| completed == total);
    let duration = filled(status, "duration");
    let what = match (all, &duration) {
        (None, None) => return None,
        (Some((_, total)), _) => format!("all {total} tasks completed"),
        (None, Some(_)) => "completed".to_owned(),
    };
    Some(match duration {
        Some(duration) => format!("{what} in {duration}"),
        None => what,
    })
}

fn failure(words: &Words, status: &Value) -> Option<String> {
    let failure = details(status, "failureDetails");
    failure
        .and_then(|it| filled(it, "message"))
        .or_else(|| filled(status, "failureReason"))
        .or_else(|| {
            let reason = text(failure?, "reason")?;
            words
                .failures
                .contains(&reason)
                .then(|| format!("failed: {reason}"))
        })
}
