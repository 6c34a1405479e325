//! `reason-format` and `reason-not-allowed`.

use rstest::rstest;
use serde_json::json;

use crate::reviews::condition;
use crate::verdicts::{admitted, execution, refused, tekton};

#[rstest]
#[case("snake_case")]
#[case("lowerCamel")]
#[case("With:Colon")]
#[case("With-Dash")]
#[case("With Space")]
#[case("1Digit")]
#[case("Übung")]
#[case("Trailing_")]
#[case("New\nLine")]
fn a_reason_that_is_not_camel_case_is_refused_for_that_alone(#[case] reason: &str) {
    for name in ["TektonPipelineCreated", "example.com/Audited"] {
        refused(
            &tekton("Running", &[condition(name, "True", reason)]),
            "reason-format",
            "status.conditions[0].reason",
            &["CamelCase"],
        );
    }
    let unknown = condition("TektonPipelineCreated", "Unknown", reason);
    refused(
        &tekton("Running", &[unknown]),
        "reason-format",
        "status.conditions[0].reason",
        &[],
    );
}

#[rstest]
#[case("TektonPipelineCreated", "True", "QuotaExceeded", &["PipelineCreated"])]
#[case("TektonPipelineCreated", "True", "ExecutionCreated", &["\"PipelineCreated\""])]
#[case("TektonPipelineRunning", "True", "Started", &["PipelineStarted"])]
#[case("TektonPipelineRunning", "False", "PipelineStarted", &["PipelineFailedToStart"])]
#[case("TektonPipelineComplete", "False", "PipelineSucceeded", &["PipelineFailed", "OOMKilled", "TaskFailed"])]
#[case("TektonPipelineComplete", "False", "TaskFail", &["\"TaskFailed\""])]
#[case("TektonPipelineComplete", "False", "Deduplicated", &["PipelineFailed"])]
#[case("AuditRecorded", "True", "AuditFailed", &["AuditSucceeded"])]
#[case("ResourceLocked", "True", "ResourceBusy", &["\"TargetResourceBusy\""])]
#[case("ResourceLocked", "True", "ParallelExecution", &["\"TargetResourceBusy\""])]
#[case("ResourceLocked", "True", "CooldownActive", &["\"RecentlyRemediated\""])]
#[case("ResourceLocked", "False", "TargetResourceBusy", &["ResourceAvailable"])]
fn a_reason_of_another_status_or_of_none_is_refused(
    #[case] name: &str,
    #[case] status: &str,
    #[case] reason: &str,
    #[case] says: &[&str],
) {
    let (phase, skip) = match (name, status) {
        ("ResourceLocked", "True") => ("Skipped", json!({"reason": "OutsideTheEnum"})),
        ("TektonPipelineComplete", _) => ("Failed", json!(null)),
        _ => ("Running", json!(null)),
    };
    let review = tekton(phase, &[condition(name, status, reason)]);
    let review = review.set("/request/object/status/skipDetails", skip);
    let mut all = vec![format!("{reason:?}")];
    all.extend(says.iter().map(|text| (*text).to_owned()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    refused(
        &review,
        "reason-not-allowed",
        "status.conditions[0].reason",
        &all,
    );
}

#[rstest]
#[case("RBACError", "\"RBACDenied\"")]
#[case("PermissionDenied", "\"RBACDenied\"")]
#[case("QuotaExceded", "\"QuotaExceeded\"")]
#[case("Forbidden", "\"RBACDenied\"")]
#[case("ResourceExhausted", "\"QuotaExceeded\"")]
#[case("ImagePullBackOff", "\"ImagePullFailed\"")]
fn a_creation_reason_by_another_name_is_answered_with_todays(
    #[case] reason: &str,
    #[case] meant: &str,
) {
    let created = condition("TektonPipelineCreated", "False", reason);
    refused(
        &tekton("Failed", &[created]),
        "reason-not-allowed",
        "status.conditions[0].reason",
        &[meant],
    );
}

fn tekton_reasons() -> Vec<(&'static str, &'static str, &'static str, Vec<&'static str>)> {
    vec![
        (
            "Running",
            "TektonPipelineCreated",
            "True",
            vec!["PipelineCreated"],
        ),
        (
            "Failed",
            "TektonPipelineCreated",
            "False",
            vec![
                "PipelineCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        ),
        (
            "Running",
            "TektonPipelineRunning",
            "True",
            vec!["PipelineStarted"],
        ),
        (
            "Running",
            "TektonPipelineRunning",
            "False",
            vec!["PipelineFailedToStart"],
        ),
        (
            "Completed",
            "TektonPipelineComplete",
            "True",
            vec!["PipelineSucceeded"],
        ),
        (
            "Failed",
            "TektonPipelineComplete",
            "False",
            vec![
                "PipelineFailed",
                "OOMKilled",
                "DeadlineExceeded",
                "Forbidden",
                "ResourceExhausted",
                "ConfigurationError",
                "ImagePullBackOff",
                "TaskFailed",
                "Unknown",
            ],
        ),
        ("Running", "AuditRecorded", "True", vec!["AuditSucceeded"]),
        ("Running", "AuditRecorded", "False", vec!["AuditFailed"]),
        (
            "Running",
            "ResourceLocked",
            "False",
            vec!["ResourceAvailable"],
        ),
    ]
}

fn execution_reasons() -> Vec<(&'static str, &'static str, &'static str, Vec<&'static str>)> {
    vec![
        (
            "Running",
            "ExecutionCreated",
            "True",
            vec!["ExecutionCreated"],
        ),
        (
            "Failed",
            "ExecutionCreated",
            "False",
            vec![
                "ExecutionCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        ),
        (
            "Running",
            "ExecutionRunning",
            "True",
            vec!["ExecutionStarted"],
        ),
        (
            "Running",
            "ExecutionRunning",
            "False",
            vec!["ExecutionFailedToStart"],
        ),
        (
            "Completed",
            "ExecutionComplete",
            "True",
            vec!["ExecutionSucceeded"],
        ),
        (
            "Failed",
            "ExecutionComplete",
            "False",
            vec![
                "ExecutionFailed",
                "OOMKilled",
                "DeadlineExceeded",
                "Forbidden",
                "ResourceExhausted",
                "ConfigurationError",
                "ImagePullBackOff",
                "TaskFailed",
                "Unknown",
                "UnsupportedEngine",
                "Deduplicated",
            ],
        ),
        ("Completed", "Ready", "True", vec!["Ready"]),
        ("Failed", "Ready", "False", vec!["NotReady"]),
        (
            "Running",
            "TokenTTLInsufficient",
            "True",
            vec!["TokenTTLShortened"],
        ),
        (
            "Running",
            "TokenTTLInsufficient",
            "False",
            vec!["TokenTTLSufficient"],
        ),
    ]
}

#[test]
fn every_reason_of_the_tables_is_admitted() {
    for (phase, name, status, reasons) in tekton_reasons() {
        for reason in reasons {
            admitted(&tekton(phase, &[condition(name, status, reason)]));
        }
    }
    for (phase, name, status, reasons) in execution_reasons() {
        for reason in reasons {
            admitted(&execution(phase, &[condition(name, status, reason)]));
        }
    }
}

#[test]
fn unknown_takes_any_camel_case_reason_of_any_type() {
    for (_, name, ..) in tekton_reasons() {
        admitted(&tekton(
            "Running",
            &[condition(name, "Unknown", "AnythingAtAll")],
        ));
    }
    for (_, name, ..) in execution_reasons() {
        admitted(&execution(
            "Running",
            &[condition(name, "Unknown", "AnythingAtAll")],
        ));
    }
}
