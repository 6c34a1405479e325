//! An API server that is given `matchConditions` calls for every write with something to say.

use proptest::prelude::*;
use proptest::sample::select;
use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::VocabularyChoice;

use crate::reviews::{Review, condition, own};
use crate::statuses::{status, wrong_type};
use crate::writes::{Write, review};
use test_support::match_conditions::{is_called, nothing_is_lost};

fn vocabulary() -> impl Strategy<Value = VocabularyChoice> {
    select(VocabularyChoice::ALL.to_vec())
}

/// The stored status with one field of another.
fn with_field_of(mut stored: Value, other: &Value, field: &str) -> Value {
    match (stored.as_object_mut(), other.get(field)) {
        (Some(status), Some(value)) => {
            status.insert(field.to_owned(), value.clone());
        }
        (Some(status), None) => {
            status.remove(field);
        }
        (None, _) => {}
    }
    stored
}

const FIELDS: [&str; 14] = [
    "phase",
    "conditions",
    "failureDetails",
    "skipDetails",
    "pipelineRunRef",
    "executionRef",
    "pipelineRunStatus",
    "executionStatus",
    "startTime",
    "completionTime",
    "observedGeneration",
    "duration",
    "failureReason",
    "consecutiveFailures",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_write_with_something_to_say_is_left_out(Write(review) in review(), choice in vocabulary()) {
        for webhook in Webhook::ALL {
            nothing_is_lost(webhook, choice, &review).map_err(TestCaseError::fail)?;
        }
    }

    /// Random statuses are rarely equal, so here one field differs.
    #[test]
    fn nor_is_one_that_changes_a_single_field(
        stored in prop_oneof![20 => status(), 1 => wrong_type()],
        other in status(),
        field in select(FIELDS.to_vec()),
        former in any::<bool>(),
        choice in vocabulary(),
    ) {
        let review = if former { Review::tekton() } else { Review::execution() };
        let review = review.status(with_field_of(stored.clone(), &other, field)).stored(stored);
        for webhook in Webhook::ALL {
            nothing_is_lost(webhook, choice, review.value()).map_err(TestCaseError::fail)?;
        }
    }
}

const RUN: &str = "2026-11-23T11:00:00Z";

fn tekton(status: &str, reason: &str, of: &str) -> Value {
    condition(&format!("TektonPipeline{of}"), status, reason)
}

fn created() -> Value {
    tekton("True", "PipelineCreated", "Created")
}

fn running() -> Value {
    tekton("True", "PipelineStarted", "Running")
}

fn complete() -> Value {
    tekton("True", "PipelineSucceeded", "Complete")
}

/// What is called for, as a policy of `auto` has it: whether `/mutate`, and whether `/validate`.
#[rstest]
#[case::a_first_write(json!({}), json!({"phase": "Pending"}), false, true)]
#[case::the_same_again(json!({"phase": "Pending"}), json!({"phase": "Pending"}), false, false)]
#[case::a_status_that_becomes_empty(json!({"phase": "Pending"}), json!({}), false, true)]
#[case::progress(
    json!({"phase": "Running", "conditions": [created(), running()], "pipelineRunStatus": {"completedTasks": 1}}),
    json!({"phase": "Running", "conditions": [created(), running()], "pipelineRunStatus": {"completedTasks": 2}}),
    false, false
)]
#[case::progress_of_an_incomplete_object(
    json!({"phase": "Running", "conditions": [created()], "startTime": RUN, "pipelineRunStatus": {"completedTasks": 1}}),
    json!({"phase": "Running", "conditions": [created()], "startTime": RUN, "pipelineRunStatus": {"completedTasks": 2}}),
    true, false
)]
#[case::progress_with_a_condition_of_ours(
    json!({"phase": "Running", "conditions": [created(), own("TektonPipelineRunning", "True", "PipelineStarted")]}),
    json!({"phase": "Running", "conditions": [created(), own("TektonPipelineRunning", "True", "PipelineStarted")], "duration": "1s"}),
    true, false
)]
#[case::conditions_that_are_complete(
    json!({"phase": "Running", "conditions": [created(), running()]}),
    json!({"phase": "Completed", "conditions": [created(), running(), complete()]}),
    false, true
)]
#[case::conditions_that_are_not(
    json!({"phase": "Running", "conditions": [created(), running()]}),
    json!({"phase": "Completed", "conditions": [created(), running()]}),
    true, true
)]
#[case::a_run_that_starts(
    json!({"phase": "Running", "conditions": [created()], "pipelineRunStatus": {"reason": "Started"}}),
    json!({"phase": "Running", "conditions": [created()], "pipelineRunStatus": {"reason": "Running"}}),
    true, true
)]
#[case::the_other_vocabulary(
    json!({"phase": "Running", "conditions": [created(), running()]}),
    json!({"phase": "Running", "conditions": [created(), running()], "executionRef": {"name": "job-1"}}),
    true, true
)]
#[case::a_status_that_is_a_text(json!("Running"), json!("Running"), false, false)]
#[case::conditions_that_are_a_text(json!({"conditions": "none"}), json!({"conditions": "none"}), false, false)]
#[case::times_alone(json!({"phase": "Pending"}), json!({"phase": "Pending", "completionTime": RUN}), false, false)]
fn a_call_is_made_where_something_is_to_say(
    #[case] stored: Value,
    #[case] status: Value,
    #[case] mutate: bool,
    #[case] validate: bool,
) {
    let review = Review::execution().status(status).stored(stored);
    for (webhook, expected) in [(Webhook::Mutate, mutate), (Webhook::Validate, validate)] {
        let left_out = nothing_is_lost(webhook, VocabularyChoice::Auto, review.value());
        assert_eq!(left_out, Ok(!expected), "{webhook:?}");
    }
}

/// As for a webhook that is registered for other writes by mistake: a creation has no stored object, a deletion none that
/// is written.
#[test]
fn no_object_and_no_status_are_no_error() {
    for review in [
        Review::tekton(),
        Review::tekton().set("/request/oldObject", Value::Null),
        Review::tekton().set("/request/object", Value::Null),
    ] {
        for webhook in Webhook::ALL {
            for choice in VocabularyChoice::ALL {
                assert_eq!(is_called(webhook, choice, review.value()), Ok(false));
            }
        }
    }
}
