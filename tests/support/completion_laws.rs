//! What holds of every completion: it is a fixed point, and never makes a write worse.

use serde_json::Value;
use wfe_webhook::policy::Policy;

use crate::hooks::Hooks;
use crate::oracle::{now, vocabulary};

/// Whether the webhook's own items were the only sign of a vocabulary, and none of them fits.
fn lost_its_vocabulary(before: &Value, after: &Value) -> bool {
    let policy = Policy::default();
    vocabulary(before, &policy) != vocabulary(after, &policy)
}

/// Holds a completion against being completed again, a little later.
///
/// # Errors
///
/// What changed.
pub fn completing_twice_changes_nothing(hooks: &impl Hooks, review: &Value) -> Result<(), String> {
    let policy = Policy::default();
    let later = now() + jiff::SignedDuration::from_secs(77);
    let once = hooks.mutate(review, &policy, now());
    if lost_its_vocabulary(review, &once) {
        return Ok(());
    }
    let twice = hooks.mutate(&once, &policy, later);
    let conditions = |review: &Value| review["request"]["object"]["status"]["conditions"].clone();
    if twice == once {
        return Ok(());
    }
    Err(format!(
        "once: {}\ntwice: {}\nof: {review}",
        conditions(&once),
        conditions(&twice)
    ))
}

/// Holds a completed and stored write against the same write once more, a little later: a controller that repeats itself
/// must not keep the object changing.
///
/// # Errors
///
/// What changed.
pub fn repeating_a_write_changes_nothing(hooks: &impl Hooks, review: &Value) -> Result<(), String> {
    let policy = Policy::default();
    let later = now() + jiff::SignedDuration::from_secs(77);
    let once = hooks.mutate(review, &policy, now());
    let mut again = review.clone();
    let stored = &mut again["request"]["oldObject"];
    // No API server sends an update without the stored object, and what is denied is never stored.
    if !stored.is_object() || !hooks.denials(&once, &policy, now()).is_empty() {
        return Ok(());
    }
    stored["status"] = once["request"]["object"]["status"].clone();
    let twice = hooks.mutate(&again, &policy, later);
    let conditions = |review: &Value| review["request"]["object"]["status"]["conditions"].clone();
    if conditions(&twice) == conditions(&once) {
        return Ok(());
    }
    Err(format!(
        "once: {}\ntwice: {}\nof: {review}",
        conditions(&once),
        conditions(&twice)
    ))
}

/// Rules that refuse the write, each with the item or field that it is about.
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

/// Sets the stored generation, as the API server does before `/validate`.
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

/// Removes later items of a type: such an item is refused for that alone, and for its other faults as soon as completion
/// removes the webhook's own item before it.
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

/// Holds a completed write against the write as it was.
///
/// # Errors
///
/// A fault that the completed write alone is refused for.
pub fn completion_adds_no_denial(hooks: &impl Hooks, review: Value) -> Result<(), String> {
    let review = &with_true_generation(without_duplicates(review));
    let before = refused(hooks, review);
    let after = hooks.mutate(review, &Policy::default(), now());
    if lost_its_vocabulary(review, &after) {
        return Ok(());
    }
    let mut denials = refused(hooks, &after).into_iter();
    match denials.find(|denial| !before.contains(denial)) {
        None => Ok(()),
        Some(denial) => Err(format!("{denial:?} is new in {after}")),
    }
}
