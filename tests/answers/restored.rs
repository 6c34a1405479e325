//! Which conditions are implied; and keep, renew, restore, derive and remove.

use rstest::rstest;
use serde_json::{Value, json};

use crate::completed::{completed, condition_of, conditions_of, said};
use crate::reviews::{MARK, Review, condition, own};

#[rstest]
#[case::pending(json!({"phase": "Pending", "startTime": "2026-11-23T10:00:00Z"}), &[])]
#[case::unknown_phase(json!({"phase": "Executing"}), &[])]
#[case::running(json!({"phase": "Running"}), &["TektonPipelineCreated=True/PipelineCreated", "TektonPipelineRunning=True/PipelineStarted"])]
#[case::waiting(json!({"phase": "Running", "pipelineRunStatus": {"reason": "Started"}}), &["TektonPipelineCreated=True/PipelineCreated"])]
#[case::completed(json!({"phase": "Completed"}), &[
    "TektonPipelineCreated=True/PipelineCreated", "TektonPipelineRunning=True/PipelineStarted",
    "TektonPipelineComplete=True/PipelineSucceeded",
])]
#[case::failed_in_execution(json!({"phase": "Failed", "startTime": "x", "failureDetails": {"reason": "OOMKilled", "wasExecutionFailure": true}}), &[
    "TektonPipelineCreated=True/PipelineCreated", "TektonPipelineRunning=True/PipelineStarted",
    "TektonPipelineComplete=False/OOMKilled",
])]
#[case::failed_before_execution(json!({"phase": "Failed", "startTime": "x", "failureDetails": {"reason": "Unknown"}}), &[
    "TektonPipelineCreated=True/PipelineCreated", "TektonPipelineComplete=False/PipelineFailed",
])]
#[case::never_created(json!({"phase": "Failed", "failureDetails": {}}), &["TektonPipelineCreated=False/PipelineCreationFailed"])]
#[case::failed_without_details(json!({"phase": "Failed"}), &["TektonPipelineComplete=False/PipelineFailed"])]
#[case::skipped(json!({"phase": "Skipped", "skipDetails": {"reason": "ResourceBusy"}}), &["ResourceLocked=True/TargetResourceBusy"])]
#[case::skipped_without_reason(json!({"phase": "Skipped", "skipDetails": {}}), &[])]
#[case::skipped_for_another_reason(json!({"phase": "Skipped", "skipDetails": {"reason": "Other"}}), &[])]
fn phase_and_details_imply_conditions(#[case] status: Value, #[case] expected: &[&str]) {
    assert_eq!(said(&conditions_of(status)), expected);
}

#[rstest]
#[case("Completed", json!(null), &["ExecutionCreated=True/ExecutionCreated", "ExecutionRunning=True/ExecutionStarted", "ExecutionComplete=True/ExecutionSucceeded", "Ready=True/Ready"])]
#[case("Failed", json!(null), &["ExecutionCreated=True/ExecutionCreated", "ExecutionComplete=False/ExecutionFailed", "Ready=False/NotReady"])]
#[case("Failed", json!({"reason": "UnsupportedEngine"}), &["ExecutionCreated=True/ExecutionCreated", "ExecutionComplete=False/ExecutionFailed", "Ready=False/NotReady"])]
fn execution_is_ready_or_not_at_the_end(
    #[case] phase: &str,
    #[case] details: Value,
    #[case] expected: &[&str],
) {
    let status =
        json!({"phase": phase, "executionRef": {"name": "run-1"}, "failureDetails": details});
    assert_eq!(
        said(&completed(&Review::execution().status(status)).0),
        expected
    );
}

#[rstest]
#[case("TaskFailed", "TaskFailed", "PipelineCreationFailed")]
#[case("DeadlineExceeded", "DeadlineExceeded", "PipelineCreationFailed")]
#[case("OOMKilled", "OOMKilled", "PipelineCreationFailed")]
#[case("Forbidden", "PipelineFailed", "RBACDenied")]
#[case("ResourceExhausted", "PipelineFailed", "QuotaExceeded")]
#[case("ImagePullBackOff", "PipelineFailed", "ImagePullFailed")]
#[case("ConfigurationError", "PipelineFailed", "PipelineCreationFailed")]
#[case("Unknown", "PipelineFailed", "PipelineCreationFailed")]
#[case("OutsideTheEnum", "PipelineFailed", "PipelineCreationFailed")]
fn the_failure_names_the_reason(
    #[case] failure: &str,
    #[case] of_complete: &str,
    #[case] of_created: &str,
) {
    let details = json!({"reason": failure});
    let started =
        conditions_of(json!({"phase": "Failed", "startTime": "x", "failureDetails": details}));
    assert_eq!(
        condition_of(&started, "TektonPipelineComplete")["reason"],
        of_complete
    );
    let never = conditions_of(json!({"phase": "Failed", "failureDetails": details}));
    assert_eq!(
        condition_of(&never, "TektonPipelineCreated")["reason"],
        of_created
    );
}

#[rstest]
#[case("ResourceBusy", "TargetResourceBusy")]
#[case("RecentlyRemediated", "RecentlyRemediated")]
#[case("ExhaustedRetries", "ExhaustedRetries")]
#[case("PreviousExecutionFailed", "PreviousExecutionFailed")]
fn the_skip_names_the_reason(#[case] skip: &str, #[case] expected: &str) {
    let conditions = conditions_of(json!({"phase": "Skipped", "skipDetails": {"reason": skip}}));
    assert_eq!(
        condition_of(&conditions, "ResourceLocked")["reason"],
        expected
    );
}

#[rstest]
#[case::stored_running(json!({"phase": "Running"}), json!([]), true)]
#[case::stored_created(json!({"conditions": [condition("TektonPipelineCreated", "True", "PipelineCreated")]}), json!([]), true)]
#[case::stored_own_created(json!({"conditions": [own("TektonPipelineCreated", "True", "PipelineCreated")]}), json!([]), true)]
#[case::written_created(json!({}), json!([condition("TektonPipelineCreated", "True", "PipelineCreated")]), true)]
#[case::written_own_created(json!({}), json!([own("TektonPipelineCreated", "True", "PipelineCreated")]), false)]
#[case::stored_pending(json!({"phase": "Pending"}), json!([]), false)]
fn something_was_created_when_anything_shows_it(
    #[case] stored: Value,
    #[case] written: Value,
    #[case] was_created: bool,
) {
    let status = json!({"phase": "Failed", "failureDetails": {}, "conditions": written});
    let (conditions, _) = completed(&Review::tekton().status(status).stored(stored));
    let expected: &[&str] = if was_created {
        &[
            "TektonPipelineCreated=True/PipelineCreated",
            "TektonPipelineComplete=False/PipelineFailed",
        ]
    } else {
        &["TektonPipelineCreated=False/PipelineCreationFailed"]
    };
    assert_eq!(said(&conditions), expected);
}

#[test]
fn what_a_writer_drops_comes_back_byte_for_byte() {
    let mut created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    created["lastTransitionTime"] = json!("2026-11-23T09:00:00.120+00:00");
    created["message"] = json!("as \"written\" by a controller\n");
    created["observedGeneration"] = json!(1);
    let review = Review::tekton()
        .status(json!({"phase": "Running", "conditions": []}))
        .stored(json!({"phase": "Running", "conditions": [created]}));
    let (conditions, changes) = completed(&review);
    assert_eq!(conditions[0], created);
    assert_eq!(
        changes,
        [
            ("TektonPipelineCreated", "restore"),
            ("TektonPipelineRunning", "add")
        ]
    );
}

/// An own condition with the message of a failure without a text.
fn implied(name: &str, status: &str, reason: &str) -> Value {
    let mut condition = own(name, status, reason);
    condition["message"] = json!(format!("failed: {reason}{MARK}"));
    condition
}

#[rstest]
#[case::own_with_another_reason(own("TektonPipelineComplete", "False", "OOMKilled"), "add")]
#[case::own_with_another_message(own("TektonPipelineComplete", "False", "TaskFailed"), "add")]
#[case::own_as_implied(implied("TektonPipelineComplete", "False", "TaskFailed"), "restore")]
#[case::theirs_with_an_agreeing_reason(
    condition("TektonPipelineComplete", "False", "PipelineFailed"),
    "restore"
)]
#[case::theirs_that_disagrees(condition("TektonPipelineComplete", "False", "OOMKilled"), "add")]
#[case::another_status(condition("TektonPipelineComplete", "Unknown", "TaskFailed"), "add")]
fn only_what_fits_is_restored(#[case] stored: Value, #[case] expected: &str) {
    let status =
        json!({"phase": "Failed", "startTime": "x", "failureDetails": {"reason": "TaskFailed"}});
    let mut before = status.clone();
    before["conditions"] = json!([stored]);
    let (_, changes) = completed(&Review::tekton().status(status).stored(before));
    assert!(
        changes.contains(&("TektonPipelineComplete", expected)),
        "{changes:?}"
    );
}

#[test]
fn what_is_ahead_of_the_object_is_not_restored() {
    let mut ahead = condition("TektonPipelineCreated", "True", "PipelineCreated");
    ahead["observedGeneration"] = json!(9);
    let review = Review::tekton()
        .status(json!({"phase": "Running"}))
        .stored(json!({"conditions": [ahead]}));
    let (conditions, changes) = completed(&review);
    assert_eq!(changes[0], ("TektonPipelineCreated", "add"));
    assert!(conditions[0].get("observedGeneration").is_none());
}

#[test]
fn a_renewed_condition_stays_in_its_place_and_added_ones_go_to_the_end() {
    let theirs = condition("example.com/Audited", "True", "Any");
    let mine = own("TektonPipelineComplete", "False", "PipelineFailed");
    let review =
        Review::tekton().status(json!({"phase": "Completed", "conditions": [mine, theirs]}));
    let (conditions, changes) = completed(&review);
    assert_eq!(
        said(&conditions),
        [
            "TektonPipelineComplete=True/PipelineSucceeded",
            "example.com/Audited=True/Any",
            "TektonPipelineCreated=True/PipelineCreated",
            "TektonPipelineRunning=True/PipelineStarted",
        ]
    );
    assert_eq!(conditions[1], theirs);
    assert_eq!(
        changes
            .iter()
            .filter(|(_, change)| *change == "renew")
            .count(),
        1
    );
}

#[test]
fn an_own_condition_that_does_not_fit_goes() {
    let lock = own("ResourceLocked", "True", "TargetResourceBusy");
    let audit = own("AuditRecorded", "True", "AuditSucceeded");
    let review =
        Review::tekton().status(json!({"phase": "Completed", "conditions": [lock, audit]}));
    let (conditions, changes) = completed(&review);
    assert_eq!(conditions[0], audit);
    assert!(changes.contains(&("ResourceLocked", "remove")));
}

#[test]
fn another_message_is_renewed() {
    let mut mine = own("TektonPipelineCreated", "True", "PipelineCreated");
    mine["message"] = json!(format!("an older wording{MARK}"));
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": [mine]}));
    let (conditions, changes) = completed(&review);
    mine["message"] = json!(format!("phase is Running{MARK}"));
    assert_eq!(conditions[0], mine);
    assert!(changes.contains(&("TektonPipelineCreated", "renew")));
}

#[rstest]
#[case::own_message(condition("TektonPipelineCreated", "True", "PipelineCreated"))]
#[case::unknown(own("TektonPipelineCreated", "Unknown", "Withdrawn"))]
#[case::wrong_reason(condition("TektonPipelineCreated", "True", "Nonsense"))]
#[case::conflict(condition("TektonPipelineCreated", "False", "QuotaExceeded"))]
#[case::broken(json!({"type": "TektonPipelineCreated", "status": "True"}))]
fn a_writers_condition_is_never_touched_nor_doubled(#[case] theirs: Value) {
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": [theirs]}));
    let (conditions, _) = completed(&review);
    assert_eq!(conditions[0], theirs);
    let created = conditions
        .iter()
        .filter(|item| item["type"] == "TektonPipelineCreated");
    assert_eq!(created.count(), 1);
}

#[rstest]
#[case::not_created(
    "Completed",
    condition("TektonPipelineCreated", "False", "QuotaExceeded")
)]
#[case::running(
    "Failed",
    condition("TektonPipelineRunning", "True", "PipelineStarted")
)]
#[case::complete(
    "Failed",
    condition("TektonPipelineComplete", "True", "PipelineSucceeded")
)]
fn nothing_is_derived_that_conflicts_with_what_the_writer_sets(
    #[case] phase: &str,
    #[case] theirs: Value,
) {
    let status = json!({"phase": phase, "failureDetails": {}, "conditions": [theirs]});
    assert_eq!(completed(&Review::tekton().status(status)).0, [theirs]);
}

#[rstest]
#[case::no_object(json!("Running"))]
#[case::no_list(json!({"phase": "Running", "conditions": "none"}))]
#[case::list_as_object(json!({"phase": "Running", "conditions": {}}))]
#[case::unreadable_type(json!({"phase": "Running", "conditions": [{"type": 7}]}))]
#[case::no_type(json!({"phase": "Running", "conditions": [{}]}))]
#[case::null_item(json!({"phase": "Running", "conditions": [null]}))]
#[case::text_item(json!({"phase": "Running", "conditions": ["TektonPipelineCreated"]}))]
fn a_list_that_cannot_be_read_is_left_alone(#[case] status: Value) {
    assert!(completed(&Review::tekton().status(status)).1.is_empty());
}

#[rstest]
#[case(json!({"phase": "Running"}))]
#[case(json!({"phase": "Running", "conditions": null}))]
#[case(json!({"phase": "Running", "conditions": []}))]
fn an_absent_null_or_empty_list_is_completed(#[case] status: Value) {
    assert_eq!(conditions_of(status).len(), 2);
}
