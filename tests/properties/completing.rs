//! Completion is a fixed point and never makes a write worse.

use proptest::prelude::*;
use serde_json::Value;
use wfe_webhook::policy::Policy;

use crate::hooks::{Hooks, Oracle, Product};
use crate::oracle::{now, vocabulary};
use crate::writes::{Write, review};

/// Whether the webhook's own items were all that spoke for a vocabulary, and none of them fits.
fn lost_its_vocabulary(before: &Value, after: &Value) -> bool {
    let policy = Policy::default();
    vocabulary(before, &policy) != vocabulary(after, &policy)
}

fn completing_twice_changes_nothing(
    hooks: &impl Hooks,
    review: &Value,
) -> Result<(), TestCaseError> {
    let policy = Policy::default();
    let later = now() + jiff::SignedDuration::from_secs(77);
    let once = hooks.mutate(review, &policy, now());
    if lost_its_vocabulary(review, &once) {
        return Ok(());
    }
    let twice = hooks.mutate(&once, &policy, later);
    let conditions = |review: &Value| review["request"]["object"]["status"]["conditions"].clone();
    prop_assert!(
        twice == once,
        "once: {}\ntwice: {}",
        conditions(&once),
        conditions(&twice)
    );
    Ok(())
}

/// Rules that refuse the write, each with the item or field that it speaks of.
fn refused(hooks: &impl Hooks, review: &Value) -> Vec<(String, Value)> {
    let conditions = &review["request"]["object"]["status"]["conditions"];
    let subject = |path: &str| {
        let index = path.strip_prefix("status.conditions[")?.split(']').next()?;
        Some(conditions[index.parse::<usize>().ok()?].clone())
    };
    hooks
        .denials(review, &Policy::default(), now())
        .into_iter()
        .map(|(rule, path)| (rule, subject(&path).unwrap_or_else(|| path.into())))
        .collect()
}

/// Puts the generation right, as the API server does before `/validate`.
fn with_true_generation(mut review: Value) -> Value {
    let stored = review
        .pointer("/request/oldObject/metadata/generation")
        .cloned();
    if let (Some(stored), Some(metadata)) = (stored, review.pointer_mut("/request/object/metadata"))
    {
        metadata["generation"] = stored;
    }
    review
}

/// Takes out later items of a type: such an item is refused for that alone, and for its other faults as soon as
/// completion takes the webhook's own item before it away.
fn without_duplicates(mut review: Value) -> Value {
    let conditions = review.pointer_mut("/request/object/status/conditions");
    if let Some(items) = conditions.and_then(Value::as_array_mut) {
        let mut seen = Vec::new();
        items.retain(|item| {
            let is_new = !seen.contains(&item["type"]);
            seen.push(item["type"].clone());
            is_new
        });
    }
    review
}

fn completion_adds_no_denial(hooks: &impl Hooks, review: Value) -> Result<(), TestCaseError> {
    let review = &with_true_generation(without_duplicates(review));
    let before = refused(hooks, review);
    let after = hooks.mutate(review, &Policy::default(), now());
    if lost_its_vocabulary(review, &after) {
        return Ok(());
    }
    for denial in refused(hooks, &after) {
        prop_assert!(before.contains(&denial), "{denial:?} is new in {after}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn completing_its_own_result_changes_nothing(Write(review) in review()) {
        completing_twice_changes_nothing(&Product, &review)?;
    }

    #[test]
    fn what_was_completed_is_denied_for_nothing_new(Write(review) in review()) {
        completion_adds_no_denial(&Product, review)?;
    }

    #[test]
    fn the_second_formulation_completes_its_own_result_to_itself(Write(review) in review()) {
        completing_twice_changes_nothing(&Oracle, &review)?;
    }

    #[test]
    fn the_second_formulation_completes_without_a_new_denial(Write(review) in review()) {
        completion_adds_no_denial(&Oracle, review)?;
    }
}
