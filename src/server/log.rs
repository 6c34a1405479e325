//! One event for each decision and each refusal. Never the object's content.

use std::fmt::Write;
use std::time::Duration;

use super::refusal::Refusal;
use crate::admission::{Decision, Webhook};
use crate::metrics::Refused;
use crate::text::printable_value;

/// Tells of a decision.
pub fn decided(webhook: Webhook, decision: &Decision<'_>, latency: Duration) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let object = format!("{}/{}", decision.namespace, decision.name);
    tracing::info!(
        webhook = webhook.name(),
        verdict = decision.outcome.name(),
        uid = &*printable_value(&decision.uid),
        user = &*printable_value(&decision.user),
        object = &*printable_value(&object),
        operation = &*printable_value(&decision.operation),
        dry_run = decision.dry_run,
        stale = decision.stale,
        rules = rules(decision),
        derived = derived(decision),
        latency_seconds = latency.as_secs_f64(),
        "review answered"
    );
}

/// Tells of a request that got no review.
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
fn rules(decision: &Decision<'_>) -> String {
    let mut text = String::new();
    let mut seen = Vec::new();
    for finding in &decision.findings {
        let pair = (finding.rule, finding.action);
        if !seen.contains(&pair) {
            seen.push(pair);
            separate(&mut text);
            // Writing to a string cannot fail.
            let _ = write!(text, "{}={}", finding.rule, finding.action);
        }
    }
    text
}

/// The conditions that were derived, each with what was done to it.
fn derived(decision: &Decision<'_>) -> String {
    let mut text = String::new();
    for change in &decision.derived {
        separate(&mut text);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{}={}/{} ({})",
            change.condition, change.status, change.reason, change.change
        );
    }
    text
}

fn separate(list: &mut String) {
    if !list.is_empty() {
        list.push(',');
    }
}
