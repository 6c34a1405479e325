use json_patch::Patch;
use serde_json::Value;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use super::write::Write;
use crate::completion_laws::{completing_twice_changes_nothing, completion_adds_no_denial};
use crate::hooks::{Hooks, Product, answer};
use crate::oracle::now;

/// A patch applies, by two implementations alike; the completed write is refused for nothing new, and completing it again
/// changes nothing.
pub fn holds(choices: &[u8]) {
    let Some(Write { review, .. }) = Write::read(choices) else {
        return;
    };
    let review = review.value();
    let holds = |law: Result<(), String>| law.unwrap_or_else(|breach| panic!("{breach}"));
    applied_alike(review);
    holds(completing_twice_changes_nothing(&Product, review));
    holds(completion_adds_no_denial(&Product, review.clone()));
}

fn applied_alike(review: &Value) {
    let policy = Policy::default();
    let Some(patch) = answer(Webhook::Mutate, review, &policy, now()).patch else {
        return;
    };
    let patch: Patch = serde_json::from_value(patch).expect("a patch");
    let mut object = review["request"]["object"].clone();
    json_patch::patch(&mut object, &patch).unwrap_or_else(|error| panic!("{error}\n{review}"));
    let strictly = Product.mutate(review, &policy, now());
    assert_eq!(object, strictly["request"]["object"], "of {review}");
}
