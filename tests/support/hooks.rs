//! The two webhooks as an API server uses them: a status goes in, and a status or a refusal comes out.

use crate::judged::judged;
use jiff::Timestamp;
use serde_json::Value;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use crate::answers::{self, Answer};
use crate::oracle::{Moment, completed, json_patch, verdicts};

/// What both the product and the second formulation answer.
pub trait Hooks {
    /// The review after `/mutate`.
    fn mutate(&self, review: &Value, policy: &Policy, now: Timestamp) -> Value;
    /// The rules that refuse the write at `/validate`, with their paths.
    fn denials(&self, review: &Value, policy: &Policy, now: Timestamp) -> Vec<(String, String)>;
}

/// The product.
pub struct Product;

/// The second formulation.
pub struct Oracle;

/// The product's checked answer to a review.
pub fn answer(webhook: Webhook, review: &Value, policy: &Policy, now: Timestamp) -> Answer {
    let body = serde_json::to_vec(review).unwrap();
    let decision = judged(webhook, &body, policy, now).unwrap();
    let uid = review["request"]["uid"].as_str().unwrap();
    answers::read(webhook, &decision.answer, uid)
        .unwrap_or_else(|error| panic!("{error}\n{review}"))
}

impl Hooks for Product {
    fn mutate(&self, review: &Value, policy: &Policy, now: Timestamp) -> Value {
        let mut after = review.clone();
        if let Some(patch) = answer(Webhook::Mutate, review, policy, now).patch {
            let object = &mut after["request"]["object"];
            json_patch::apply(object, &patch).unwrap_or_else(|error| panic!("{error}\n{review}"));
            let mut rest = [object.clone(), review["request"]["object"].clone()];
            for object in &mut rest {
                object["status"]["conditions"] = Value::Null;
            }
            assert_eq!(
                rest[0], rest[1],
                "the patch touches more than the conditions"
            );
        }
        after
    }

    fn denials(&self, review: &Value, policy: &Policy, now: Timestamp) -> Vec<(String, String)> {
        let answer = answer(Webhook::Validate, review, policy, now);
        let rule = |message: &str| {
            answers::rule_of(message).map_or(String::new(), |rule| rule.to_string())
        };
        answer
            .causes
            .iter()
            .map(|cause| (rule(&cause.message), cause.field.clone()))
            .collect()
    }
}

impl Hooks for Oracle {
    fn mutate(&self, review: &Value, policy: &Policy, now: Timestamp) -> Value {
        let mut after = review.clone();
        let now = Moment::read(&now.to_string()).unwrap();
        let completed = completed(review, policy, &now).filter(|it| !it.changes.is_empty());
        if let Some(completed) = completed {
            after["request"]["object"]["status"]["conditions"] = completed.conditions.into();
        }
        after
    }

    fn denials(&self, review: &Value, policy: &Policy, now: Timestamp) -> Vec<(String, String)> {
        let now = Moment::read(&now.to_string()).unwrap();
        let denied = verdicts(review, policy, &now)
            .into_iter()
            .filter(|it| it.action == "deny");
        denied.map(|it| (it.rule.to_owned(), it.path)).collect()
    }
}
