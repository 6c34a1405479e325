//! `condition-conflict`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, findings, refused, tekton};

fn created(status: &str) -> Value {
    let reason = if status == "True" {
        "PipelineCreated"
    } else {
        "PipelineCreationFailed"
    };
    condition("TektonPipelineCreated", status, reason)
}

fn running(status: &str) -> Value {
    let reason = if status == "True" {
        "PipelineStarted"
    } else {
        "PipelineFailedToStart"
    };
    condition("TektonPipelineRunning", status, reason)
}

#[test]
fn what_was_not_created_does_not_run() {
    for items in [
        [created("False"), running("True")],
        [running("True"), created("False")],
    ] {
        let at = items
            .iter()
            .position(|item| item["type"] == "TektonPipelineRunning")
            .unwrap();
        let path = format!("status.conditions[{at}].status");
        refused(
            &tekton("Failed", &items),
            "condition-conflict",
            &path,
            &["TektonPipelineCreated"],
        );
    }
}

#[test]
fn each_partner_gets_a_finding_beside_the_phase_conflict() {
    let complete = condition("TektonPipelineComplete", "True", "PipelineSucceeded");
    let expected = [
        "condition-conflict status.conditions[0].status deny",
        "phase-conflict status.conditions[1].status deny",
        "condition-conflict status.conditions[2].status deny",
    ];
    assert_eq!(
        findings(&tekton(
            "Completed",
            &[running("True"), created("False"), complete]
        )),
        expected
    );
}

#[rstest]
#[case::both_false(&[created("False"), running("False")])]
#[case::created_unknown(&[created("Unknown"), running("True")])]
#[case::running_unknown(&[created("False"), running("Unknown")])]
#[case::complete_false(&[created("False"), condition("TektonPipelineComplete", "False", "PipelineFailed")])]
#[case::running_alone(&[running("True")])]
#[case::created_false_alone(&[created("False")])]
fn everything_else_goes_together(#[case] conditions: &[Value]) {
    admitted(&tekton("Failed", conditions));
}

#[test]
fn a_conflict_needs_no_known_phase() {
    let expected = [
        "phase-unknown status.phase deny",
        "condition-conflict status.conditions[1].status deny",
    ];
    assert_eq!(
        findings(&tekton("Executing", &[created("False"), running("True")])),
        expected
    );
}

#[rstest]
#[case("Pending", &[])]
#[case("Running", &[])]
#[case("Completed", &[running("True")])]
#[case("Failed", &[running("True")])]
#[case("Failed", &[created("False")])]
#[case("Running", &[created("True")])]
#[case("Completed", &[condition("AuditRecorded", "False", "AuditFailed")])]
fn what_is_never_a_fault(#[case] phase: &str, #[case] conditions: &[Value]) {
    let stored = [created("True"), running("True")];
    let review = tekton(phase, conditions);
    admitted(
        &review
            .clone()
            .stored(json!({"phase": "Pending", "conditions": stored})),
    );
    admitted(&review);
}

#[test]
fn removing_every_condition_is_not_a_fault() {
    let stored = json!({"phase": "Running", "conditions": [created("True"), running("True")]});
    admitted(
        &Review::tekton()
            .status(json!({"phase": "Failed"}))
            .stored(stored),
    );
}
