//! The metrics that expressions may name, with their labels.

use std::collections::BTreeMap;

use crate::exported::{self, Values};
use crate::expression::{Matcher, named};
use crate::state_metrics;

/// A label with its values; none when they are not a closed set.
pub type Labels = BTreeMap<String, Option<Vec<String>>>;

/// Of API servers, as `tests/api_server` sees them: metric, labels.
const API_SERVER: [(&str, &[&str]); 6] = [
    (
        "apiserver_admission_webhook_rejection_count",
        &["name", "type", "operation", "error_type", "rejection_code"],
    ),
    (
        "apiserver_admission_webhook_fail_open_count",
        &["name", "type"],
    ),
    (
        "apiserver_admission_webhook_request_total",
        &["name", "type", "operation", "code", "rejected"],
    ),
    (
        "apiserver_admission_webhook_admission_duration_seconds_bucket",
        &["name", "type", "operation", "rejected", "le"],
    ),
    (
        "apiserver_admission_webhook_admission_duration_seconds_count",
        &["name", "type", "operation", "rejected"],
    ),
    (
        "apiserver_admission_webhook_admission_duration_seconds_sum",
        &["name", "type", "operation", "rejected"],
    ),
];

/// Labels that Prometheus adds to every series.
const OF_TARGETS: [&str; 2] = ["instance", "job"];

/// Every metric by name.
pub struct Known(BTreeMap<String, Labels>);

impl Known {
    pub fn new() -> Self {
        let mut known = Self(BTreeMap::new());
        for metric in exported::all() {
            let mut labels: Labels = BTreeMap::new();
            for (label, values) in metric.labels {
                let values = match values {
                    Values::Of(values) => Some(values),
                    Values::Reason | Values::Version => None,
                };
                labels.insert(label, values);
            }
            if metric.kind == "histogram" {
                for suffix in ["_count", "_sum"] {
                    known.add(format!("{}{suffix}", metric.name), labels.clone());
                }
                labels.insert("le".to_owned(), None);
                known.add(format!("{}_bucket", metric.name), labels);
            } else {
                known.add(metric.name, labels);
            }
        }
        for (metric, labels) in API_SERVER {
            let labels = labels.iter().map(|label| ((*label).to_owned(), None));
            known.add(metric.to_owned(), labels.collect());
        }
        for (metric, labels) in state_metrics::exported() {
            known.add(metric, labels);
        }
        known
    }

    /// Adds what a recording rule makes.
    pub fn add(&mut self, metric: String, mut labels: Labels) {
        for label in OF_TARGETS {
            labels.entry(label.to_owned()).or_insert(None);
        }
        self.0.insert(metric, labels);
    }

    /// What an expression names that does not exist.
    pub fn faults(&self, expression: &str) -> Vec<String> {
        let named = named(expression);
        let mut faults = Vec::new();
        let mut labels: Vec<&str> = Vec::new();
        for selector in &named.selectors {
            let Some(known) = self.0.get(&selector.metric) else {
                faults.push(format!("no metric is called {}", selector.metric));
                continue;
            };
            labels.extend(known.keys().map(String::as_str));
            for matcher in &selector.matchers {
                match known.get(&matcher.label) {
                    None => {
                        faults.push(format!(
                            "{} has no label {}",
                            selector.metric, matcher.label
                        ));
                    }
                    Some(Some(values)) => faults.extend(impossible(matcher, values)),
                    Some(None) => {}
                }
            }
        }
        let unknown = named
            .labels
            .iter()
            .filter(|label| !labels.contains(&label.as_str()));
        faults.extend(unknown.map(|label| format!("no metric of it has a label {label}")));
        faults
    }
}

/// The values of a condition that its label never has. Of regular expressions there are alternatives, and beginnings that
/// may be anything.
fn impossible(matcher: &Matcher, values: &[String]) -> Vec<String> {
    // Grafana's variables.
    if matcher.value.starts_with('$') {
        return Vec::new();
    }
    let alternatives: Vec<&str> = if matcher.operator.ends_with('~') {
        matcher.value.split('|').collect()
    } else {
        vec![&matcher.value]
    };
    let is_impossible = |alternative: &&str| {
        let end = alternative
            .strip_prefix(".+")
            .or_else(|| alternative.strip_prefix(".*"));
        !values.iter().any(|value| match end {
            Some(end) if matcher.operator.ends_with('~') => value.ends_with(end),
            _ => value == alternative,
        })
    };
    alternatives
        .into_iter()
        .filter(is_impossible)
        .map(|value| format!("{} is never {value}", matcher.label))
        .collect()
}

#[test]
fn what_does_not_exist_is_named() {
    let known = Known::new();
    for (expression, fault) in [
        (
            "wfe_webhook_panic_total",
            "no metric is called wfe_webhook_panic_total",
        ),
        (
            "wfe_webhook_findings_total{rules=\"x\"}",
            "wfe_webhook_findings_total has no label rules",
        ),
        (
            "wfe_webhook_findings_total{action=\"denied\"}",
            "action is never denied",
        ),
        (
            "wfe_webhook_findings_total{rule!~\"phase-conflict|phase-conflicts\"}",
            "rule is never phase-conflicts",
        ),
        (
            "sum by (webhook) (wfe_webhook_findings_total)",
            "no metric of it has a label webhook",
        ),
    ] {
        assert_eq!(known.faults(expression), [fault], "{expression}");
    }
    let fine = "sum by (instance, le) (rate(wfe_webhook_admission_duration_seconds_bucket{webhook=\"mutate\"}[5m]))";
    assert_eq!(known.faults(fine), [""; 0]);
}
