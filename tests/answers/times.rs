//! `lastTransitionTime` and `observedGeneration` of derived conditions.

use rstest::rstest;
use serde_json::{Value, json};

use crate::completed::{completed, condition_of, conditions_of};
use crate::reviews::{Review, condition, own};

const CLOCK: &str = "2026-11-23T12:00:00Z";

#[rstest]
#[case::start_first(json!({"startTime": "2026-11-23T10:00:00Z", "completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T10:00:00Z")]
#[case::then_completion(json!({"completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T11:00:00Z")]
#[case::unreadable_start(json!({"startTime": "yesterday", "completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T11:00:00Z")]
#[case::empty_start(json!({"startTime": "", "completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T11:00:00Z")]
#[case::no_time(json!({"startTime": "0001-01-01T00:00:00Z", "completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T11:00:00Z")]
#[case::no_time_when_cut(json!({"startTime": "0001-01-01T00:00:00.5Z", "completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T11:00:00Z")]
#[case::before_the_first_year(json!({"startTime": "0001-01-01T00:30:00+01:00"}), CLOCK)]
#[case::lower_case(json!({"startTime": "2026-11-23t10:00:00Z"}), CLOCK)]
#[case::a_number(json!({"startTime": 1_795_428_000}), CLOCK)]
#[case::nothing(json!({}), CLOCK)]
#[case::the_future(json!({"startTime": "2026-11-23T12:00:01Z"}), CLOCK)]
#[case::far_future(json!({"startTime": "9999-12-31T23:59:59Z"}), CLOCK)]
#[case::fraction_is_cut(json!({"startTime": "2026-11-23T10:00:00.999Z"}), "2026-11-23T10:00:00Z")]
#[case::offset_becomes_utc(json!({"startTime": "2026-11-23T01:30:00+01:30"}), "2026-11-23T00:00:00Z")]
#[case::across_a_year(json!({"startTime": "2025-12-31T23:30:00-01:00"}), "2026-01-01T00:30:00Z")]
#[case::before_1970(json!({"startTime": "1969-12-31T23:59:59.5Z"}), "1969-12-31T23:59:59Z")]
fn a_created_condition_takes_the_first_readable_time(
    #[case] mut status: Value,
    #[case] expected: &str,
) {
    status["phase"] = json!("Completed");
    let conditions = conditions_of(status);
    for name in ["TektonPipelineCreated", "TektonPipelineRunning"] {
        assert_eq!(
            condition_of(&conditions, name)["lastTransitionTime"],
            expected
        );
    }
}

#[rstest]
#[case::completion_first(json!({"completionTime": "2026-11-23T11:00:00Z"}), "2026-11-23T11:00:00Z")]
#[case::then_failed_at(json!({}), "2026-11-23T11:30:00Z")]
#[case::never_the_start(json!({"failureDetails": {"failedAt": ""}}), CLOCK)]
fn an_end_takes_the_time_of_the_end(#[case] fields: Value, #[case] expected: &str) {
    let mut status = json!({
        "phase": "Failed", "startTime": "2026-11-23T10:00:00Z", "failureDetails": {"failedAt": "2026-11-23T11:30:00Z"},
    });
    for (field, value) in fields.as_object().unwrap() {
        status[field] = value.clone();
    }
    let conditions = conditions_of(status);
    assert_eq!(
        condition_of(&conditions, "TektonPipelineComplete")["lastTransitionTime"],
        expected
    );
    assert_eq!(
        condition_of(&conditions, "TektonPipelineCreated")["lastTransitionTime"],
        "2026-11-23T10:00:00Z"
    );
}

#[test]
fn created_takes_the_time_of_the_failure_when_nothing_else_is_known() {
    let failed = json!({
        "phase": "Failed", "pipelineRunRef": {"name": "run-1"},
        "failureDetails": {"failedAt": "2026-11-23T11:30:00Z", "wasExecutionFailure": true},
    });
    let conditions = conditions_of(failed);
    for name in [
        "TektonPipelineCreated",
        "TektonPipelineRunning",
        "TektonPipelineComplete",
    ] {
        assert_eq!(
            condition_of(&conditions, name)["lastTransitionTime"],
            "2026-11-23T11:30:00Z"
        );
    }
}

#[test]
fn a_failed_creation_takes_the_time_of_the_end() {
    let failed = json!({"phase": "Failed", "failureDetails": {"failedAt": "2026-11-23T11:30:00Z"}});
    let conditions = conditions_of(failed);
    assert_eq!(
        condition_of(&conditions, "TektonPipelineCreated")["lastTransitionTime"],
        "2026-11-23T11:30:00Z"
    );
}

#[rstest]
#[case(json!("2026-11-23T11:30:00Z"), "2026-11-23T11:30:00Z")]
#[case(json!(null), CLOCK)]
fn a_lock_takes_the_time_of_the_skip(#[case] skipped_at: Value, #[case] expected: &str) {
    let status = json!({
        "phase": "Skipped", "completionTime": "2026-11-23T11:00:00Z", "startTime": "2026-11-23T10:00:00Z",
        "skipDetails": {"reason": "ResourceBusy", "skippedAt": skipped_at},
    });
    let conditions = conditions_of(status);
    assert_eq!(
        condition_of(&conditions, "ResourceLocked")["lastTransitionTime"],
        expected
    );
}

#[rstest]
#[case::later_is_kept("2026-11-23T10:30:00Z", "2026-11-23T11:00:00Z")]
#[case::earlier_is_raised("2026-11-23T11:10:00Z", "2026-11-23T11:10:00Z")]
#[case::a_fraction_is_rounded_up("2026-11-23T11:10:00.001Z", "2026-11-23T11:10:01Z")]
#[case::the_clock_is_the_limit("2026-11-23T12:30:00Z", CLOCK)]
fn a_flip_is_not_before_the_stored_time_nor_after_the_clock(
    #[case] stored: &str,
    #[case] expected: &str,
) {
    let mut unknown = condition("TektonPipelineComplete", "Unknown", "Waiting");
    unknown["lastTransitionTime"] = json!(stored);
    let review = Review::tekton()
        .status(json!({"phase": "Completed", "completionTime": "2026-11-23T11:00:00Z"}))
        .stored(json!({"phase": "Running", "conditions": [unknown]}));
    let (conditions, _) = completed(&review);
    assert_eq!(
        condition_of(&conditions, "TektonPipelineComplete")["lastTransitionTime"],
        expected
    );
}

#[test]
fn a_renewed_condition_keeps_its_time_text_while_its_status_stays() {
    let mut mine = own("TektonPipelineComplete", "False", "PipelineFailed");
    mine["lastTransitionTime"] = json!("2026-11-23T11:00:00.50+00:00");
    let review = Review::tekton().status(json!({
        "phase": "Failed", "startTime": "2026-11-23T10:00:00Z", "completionTime": "2026-11-23T11:45:00Z",
        "failureDetails": {"reason": "OOMKilled"}, "conditions": [mine],
    }));
    let (conditions, changes) = completed(&review);
    assert!(changes.contains(&("TektonPipelineComplete", "renew")));
    let renewed = condition_of(&conditions, "TektonPipelineComplete");
    assert_eq!(renewed["reason"], "OOMKilled");
    assert_eq!(
        renewed["lastTransitionTime"],
        "2026-11-23T11:00:00.50+00:00"
    );
}

#[test]
fn a_derived_condition_keeps_the_stored_time_text_of_the_same_status() {
    let mut stored = own("TektonPipelineComplete", "False", "PipelineFailed");
    stored["lastTransitionTime"] = json!("2026-11-23T11:00:00.50+00:00");
    let review = Review::tekton()
        .status(json!({"phase": "Failed", "startTime": "2026-11-23T10:00:00Z", "failureDetails": {"reason": "OOMKilled"}}))
        .stored(json!({"phase": "Failed", "startTime": "2026-11-23T10:00:00Z", "conditions": [stored]}));
    let (conditions, changes) = completed(&review);
    assert!(changes.contains(&("TektonPipelineComplete", "add")));
    assert_eq!(
        condition_of(&conditions, "TektonPipelineComplete")["lastTransitionTime"],
        "2026-11-23T11:00:00.50+00:00"
    );
}

#[rstest]
#[case::equal(json!(2), Some(2))]
#[case::lower(json!(1), Some(1))]
#[case::zero(json!(0), Some(0))]
#[case::ahead(json!(3), None)]
#[case::negative(json!(-1), None)]
#[case::fraction(json!(1.0), None)]
#[case::text(json!("1"), None)]
#[case::absent(json!(null), None)]
fn the_observed_generation_is_that_of_the_status_when_the_object_has_it(
    #[case] observed: Value,
    #[case] expected: Option<u64>,
) {
    let review = Review::tekton()
        .generation(2)
        .status(json!({"phase": "Completed", "observedGeneration": observed}));
    let (conditions, _) = completed(&review);
    assert_eq!(conditions.len(), 3);
    for item in conditions {
        assert_eq!(
            item.get("observedGeneration"),
            expected.map(Value::from).as_ref()
        );
    }
}

#[test]
fn without_a_stored_generation_none_is_written() {
    let review = Review::tekton()
        .status(json!({"phase": "Running", "observedGeneration": 1}))
        .without("/request/oldObject/metadata/generation");
    assert!(
        completed(&review)
            .0
            .iter()
            .all(|item| item.get("observedGeneration").is_none())
    );
}
