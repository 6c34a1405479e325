//! What tests ask of a verdict.

use jiff::Timestamp;
use serde_json::{Value, json};
use test_support::judged::{self, Judged, judged};
use wfe_webhook::admission::{Outcome, Webhook};
use wfe_webhook::policy::Policy;

use crate::answers::{self, Answer};
use crate::reviews::Review;

/// The clock of the tests.
pub fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// The checked answer of `/validate` and what it came to.
pub fn validate(body: &[u8], policy: &Policy) -> (Judged, Answer) {
    judge(Webhook::Validate, body, policy)
}

/// The checked answer of `/mutate` and what it came to.
pub fn mutate(body: &[u8], policy: &Policy) -> (Judged, Answer) {
    judge(Webhook::Mutate, body, policy)
}

fn judge(webhook: Webhook, body: &[u8], policy: &Policy) -> (Judged, Answer) {
    let decision = judged(webhook, body, policy, now()).unwrap();
    let answer = answers::read(webhook, &decision.answer, &decision.uid).unwrap();
    (decision, answer)
}

/// Every finding as `rule path action`, in the order of the report; what is only audited as missing is left out.
pub fn findings_under(review: &Review, policy: &Policy) -> Vec<String> {
    let found = judged::findings(&review.body(), policy, now()).unwrap();
    found
        .iter()
        .filter(|it| it.rule.id() != "condition-missing")
        .map(|it| format!("{} {} {}", it.rule, it.path, it.action))
        .collect()
}

/// [`findings_under`] the default policy.
pub fn findings(review: &Review) -> Vec<String> {
    findings_under(review, &Policy::default())
}

/// Asserts that the write is refused for exactly one fault, and that cause and message say so.
pub fn refused_under(review: &Review, policy: &Policy, rule: &str, path: &str, says: &[&str]) {
    let body = review.body();
    let (decision, answer) = validate(&body, policy);
    assert_eq!(
        decision.outcome,
        Outcome::Denied,
        "{:?}",
        findings_under(review, policy)
    );
    assert_eq!(answer.causes.len(), 1, "{:?}", answer.causes);
    let cause = &answer.causes[0];
    assert_eq!(cause.field, path);
    assert_eq!(
        answers::rule_of(&cause.message)
            .map(|it| it.to_string())
            .as_deref(),
        Some(rule),
        "{cause:?}"
    );
    for text in says {
        assert!(
            cause.message.contains(text),
            "no {text:?} in {:?}",
            cause.message
        );
    }
    assert!(
        answer.message.contains(path),
        "no field in {:?}",
        answer.message
    );
    assert!(
        answer.message.contains(&format!("[{rule}]")),
        "no rule in {:?}",
        answer.message
    );
}

/// [`refused_under`] the default policy.
pub fn refused(review: &Review, rule: &str, path: &str, says: &[&str]) {
    refused_under(review, &Policy::default(), rule, path, says);
}

/// Asserts that the write is allowed with exactly one warning, about the rule at the path.
pub fn warned(review: &Review, rule: &str, path: &str) {
    assert_eq!(findings(review), [format!("{rule} {path} warn")]);
    let (decision, answer) = validate(&review.body(), &Policy::default());
    assert_eq!(decision.outcome, Outcome::Allowed);
    assert_eq!(answer.warnings.len(), 1, "{answer:?}");
    let warning = &answer.warnings[0];
    assert!(
        warning.starts_with(path) && warning.ends_with(&format!("[{rule}]")),
        "{warning}"
    );
}

/// Asserts that no rule finds a fault.
pub fn admitted(review: &Review) {
    let body = review.body();
    let (decision, answer) = validate(&body, &Policy::default());
    assert_eq!(findings(review), Vec::<String>::new());
    assert_eq!(decision.outcome, Outcome::Allowed);
    assert!(answer.allowed && answer.warnings.is_empty());
}

/// A `tekton` write of a phase with conditions.
pub fn tekton(phase: &str, conditions: &[Value]) -> Review {
    Review::tekton().status(json!({"phase": phase, "conditions": conditions}))
}

/// An `execution` write of a phase with conditions.
pub fn execution(phase: &str, conditions: &[Value]) -> Review {
    let status =
        json!({"phase": phase, "conditions": conditions, "executionRef": {"name": "run-1"}});
    Review::execution().status(status)
}

/// Changes one field of a condition; `null` takes it out.
pub fn with(mut condition: Value, field: &str, value: Value) -> Value {
    if value.is_null() {
        condition.as_object_mut().unwrap().remove(field);
    } else {
        condition[field] = value;
    }
    condition
}
