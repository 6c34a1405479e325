//! The metrics that the program exports, with their labels, as README's table has them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use wfe_webhook::admission::{Webhook, judge};
use wfe_webhook::metrics::{Certificate, Metrics};
use wfe_webhook::policy::Policy;
use wfe_webhook::review::Review;

use crate::pages;

/// A metric as the scrape describes it.
struct Described {
    name: String,
    help: String,
    kind: String,
    labels: BTreeSet<String>,
}

/// A review that every metric of a write counts: a new phase, a condition whose status changes, a finding, a condition that
/// is missing.
const REVIEW: &str = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1",
    "resource":{"group":"workflowexecution.kubernaut.ai","resource":"workflowexecutions"},
    "subResource":"status","operation":"UPDATE","object":{"status":{"phase":"Running","conditions":[
    {"type":"AuditRecorded","status":"True","reason":"AuditSucceeded","message":"","lastTransitionTime":"2026-11-23T10:00:00Z"}
    ]}}}}"#;

/// A scrape in which no metric is without samples, which would leave it out.
fn scrape() -> String {
    let metrics =
        Metrics::new(Metrics::log_lines_lost().expect("a counter")).expect("metrics register");
    let review = Review::parse(REVIEW).expect("a review");
    let policy = Policy::default();
    let now = "2026-11-23T12:00:00Z".parse().expect("a time");
    for webhook in Webhook::ALL {
        let judgement = judge(webhook, &review, &policy, now);
        metrics.answered(&judgement, Duration::from_micros(80));
    }
    metrics.expires(Certificate::Leaf, 0);
    metrics.encode(0).expect("metrics encode")
}

fn described(scrape: &str) -> Vec<Described> {
    let mut all = Vec::new();
    for line in scrape.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' ')) {
            all.push(Described {
                name: name.to_owned(),
                help: help.to_owned(),
                kind: String::new(),
                labels: BTreeSet::new(),
            });
            continue;
        }
        let last = all.last_mut().expect("HELP comes first");
        if let Some(kind) = line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' ')) {
            kind.1.clone_into(&mut last.kind);
        } else if let Some((_, rest)) = line.split_once('{')
            && let Some((labels, _)) = rest.rsplit_once('}')
        {
            let names = labels
                .split("\",")
                .filter_map(|label| label.split_once('='));
            let names = names.map(|(name, _)| name.to_owned());
            last.labels.extend(names.filter(|name| name != "le"));
        }
    }
    all
}

/// README's table: the product's own metrics.
pub fn table() -> String {
    let mut table = String::from("| metric | type | labels | |\n|---|---|---|---|\n");
    for metric in described(&scrape()) {
        if metric.name.starts_with("wfe_webhook_") {
            let labels: Vec<String> = metric
                .labels
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let _ = writeln!(
                table,
                "| `{}` | {} | {} | {} |",
                metric.name,
                metric.kind,
                labels.join(", "),
                metric
                    .help
                    .replace('|', "\\|")
                    .replace("\\n", " ")
                    .replace("\\\"", "\"")
            );
        }
    }
    table
}

#[test]
fn every_metric_that_a_page_names_is_exported() {
    let exported = described(&scrape());
    let mut faults = Vec::new();
    for page in pages::all() {
        for word in page
            .text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        {
            let metric = ["wfe_webhook_", "process_"].iter().any(|prefix| {
                word.strip_prefix(prefix)
                    .is_some_and(|name| !name.is_empty())
            });
            let base = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|suffix| word.strip_suffix(suffix))
                .unwrap_or(word);
            let known = exported
                .iter()
                .any(|known| known.name == word || known.name == base);
            if metric && !known {
                faults.push(format!("{}: nothing exports {word}", page.name));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
