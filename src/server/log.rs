//! One event for each judgement and each refusal. Never the object's content.

use std::fmt::Write;
use std::time::Duration;

use super::refusal::Refusal;
use crate::admission::{JudgedFinding, Judgement, Webhook};
use crate::complete::Change;
use crate::metrics::Refused;
use crate::text::printable_value;

/// Logs a review that was answered.
pub fn answered(judgement: &Judgement<'_>, latency: Duration) {
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

/// Logs a request that got no review.
pub fn refused(webhook: Webhook, refusal: &Refusal) {
    let webhook = webhook.name();
    let status = refusal.status().as_u16();
    let reason = refusal.log_text();
    match refusal.counted() {
        Refused::Error => tracing::error!(webhook, status, reason, "request refused"),
        // Under overload a line for each would be a load of its own; the metric counts them.
        Refused::Shed => tracing::debug!(webhook, status, reason, "request refused"),
        Refused::Invalid | Refused::Timeout => {
            tracing::warn!(webhook, status, reason, "request refused");
        }
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
