//! Random writes: random statuses over random stored ones, and random policies.

use std::fmt;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use wfe_webhook::policy::{Completion, Mode, Policy, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};

use crate::reviews::Review;
use crate::statuses::{number, status, wrong_type};

/// Some stored conditions carried into a status, before or after its own, and some of them edited: their message stays.
fn carry(status: &mut Value, stored: &Value, mask: u8, first: bool) {
    let carried = stored["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate();
    let carried: Vec<Value> = carried
        .filter(|(at, _)| mask >> (at % 8) & 1 == 1)
        .map(|(at, item)| {
            let mut item = item.clone();
            let is_edited = mask >> 7 == 1 && at % 2 == 0;
            if let Some(item) = item.as_object_mut().filter(|_| is_edited) {
                let status = if item.get("status") == Some(&json!("True")) {
                    "False"
                } else {
                    "True"
                };
                item.insert("status".to_owned(), status.into());
            }
            item
        })
        .collect();
    if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        let at = if first { 0 } else { conditions.len() };
        conditions.splice(at..at, carried);
    }
}

/// A review that prints as the JSON text that it is.
#[derive(Clone)]
pub struct Write(pub Value);

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A review of a random write over a random stored status.
pub fn review() -> BoxedStrategy<Write> {
    let generations = (
        option::weighted(0.95, number()),
        option::weighted(0.95, number()),
    );
    let carried = (
        prop_oneof![2 => Just(0_u8), 3 => any::<u8>()],
        any::<bool>(),
    );
    let odd_status = prop_oneof![30 => status(), 1 => wrong_type()];
    (
        any::<bool>(),
        odd_status,
        status(),
        generations,
        carried,
        any::<u8>(),
    )
        .prop_map(
            |(former, mut status, stored, (generation, stored_generation), (mask, first), bits)| {
                carry(&mut status, &stored, mask, first);
                let mut review = if former {
                    Review::tekton()
                } else {
                    Review::execution()
                };
                review = review.status(status).stored(stored);
                review = match generation.clone() {
                    Some(number) => review.set("/request/object/metadata/generation", number),
                    None => review.without("/request/object/metadata/generation"),
                };
                // Only a PUT may name another generation than the stored one, and only before the API server mends it.
                let stored_generation = if bits >= 32 {
                    generation
                } else {
                    stored_generation
                };
                review = match stored_generation {
                    Some(number) => review.set("/request/oldObject/metadata/generation", number),
                    None => review.without("/request/oldObject/metadata/generation"),
                };
                if bits % 16 == 0 {
                    review = review.set("/request/oldObject", json!(null));
                }
                if bits % 8 == 1 {
                    review = review.set("/request/object/metadata/resourceVersion", json!("6"));
                }
                Write(review.value().clone())
            },
        )
        .boxed()
}

/// A random policy.
pub fn policy() -> BoxedStrategy<Policy> {
    let vocabulary = select(vec![
        VocabularyChoice::Auto,
        VocabularyChoice::Auto,
        VocabularyChoice::Tekton,
        VocabularyChoice::Execution,
    ]);
    let mode = select(vec![
        Mode::Enforce,
        Mode::Enforce,
        Mode::Enforce,
        Mode::Warn,
        Mode::Audit,
    ]);
    let completion = select(vec![
        None,
        None,
        None,
        Some(Completion::Patch),
        Some(Completion::Audit),
        Some(Completion::Off),
    ]);
    let action = (select(Rule::ALL.to_vec()), select(Action::ALL.to_vec()));
    let extra = option::weighted(0.3, Just("Custom".to_owned()));
    let extra_reason = option::weighted(
        0.3,
        select(vec![
            "ExecutionComplete",
            "TektonPipelineRunning",
            "AuditRecorded",
        ]),
    );
    (
        vocabulary,
        mode,
        completion,
        vec(action, 0..4),
        (extra, extra_reason),
        prop::bool::weighted(0.05),
    )
        .prop_map(
            |(vocabulary, mode, completion, actions, (extra, extra_reason), exempt)| {
                let mut policy = Policy::default();
                policy.vocabulary = vocabulary;
                policy.mode = mode;
                policy.completion = completion;
                policy.extra_types.extend(extra);
                policy
                    .extra_reasons
                    .extend(extra_reason.map(|name| (name.to_owned(), "Custom".to_owned())));
                if exempt {
                    policy.exempt_groups.push("system:authenticated".to_owned());
                }
                for (rule, action) in actions {
                    policy.set_action(rule, action);
                }
                policy
            },
        )
        .boxed()
}
