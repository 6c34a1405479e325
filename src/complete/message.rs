//! The message of a derived condition: what was observed, then the mark that says that it was inferred.

use std::borrow::Cow;

use super::implied::Implied;
use crate::json::Raw;
use crate::rules::Subject;
use crate::status::{ConditionStatus, MARK};
use crate::vocabulary::{Phase, Role};

/// The longest message in Unicode scalar values, the mark included.
const MAX_CHARS: usize = 1024;

pub(super) fn message(subject: &Subject<'_>, implied: Implied) -> String {
    let observed = observation(subject, implied).unwrap_or_else(|| {
        let phase = subject.phase.map_or("unknown", Phase::name);
        format!("phase is {phase}")
    });
    let mut message: String = observed
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_CHARS - MARK.len())
        .collect();
    message.push_str(MARK);
    message
}

fn observation(subject: &Subject<'_>, implied: Implied) -> Option<String> {
    match (implied.term.role, implied.status) {
        (Role::Lock, _) => skip(subject),
        (_, ConditionStatus::False) => failure(subject),
        (Role::Created, _) => run(subject, "was created"),
        (Role::Running, _) => match subject.phase {
            Some(Phase::Running) => progress(subject).or_else(|| run(subject, "is running")),
            _ => run(subject, "ran"),
        },
        _ => success(subject),
    }
}

fn text(raw: Option<Raw<'_>>) -> Option<Cow<'_, str>> {
    raw?.string().filter(|text| !text.trim().is_empty())
}

fn run(subject: &Subject<'_>, what: &str) -> Option<String> {
    let name = subject.status.run_name()?;
    let kind = match subject.status.pipeline_run_ref.as_ref() {
        Some(run) if run.name.and_then(Raw::non_empty_string).is_some() => "PipelineRun",
        _ => "execution",
    };
    Some(format!("{kind} {name} {what}"))
}

/// Completed and total tasks.
fn tasks(subject: &Subject<'_>) -> Option<(i64, i64)> {
    subject
        .status
        .run_statuses()
        .find_map(|run| Some((run.completed_tasks?.natural()?, run.total_tasks?.natural()?)))
        .filter(|(_, total)| *total > 0)
}

fn progress(subject: &Subject<'_>) -> Option<String> {
    let (completed, total) = tasks(subject)?;
    Some(format!("{completed} of {total} tasks completed"))
}

fn success(subject: &Subject<'_>) -> Option<String> {
    let duration = text(subject.status.duration);
    let tasks = tasks(subject).filter(|(completed, total)| completed == total);
    match (tasks, duration) {
        (Some((_, total)), Some(duration)) => {
            Some(format!("all {total} tasks completed in {duration}"))
        }
        (Some((_, total)), None) => Some(format!("all {total} tasks completed")),
        (None, Some(duration)) => Some(format!("completed in {duration}")),
        (None, None) => None,
    }
}

fn failure(subject: &Subject<'_>) -> Option<String> {
    let details = subject.status.failure_details.as_ref();
    let said = text(details.and_then(|details| details.message))
        .or_else(|| text(subject.status.failure_reason));
    match (said, subject.failure_reason()) {
        (Some(said), _) => Some(said.into_owned()),
        (None, Some(reason)) => Some(format!("failed: {}", reason.name())),
        (None, None) => None,
    }
}

fn skip(subject: &Subject<'_>) -> Option<String> {
    let details = subject.status.skip_details.as_ref()?;
    text(details.message).map(Cow::into_owned)
}
