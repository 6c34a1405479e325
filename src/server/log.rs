//! One event for each judgement and each refusal. Never the object's content.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::refusal::Refusal;
use crate::admission::{JudgedFinding, Judgement, Webhook};
use crate::complete::Change;
use crate::metrics::Refused;
use crate::text::printable_value;

/// Logs a review that was answered.
pub(super) fn answered(judgement: &Judgement<'_>, latency: Duration) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let review = judgement.review;
    let object = format!("{}/{}", review.namespace, review.name);
    tracing::info!(
        webhook = judgement.webhook.name(),
        verdict = judgement.outcome.name(),
        uid = &*printable_value(&review.uid),
        user = &*printable_value(&review.user),
        object = &*printable_value(&object),
        operation = &*printable_value(&review.operation),
        dry_run = review.dry_run,
        stale = review.is_stale(),
        rules = rules(&judgement.findings),
        derived = derived(&judgement.changes),
        latency_seconds = latency.as_secs_f64(),
        "review answered"
    );
}

/// Logs a request that got no review. Clients without any right can cause such lines, so `limits` bound them.
pub(super) fn refused(webhook: Webhook, refusal: &Refusal, limits: &LineLimits) {
    let webhook = webhook.name();
    let status = refusal.status().as_u16();
    let reason = refusal.log_text();
    match refusal.counted() {
        Refused::Error => tracing::error!(webhook, status, reason, "request refused"),
        // Under overload a line for each would be a load of its own.
        Refused::Shed => tracing::debug!(webhook, status, reason, "request refused"),
        Refused::Invalid | Refused::Timeout => {
            if let Some(requests) = limits.pass(refusal.status().as_str()) {
                tracing::warn!(webhook, status, reason, requests, "request refused");
            }
        }
    }
}

/// Lets one line a second pass for each kind of event; the metrics count all.
#[derive(Debug, Default)]
pub(super) struct LineLimits(Mutex<HashMap<String, LineLimit>>);

/// Further kinds share one limit, so that the names of kinds take little memory.
const MAX_KINDS: usize = 64;

impl LineLimits {
    /// As [`LineLimit::pass`], for events of this kind.
    pub(super) fn pass(&self, kind: &str) -> Option<u64> {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = if kinds.len() < MAX_KINDS || kinds.contains_key(kind) {
            kind
        } else {
            ""
        };
        if let Some(limit) = kinds.get(kind) {
            return limit.pass();
        }
        kinds.entry(kind.to_owned()).or_default().pass()
    }
}

/// Lets one line a second pass.
#[derive(Debug, Default)]
pub(super) struct LineLimit(Mutex<Suppressed>);

#[derive(Debug, Default)]
struct Suppressed {
    last: Option<Instant>,
    events: u64,
}

const LINE_INTERVAL: Duration = Duration::from_secs(1);

impl LineLimit {
    /// Counts an event. Gives how many events a line stands for when it may be written: this one, and those since the last
    /// line.
    pub(super) fn pass(&self) -> Option<u64> {
        let mut suppressed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        suppressed.events += 1;
        let now = Instant::now();
        if suppressed
            .last
            .is_some_and(|last| now.duration_since(last) < LINE_INTERVAL)
        {
            return None;
        }
        suppressed.last = Some(now);
        Some(std::mem::take(&mut suppressed.events))
    }
}

/// The rules that were broken, each with what was done about it.
fn rules(findings: &[JudgedFinding<'_>]) -> String {
    let mut text = String::new();
    let mut seen = Vec::new();
    for JudgedFinding { finding, verdict } in findings {
        let pair = (finding.rule(), *verdict);
        if !seen.contains(&pair) {
            seen.push(pair);
            separate(&mut text);
            // Writing to a string cannot fail.
            let _ = write!(text, "{}={}", finding.rule(), verdict.name());
        }
    }
    text
}

/// The conditions that were derived, each with what was done to it.
fn derived(changes: &[Change<'_>]) -> String {
    let mut text = String::new();
    for change in changes {
        separate(&mut text);
        let condition = change.condition();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{}={}/{} ({})",
            condition.condition_type,
            condition.status.name(),
            printable_value(condition.reason),
            change.name()
        );
    }
    text
}

fn separate(list: &mut String) {
    if !list.is_empty() {
        list.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::{LINE_INTERVAL, LineLimit, LineLimits, MAX_KINDS};

    #[test]
    fn one_line_a_second_stands_for_all_events() {
        let limit = LineLimit::default();
        assert_eq!(limit.pass(), Some(1));
        assert_eq!([limit.pass(), limit.pass()], [None, None]);
        std::thread::sleep(LINE_INTERVAL);
        assert_eq!(limit.pass(), Some(3));
    }

    #[test]
    fn each_kind_has_lines_of_its_own_up_to_a_number_of_kinds() {
        let limits = LineLimits::default();
        let kinds: Vec<String> = (0..2 * MAX_KINDS).map(|kind| kind.to_string()).collect();
        let lines = kinds.iter().filter_map(|kind| limits.pass(kind)).count();
        assert_eq!(lines, MAX_KINDS + 1);
        assert_eq!(limits.pass("0"), None);
    }
}
