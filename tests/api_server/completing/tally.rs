//! What is stored or refused, compared.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use test_support::reviews::MARK;

use crate::object::Written;
use crate::policies::tally::{has_odd_conditions, is_left, refusing_rules, rules_held};

/// What became of a write.
#[derive(Debug)]
pub enum Outcome {
    /// It was refused for these rules.
    Refused(BTreeSet<String>),
    /// It became this status.
    Stored(Value),
}

impl Outcome {
    pub fn of(written: Written) -> Self {
        match written {
            Ok(object) => Self::Stored(object["status"].clone()),
            refused => Self::Refused(refusing_rules(refused)),
        }
    }

    fn rules(&self) -> BTreeSet<String> {
        match self {
            Self::Refused(rules) => rules.clone(),
            Self::Stored(_) => BTreeSet::new(),
        }
    }
}

/// What the webhook alone, the policies alone and both made of one write.
#[derive(Debug)]
pub struct Outcomes {
    pub webhook: Outcome,
    pub policies: Outcome,
    pub both: Outcome,
}

/// What was compared.
pub struct Tally {
    left: BTreeSet<String>,
    pub both_pass: usize,
    both_refuse: usize,
    left_to_the_webhook: usize,
    by_the_clock: usize,
    derived: usize,
}

impl Tally {
    pub fn new() -> Self {
        Self {
            left: rules_held(&["no", "in part"]),
            both_pass: 0,
            both_refuse: 0,
            left_to_the_webhook: 0,
            by_the_clock: 0,
            derived: 0,
        }
    }

    /// Compares the outcomes of a write of `status` over `stored`.
    ///
    /// # Panics
    ///
    /// When they differ in what the report does not leave to the webhook.
    pub fn add(&mut self, outcomes: &Outcomes, stored: &Value, status: &Value) {
        let Outcomes {
            webhook,
            policies,
            both,
        } = outcomes;
        let case = format!(
            "webhook: {webhook:?}\npolicies: {policies:?}\nboth: {both:?}\nstored: {stored}\nwritten: {status}"
        );
        let rules = webhook.rules();
        assert!(
            both.rules().is_subset(&rules) && both.rules().is_empty() == rules.is_empty(),
            "both refuse something else than the webhook\n{case}"
        );
        let has_odd_conditions = has_odd_conditions(stored) || has_odd_conditions(status);
        if let (Outcome::Stored(webhook), Outcome::Stored(both)) = (webhook, both) {
            let comparable = if has_odd_conditions {
                without_derived_times
            } else {
                without_clock
            };
            assert_eq!(
                comparable(webhook),
                comparable(both),
                "both store something else than the webhook\n{case}"
            );
        }
        let is_left = is_left(stored) || is_left(status);
        assert!(
            policies.rules().is_subset(&rules) || is_left && !rules.is_empty(),
            "only the policies refuse\n{case}"
        );
        match (webhook, policies) {
            (Outcome::Refused(_), Outcome::Refused(_)) => self.both_refuse += 1,
            (Outcome::Refused(rules), Outcome::Stored(_)) => {
                let is_left = is_left || rules.is_subset(&self.left);
                assert!(is_left, "only the webhook refuses\n{case}");
                self.left_to_the_webhook += 1;
            }
            (Outcome::Stored(_), Outcome::Refused(_)) => unreachable!("seen above"),
            (Outcome::Stored(_), Outcome::Stored(policies)) if has_odd_conditions => {
                let foreign = |status: &Value| items(status, |item| !is_own(item));
                assert_eq!(
                    foreign(policies),
                    foreign(status),
                    "a foreign condition was changed\n{case}"
                );
                self.left_to_the_webhook += 1;
            }
            (Outcome::Stored(webhook), Outcome::Stored(policies)) => {
                self.both_pass += 1;
                if items(webhook, is_by_the_clock).is_empty() {
                    self.derived += items(webhook, is_own).len();
                    assert_eq!(
                        &with_simple_messages(webhook, policies),
                        policies,
                        "the policies store something else\n{case}"
                    );
                } else {
                    self.by_the_clock += 1;
                    assert_less_is_done(policies, webhook, status, &case);
                }
            }
        }
    }

    /// Says how much was compared.
    ///
    /// # Panics
    ///
    /// When it was not much.
    pub fn finish(&self, title: &str, at_least: usize) {
        let Self {
            both_pass,
            both_refuse,
            left_to_the_webhook: left,
            by_the_clock,
            derived,
            ..
        } = self;
        println!(
            "{title}: {both_pass} pass, {both_refuse} are refused, {left} are left to the webhook; \
             {derived} derived conditions are equal, {by_the_clock} writes need the clock"
        );
        let compared = both_pass + both_refuse + left;
        assert!(compared >= at_least, "only {compared} were compared");
        assert!(*derived > 0, "no derived condition was compared");
    }
}

fn items(status: &Value, which: impl Fn(&Value) -> bool) -> Vec<Value> {
    let all = status.get("conditions").and_then(Value::as_array);
    let all = all.into_iter().flatten().cloned();
    all.filter(which).collect()
}

/// Asserts that the policies kept each foreign condition that was written, restored and added none but what the webhook
/// did, and kept own ones as they were.
fn assert_less_is_done(policies: &Value, webhook: &Value, written: &Value, case: &str) {
    let foreign = |status: &Value| items(status, |item| !is_own(item));
    let by_webhook = foreign(webhook);
    assert!(
        foreign(policies).starts_with(&foreign(written))
            && foreign(policies).iter().all(|it| by_webhook.contains(it)),
        "a foreign condition was changed\n{case}"
    );
    let types = |items: Vec<Value>| -> BTreeSet<String> {
        items.iter().map(|item| item["type"].to_string()).collect()
    };
    let kept = items(written, is_own);
    let done = items(policies, |item| is_own(item) && !kept.contains(item));
    assert!(
        types(done).is_subset(&types(items(webhook, is_own))),
        "the policies add what the webhook does not\n{case}"
    );
}

fn is_own(item: &Value) -> bool {
    let message = item.get("message").and_then(Value::as_str);
    message.is_some_and(|message| message.ends_with(MARK))
}

/// Whether a derived condition has the time at which it was written, or one ahead of it.
fn is_by_the_clock(item: &Value) -> bool {
    let time = item.get("lastTransitionTime").and_then(Value::as_str);
    let time = time.and_then(|time| time.parse::<Timestamp>().ok());
    is_own(item) && time.is_some_and(|time| time > Timestamp::now() - SignedDuration::from_mins(10))
}

/// A status without the times of derived conditions: the policy does not read those of a stored one in year 1 or 9999.
fn without_derived_times(status: &Value) -> Value {
    let mut status = without_clock(status);
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for item in conditions.into_iter().flatten().filter(|item| is_own(item)) {
        item["lastTransitionTime"] = Value::Null;
    }
    status
}

/// A status without the times that the clock decided, and without the order of a list that has one: a condition that the
/// policy removes for want of a time is added at the end.
fn without_clock(status: &Value) -> Value {
    let by_the_clock = !items(status, is_by_the_clock).is_empty();
    let mut status = with_clock(status.clone(), &Value::Null);
    if by_the_clock && let Some(items) = status["conditions"].as_array_mut() {
        items.sort_by_cached_key(|item| item["type"].to_string());
    }
    status
}

/// A status as if it had been written long ago: no time says any more that the clock decided it.
pub fn long_ago(status: Value) -> Value {
    with_clock(status, &"2026-11-20T10:30:00Z".into())
}

fn with_clock(mut status: Value, time: &Value) -> Value {
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for item in conditions.into_iter().flatten() {
        if is_by_the_clock(item) {
            item["lastTransitionTime"] = time.clone();
        }
    }
    status
}

/// What the webhook stored, with the phase for what was observed where a text of the status has other characters than
/// printable ASCII and the policies say the phase.
fn with_simple_messages(webhook: &Value, policies: &Value) -> Value {
    let mut expected = webhook.clone();
    let phase = webhook["phase"].as_str().unwrap_or_default();
    let simple = Value::from(format!("phase is {phase}{MARK}"));
    let conditions = expected.get_mut("conditions").and_then(Value::as_array_mut);
    for (at, item) in conditions.into_iter().flatten().enumerate() {
        let said = &policies["conditions"][at]["message"];
        if is_own(item) && *said == simple && quotes_other_characters(webhook) {
            item["message"] = simple.clone();
        }
    }
    expected
}

fn quotes_other_characters(status: &Value) -> bool {
    let places = [
        "/duration",
        "/failureReason",
        "/failureDetails/message",
        "/skipDetails/message",
        "/pipelineRunRef/name",
        "/executionRef/name",
    ];
    let mut texts = places
        .iter()
        .filter_map(|place| status.pointer(place)?.as_str());
    texts.any(|text| text.chars().any(|it| !(' '..='~').contains(&it)))
}
