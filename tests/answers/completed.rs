//! What `/mutate` makes of a status.

use jiff::Timestamp;
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use crate::answers;
use crate::json_patch;
use crate::reviews::Review;

/// The clock of the tests.
pub const NOW: &str = "2026-11-23T12:00:00.75Z";

/// The conditions after `/mutate`, and what it counts as changed: (type, change).
pub fn completed(review: &Review) -> (Vec<Value>, Vec<(&'static str, &'static str)>) {
    let body = review.body();
    let now: Timestamp = NOW.parse().unwrap();
    let decision = judged(Webhook::Mutate, &body, &Policy::default(), now).unwrap();
    let answer = answers::read(Webhook::Mutate, &decision.answer, &decision.uid).unwrap();
    let mut object = review.value()["request"]["object"].clone();
    if let Some(patch) = answer.patch {
        json_patch::apply(&mut object, &patch).unwrap();
    }
    let conditions = object["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let changes = decision
        .changes
        .iter()
        .map(|it| (it.condition, it.change))
        .collect();
    (conditions, changes)
}

/// The conditions after a `tekton` write over nothing.
pub fn conditions_of(status: Value) -> Vec<Value> {
    completed(&Review::tekton().status(status)).0
}

/// The condition of a type.
pub fn condition_of(conditions: &[Value], name: &str) -> Value {
    let found = conditions.iter().find(|item| item["type"] == name);
    found
        .cloned()
        .unwrap_or_else(|| panic!("no {name} in {}", json!(conditions)))
}

/// `type=status/reason` of each condition.
pub fn said(conditions: &[Value]) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    conditions
        .iter()
        .map(|it| {
            format!(
                "{}={}/{}",
                word(&it["type"]),
                word(&it["status"]),
                word(&it["reason"])
            )
        })
        .collect()
}
