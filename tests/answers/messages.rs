//! The message of a derived condition says what was observed, and ends in the mark.

use rstest::rstest;
use serde_json::{Value, json};

use crate::completed::{condition_of, conditions_of};
use crate::reviews::MARK;

#[rstest]
#[case::run_name(json!({"phase": "Running", "pipelineRunRef": {"name": "run-1"}}), "TektonPipelineCreated", "PipelineRun run-1 was created")]
#[case::ref_without_a_name(json!({"phase": "Running", "pipelineRunRef": {"name": ""}, "executionRef": {"name": "run-1"}}), "TektonPipelineCreated", "execution run-1 was created")]
#[case::task_counts(json!({"phase": "Running", "pipelineRunStatus": {"completedTasks": 2, "totalTasks": 5}}), "TektonPipelineRunning", "2 of 5")]
#[case::no_tasks(json!({"phase": "Running", "pipelineRunStatus": {"completedTasks": 0, "totalTasks": 0}}), "TektonPipelineRunning", "phase is Running")]
#[case::phase_alone(json!({"phase": "Running"}), "TektonPipelineRunning", "phase is Running")]
#[case::duration(json!({"phase": "Completed", "duration": "1m12s"}), "TektonPipelineComplete", "1m12s")]
#[case::end_alone(json!({"phase": "Completed"}), "TektonPipelineComplete", "phase is Completed")]
#[case::failure_message(json!({"phase": "Failed", "startTime": "x", "failureDetails": {"message": "exit code 137"}}), "TektonPipelineComplete", "exit code 137")]
#[case::failure_reason(json!({"phase": "Failed", "failureReason": "cancelled by its owner"}), "TektonPipelineComplete", "cancelled by its owner")]
#[case::creation(json!({"phase": "Failed", "failureDetails": {"message": "exceeded quota"}}), "TektonPipelineCreated", "exceeded quota")]
#[case::failure_alone(json!({"phase": "Failed"}), "TektonPipelineComplete", "phase is Failed")]
#[case::skip(json!({"phase": "Skipped", "skipDetails": {"reason": "ResourceBusy", "message": "wfe-0 runs"}}), "ResourceLocked", "wfe-0 runs")]
#[case::skip_alone(json!({"phase": "Skipped", "skipDetails": {"reason": "ResourceBusy"}}), "ResourceLocked", "phase is Skipped")]
fn a_message_has_what_was_observed(#[case] status: Value, #[case] name: &str, #[case] says: &str) {
    let message = condition_of(&conditions_of(status), name)["message"].clone();
    let message = message.as_str().unwrap();
    assert!(message.contains(says), "{message:?}");
    assert!(message.ends_with(MARK), "{message:?}");
}

#[test]
fn a_long_message_is_cut_before_the_mark() {
    for long in [
        "é".repeat(5000),
        "\u{1f600}".repeat(1024),
        "x".repeat(1024 - MARK.len()),
        "x".repeat(1025 - MARK.len()),
    ] {
        let status =
            json!({"phase": "Failed", "startTime": "x", "failureDetails": {"message": long}});
        let message =
            condition_of(&conditions_of(status), "TektonPipelineComplete")["message"].clone();
        let message = message.as_str().unwrap();
        assert_eq!(message.chars().count(), 1024);
        assert!(message.ends_with(MARK));
    }
}

#[test]
fn control_characters_become_spaces() {
    let status = json!({"phase": "Failed", "startTime": "x", "failureDetails": {"message": "a\nb\tc\u{0}d\u{7f}e\u{85}f\u{1b}[31mg"}});
    let message = condition_of(&conditions_of(status), "TektonPipelineComplete")["message"].clone();
    assert_eq!(message, format!("a b c d e f [31mg{MARK}"));
}

#[rstest]
#[case(json!({"message": ""}))]
#[case(json!({"message": 7}))]
#[case(json!({"message": null}))]
#[case(json!({}))]
fn an_absent_or_odd_message_is_none(#[case] details: Value) {
    let conditions =
        conditions_of(json!({"phase": "Failed", "startTime": "x", "failureDetails": details}));
    let message = condition_of(&conditions, "TektonPipelineComplete")["message"].clone();
    assert_eq!(message, format!("phase is Failed{MARK}"));
}
