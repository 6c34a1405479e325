//! `failure-reason-mismatch`, `skip-reason-mismatch`, `failure-details-phase`, `skip-details-phase`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, findings, refused};

const FAILURES: [&str; 8] = [
    "OOMKilled",
    "DeadlineExceeded",
    "Forbidden",
    "ResourceExhausted",
    "ConfigurationError",
    "ImagePullBackOff",
    "TaskFailed",
    "Unknown",
];

fn failed(details: &Value, reason: &str) -> Review {
    let conditions = [condition("TektonPipelineComplete", "False", reason)];
    Review::tekton()
        .status(json!({"phase": "Failed", "failureDetails": details, "conditions": conditions}))
}

fn skipped(details: &Value, reason: &str) -> Review {
    let conditions = [condition("ResourceLocked", "True", reason)];
    Review::tekton()
        .status(json!({"phase": "Skipped", "skipDetails": details, "conditions": conditions}))
}

#[test]
fn failure_reasons_agree_when_equal_or_generic_or_a_task_failed_for_unknown_causes() {
    for details in FAILURES {
        for reason in FAILURES.iter().chain(&["PipelineFailed"]) {
            let review = failed(&json!({"reason": details}), reason);
            if details == *reason
                || *reason == "PipelineFailed"
                || (*reason == "TaskFailed" && details == "Unknown")
            {
                admitted(&review);
            } else {
                let says = [
                    format!("{reason:?} beside failureDetails.reason {details:?}"),
                    format!("did you mean {details:?}?"),
                ];
                let says: Vec<&str> = says.iter().map(String::as_str).collect();
                refused(
                    &review,
                    "failure-reason-mismatch",
                    "status.conditions[0].reason",
                    &says,
                );
            }
        }
    }
}

#[test]
fn skip_reasons_agree_as_in_the_table() {
    let table: [(&str, &[&str]); 4] = [
        ("ResourceBusy", &["TargetResourceBusy"]),
        ("RecentlyRemediated", &["RecentlyRemediated"]),
        (
            "PreviousExecutionFailed",
            &["PreviousExecutionFailed", "RecentlyRemediated"],
        ),
        (
            "ExhaustedRetries",
            &[
                "ExhaustedRetries",
                "RecentlyRemediated",
                "PreviousExecutionFailed",
            ],
        ),
    ];
    let reasons = [
        "TargetResourceBusy",
        "RecentlyRemediated",
        "PreviousExecutionFailed",
        "ExhaustedRetries",
    ];
    for (details, allowed) in table {
        for reason in reasons {
            let review = skipped(&json!({"reason": details}), reason);
            if allowed.contains(&reason) {
                admitted(&review);
            } else {
                let says = [
                    &*format!("{reason:?} beside skipDetails.reason {details:?}"),
                    &*format!("did you mean {:?}?", allowed[0]),
                ];
                refused(
                    &review,
                    "skip-reason-mismatch",
                    "status.conditions[0].reason",
                    &says,
                );
            }
        }
    }
}

#[rstest]
#[case(json!({}))]
#[case(json!({"reason": ""}))]
#[case(json!({"reason": null}))]
#[case(json!({"reason": 7}))]
#[case(json!({"reason": "OutsideTheEnum"}))]
#[case(json!({"reason": "Deduplicated"}))]
fn a_details_reason_outside_its_enum_is_the_schemas_business(#[case] details: Value) {
    admitted(&failed(&details, "OOMKilled"));
    admitted(&skipped(&details, "TargetResourceBusy"));
}

#[test]
fn a_reason_that_is_refused_already_is_not_a_mismatch() {
    for (reason, rule) in [
        ("oom_killed", "reason-format"),
        ("OutOfMemory", "reason-not-allowed"),
    ] {
        let review = failed(&json!({"reason": "TaskFailed"}), reason);
        assert_eq!(
            findings(&review),
            [format!("{rule} status.conditions[0].reason deny")]
        );
    }
}

#[test]
fn a_true_or_unknown_complete_condition_has_no_failure_reason() {
    for (status, phase) in [("True", "Completed"), ("Unknown", "Failed")] {
        let conditions = [condition(
            "TektonPipelineComplete",
            status,
            "PipelineSucceeded",
        )];
        let details = if phase == "Failed" {
            json!({"reason": "OOMKilled"})
        } else {
            json!(null)
        };
        let status = json!({"phase": phase, "failureDetails": details, "conditions": conditions});
        admitted(&Review::tekton().status(status));
    }
}

#[rstest]
#[case("Pending", true)]
#[case("Running", true)]
#[case("Completed", true)]
#[case("Failed", false)]
#[case("Skipped", true)]
fn failure_details_stand_only_in_failed(#[case] phase: &str, #[case] is_refused: bool) {
    let mut status = json!({"phase": phase, "failureDetails": {}});
    if phase == "Skipped" {
        status["skipDetails"] = json!({});
    }
    let review = Review::tekton().status(status);
    if is_refused {
        refused(
            &review,
            "failure-details-phase",
            "status.failureDetails",
            &[phase, "Failed"],
        );
    } else {
        admitted(&review);
    }
}

#[rstest]
#[case("Pending")]
#[case("Running")]
#[case("Completed")]
#[case("Failed")]
fn skip_details_stand_only_in_skipped(#[case] phase: &str) {
    let review = Review::tekton().status(json!({"phase": phase, "skipDetails": {}}));
    refused(
        &review,
        "skip-details-phase",
        "status.skipDetails",
        &[phase, "Skipped"],
    );
}

#[rstest]
#[case(json!(null))]
#[case(json!("ResourceBusy"))]
#[case(json!([]))]
fn skipped_needs_its_details(#[case] details: Value) {
    let review = Review::tekton().status(json!({"phase": "Skipped", "skipDetails": details}));
    refused(
        &review,
        "skip-details-phase",
        "status.skipDetails",
        &["Skipped"],
    );
    admitted(&Review::tekton().status(json!({"phase": "Skipped", "skipDetails": {}})));
}

#[test]
fn details_that_are_no_objects_do_not_count() {
    let status = json!({"phase": "Running", "failureDetails": "OOMKilled", "skipDetails": [{}]});
    admitted(&Review::tekton().status(status));
}

#[test]
fn a_failed_status_needs_no_details() {
    admitted(&Review::tekton().status(json!({"phase": "Failed"})));
}
