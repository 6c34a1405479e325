//! Verdicts that are compared, and what the report leaves to the webhook.

use std::collections::BTreeSet;

use serde_json::Value;

use super::pair::generate;
use crate::object::Written;

/// The rules whose row of the report says one of these words.
pub fn rules_held(words: &[&str]) -> BTreeSet<String> {
    let report = generate(&["--report"]);
    let rows = report.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let rule = cells.next()?.trim_end_matches('`').to_owned();
        Some((rule, cells.next()?.to_owned()))
    });
    rows.filter(|(_, held)| words.contains(&held.as_str()))
        .map(|(rule, _)| rule)
        .collect()
}

/// The ids of the rules that refuse a write; none where it passes. No schema and no failed expression may refuse it.
pub fn refusing_rules(written: Written) -> BTreeSet<String> {
    let Err(refused) = written else {
        return BTreeSet::new();
    };
    let is_id =
        |id: &str| id.contains('-') && id.bytes().all(|it| it == b'-' || it.is_ascii_lowercase());
    let ids = refused.message.split('[').skip(1);
    let ids = ids.filter_map(|rest| Some(rest.split_once(']')?.0.to_owned()));
    let rules: BTreeSet<String> = ids.filter(|id| is_id(id)).collect();
    assert!(!rules.is_empty(), "{}", refused.message);
    rules
}

/// What was compared.
#[derive(Default)]
pub struct Tally {
    left: BTreeSet<String>,
    pub both_pass: usize,
    pub both_refuse: usize,
    pub left_out: usize,
    pub held: BTreeSet<String>,
}

impl Tally {
    pub fn new() -> Self {
        Self {
            left: rules_held(&["no", "in part"]),
            ..Self::default()
        }
    }

    pub fn add(
        &mut self,
        webhook: &BTreeSet<String>,
        policies: &BTreeSet<String>,
        stored: &Value,
        status: &Value,
    ) {
        let case = format!(
            "webhook: {webhook:?}\npolicies: {policies:?}\nstored: {stored}\nwritten: {status}"
        );
        if policies.is_empty() && webhook.is_empty() {
            self.both_pass += 1;
        } else if policies.is_empty() {
            let is_left = webhook.is_subset(&self.left) || is_left(stored) || is_left(status);
            assert!(is_left, "only the webhook refuses\n{case}");
            self.left_out += 1;
        } else {
            assert!(
                policies.is_subset(webhook),
                "only the policies refuse\n{case}"
            );
            self.held.extend(policies.iter().cloned());
            self.both_refuse += 1;
        }
    }

    pub fn print(&self, what: &str) {
        println!(
            "{what}: {} pass, {} are refused, {} are left to the webhook; rules: {:?}",
            self.both_pass, self.both_refuse, self.left_out, self.held
        );
    }
}

/// Whether the report leaves verdicts about the list of a status to the webhook: items of a broken shape, and two of a type.
pub fn is_left(status: &Value) -> bool {
    let items = status.get("conditions").and_then(Value::as_array);
    let types = items.into_iter().flatten().map(|item| item.get("type"));
    let types: Vec<_> = types.collect();
    has_odd_conditions(status) || (1..types.len()).any(|at| types[..at].contains(&types[at]))
}

/// Whether a list has items of a broken shape, or with times in the years that CEL's clock cannot hold in every zone.
pub fn has_odd_conditions(status: &Value) -> bool {
    let items = status.get("conditions").and_then(Value::as_array);
    items.into_iter().flatten().any(is_odd)
}

fn is_odd(item: &Value) -> bool {
    let text = |field: &str| item.get(field).and_then(Value::as_str);
    let time = text("lastTransitionTime").unwrap_or_default();
    let is_usual = time.len() >= 20
        && time.starts_with('2')
        && time.contains('T')
        && time.ends_with(|it: char| it == 'Z' || it.is_ascii_digit());
    let fields = ["type", "status", "reason"]
        .iter()
        .all(|field| text(field).is_some_and(|it| !it.is_empty()));
    let message = item
        .get("message")
        .is_none_or(|it| it.is_string() || it.is_null());
    let generation = item
        .get("observedGeneration")
        .is_none_or(|it| it.is_u64() || it.is_null());
    let known = ["True", "False", "Unknown"].contains(&text("status").unwrap_or_default());
    !(is_usual && fields && message && generation && known)
}
