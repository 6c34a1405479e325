//! The metrics that the program exports, with the values that each label can have.

use std::time::Duration;

use wfe_webhook::admission::{Webhook, judge};
use wfe_webhook::metrics::{Certificate, Metrics};
use wfe_webhook::policy::Policy;
use wfe_webhook::review::Review;
use wfe_webhook::rules::{Action, Rule};
use wfe_webhook::vocabulary::{self, ConditionStatus, Phase};

/// What the values of a label are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// One of these.
    Of(Vec<String>),
    /// A reason of a vocabulary, or `other`.
    Reason,
    /// The version of the program.
    Version,
}

/// A metric as a scrape describes it.
#[derive(Clone, Debug)]
pub struct Metric {
    pub name: String,
    #[allow(
        dead_code,
        reason = "only one of the two programs that have this file prints it"
    )]
    pub help: String,
    pub kind: String,
    pub labels: Vec<(String, Values)>,
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

/// Every metric of a scrape, those of the process included.
pub fn all() -> Vec<Metric> {
    let scrape = scrape();
    let mut all: Vec<Metric> = Vec::new();
    for line in scrape.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' ')) {
            all.push(Metric {
                name: name.to_owned(),
                help: help.replace("\\n", " ").replace("\\\"", "\""),
                kind: String::new(),
                labels: Vec::new(),
            });
            continue;
        }
        let last = all.last_mut().expect("HELP comes first");
        if let Some((_, kind)) = line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' ')) {
            kind.clone_into(&mut last.kind);
        } else if let Some((_, rest)) = line.split_once('{')
            && let Some((labels, _)) = rest.rsplit_once('}')
        {
            for (label, value) in labels
                .split("\",")
                .filter_map(|label| label.split_once("=\""))
            {
                add(last, label, value.trim_end_matches('"'));
            }
        }
    }
    all
}

/// Adds a value that a scrape has to those of a label, unless a table of the program has them all.
fn add(metric: &mut Metric, label: &str, value: &str) {
    if label == "le" {
        return;
    }
    match metric.labels.iter_mut().find(|(name, _)| name == label) {
        None => {
            let seen = || Values::Of(vec![value.to_owned()]);
            let values = of_tables(&metric.name, label).unwrap_or_else(seen);
            metric.labels.push((label.to_owned(), values));
        }
        Some((_, Values::Of(seen))) if !seen.iter().any(|known| known == value) => {
            // Tables are complete, and what a fresh server counts is there from its start.
            assert!(of_tables(&metric.name, label).is_none(), "{label}={value}");
            seen.push(value.to_owned());
        }
        Some(_) => {}
    }
}

/// The values of labels that a fresh server does not all have.
fn of_tables(metric: &str, label: &str) -> Option<Values> {
    let names: Vec<&str> = match label {
        "rule" => Rule::ALL.map(Rule::id).to_vec(),
        "condition" => {
            let mut types = condition_types();
            types.push("other");
            if metric.ends_with("findings_total") {
                types.push("none");
            }
            types
        }
        "action" => {
            let acted = Action::ALL.into_iter().filter(|it| *it != Action::Off);
            acted.map(Action::name).chain(["inherited"]).collect()
        }
        "change" => vec!["add", "restore", "renew", "remove"],
        "status" => ConditionStatus::ALL.map(ConditionStatus::name).to_vec(),
        "from" | "to" => Phase::ALL
            .iter()
            .map(|phase| phase.name())
            .chain(["other"])
            .collect(),
        "certificate" => [Certificate::Leaf, Certificate::Ca, Certificate::ClientCa]
            .map(Certificate::name)
            .to_vec(),
        "reason" if metric.contains("condition") => return Some(Values::Reason),
        "version" => return Some(Values::Version),
        _ => return None,
    };
    Some(Values::Of(names.into_iter().map(str::to_owned).collect()))
}

fn condition_types() -> Vec<&'static str> {
    let terms = vocabulary::ALL.iter().flat_map(|known| known.terms);
    let mut types: Vec<&str> = terms.map(|term| term.condition_type).collect();
    types.sort_unstable();
    types.dedup();
    types
}
