//! `phase-unknown`, `phase-transition`, `phase-conflict`.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::policy::{Policy, VocabularyChoice};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, execution, findings, refused, refused_under, tekton};

const PHASES: [&str; 5] = ["Pending", "Running", "Completed", "Failed", "Skipped"];

/// A status in a phase, with the details that the phase demands.
fn in_phase(phase: &str) -> Value {
    match phase {
        "Skipped" => json!({"phase": phase, "skipDetails": {}}),
        "" => json!({}),
        _ => json!({"phase": phase}),
    }
}

#[rstest]
#[case(json!("Executing"), "\"Executing\"")]
#[case(json!("running"), "\"Running\"")]
#[case(json!("Complete"), "\"Completed\"")]
#[case(json!("Running "), "\"Running \"")]
#[case(json!(3), "3")]
#[case(json!(["Running"]), "")]
#[case(json!({}), "")]
#[case(json!(false), "false")]
fn an_unknown_phase_is_refused_alone(#[case] phase: Value, #[case] says: &str) {
    let status = json!({
        "phase": phase, "failureDetails": {}, "skipDetails": {},
        "conditions": [condition("TektonPipelineComplete", "True", "PipelineSucceeded")],
    });
    let review = Review::tekton()
        .status(status)
        .stored(json!({"phase": "Completed"}));
    refused(
        &review,
        "phase-unknown",
        "status.phase",
        &[says, "Pending", "Completed"],
    );
}

#[test]
fn execution_knows_no_skipped() {
    let review = execution("Skipped", &[]);
    refused(&review, "phase-unknown", "status.phase", &["\"Skipped\""]);
}

#[rstest]
fn phases_move_forward_only(
    #[values("", "Pending", "Running", "Completed", "Failed", "Skipped")] before: &str,
    #[values("", "Pending", "Running", "Completed", "Failed", "Skipped")] after: &str,
) {
    let review = Review::tekton()
        .status(in_phase(after))
        .stored(in_phase(before));
    let is_legal = match before {
        "" | "Pending" => true,
        "Running" => !["", "Pending"].contains(&after),
        _ => before == after,
    };
    if is_legal {
        admitted(&review);
    } else {
        let says = match before {
            "Running" => "after Running comes Running, Completed, Failed or Skipped".to_owned(),
            ended => format!("a run that is {ended} stays {ended}"),
        };
        refused(&review, "phase-transition", "status.phase", &[&says]);
    }
}

#[test]
fn a_stored_phase_that_is_unknown_forbids_nothing() {
    admitted(
        &Review::tekton()
            .status(in_phase("Pending"))
            .stored(json!({"phase": "Executing"})),
    );
}

/// The cells of the phase table: which statuses a role's condition may not have.
fn table(role: &str, phase: &str) -> &'static [&'static str] {
    match (role, phase) {
        ("created", "Running" | "Completed")
        | ("complete" | "ready", "Completed")
        | ("lock", "Skipped") => &["False"],
        ("created" | "running" | "complete", "Skipped") | ("complete", "Pending" | "Running") => {
            &["True", "False"]
        }
        ("running", "Pending")
        | ("complete" | "ready", "Failed")
        | ("lock", "Running" | "Completed" | "Failed") => &["True"],
        _ => &[],
    }
}

fn names(role: &str) -> (&'static str, &'static str, &'static str, bool) {
    match role {
        "created" => (
            "TektonPipelineCreated",
            "PipelineCreated",
            "PipelineCreationFailed",
            false,
        ),
        "running" => (
            "TektonPipelineRunning",
            "PipelineStarted",
            "PipelineFailedToStart",
            false,
        ),
        "complete" => (
            "TektonPipelineComplete",
            "PipelineSucceeded",
            "PipelineFailed",
            false,
        ),
        "audit" => ("AuditRecorded", "AuditSucceeded", "AuditFailed", false),
        "lock" => (
            "ResourceLocked",
            "TargetResourceBusy",
            "ResourceAvailable",
            false,
        ),
        "ready" => ("Ready", "Ready", "NotReady", true),
        _ => (
            "TokenTTLInsufficient",
            "TokenTTLShortened",
            "TokenTTLSufficient",
            true,
        ),
    }
}

#[rstest]
fn conditions_agree_with_the_phase(
    #[values("created", "running", "complete", "audit", "lock", "ready", "token")] role: &str,
    #[values("True", "False", "Unknown")] status: &str,
) {
    let (name, of_true, of_false, is_execution) = names(role);
    let reason = if status == "True" { of_true } else { of_false };
    for phase in PHASES
        .iter()
        .filter(|phase| !is_execution || **phase != "Skipped")
    {
        let item = condition(name, status, reason);
        let review = if is_execution {
            execution(phase, &[item])
        } else {
            tekton(phase, &[item])
        };
        let skip = if *phase == "Skipped" {
            json!({})
        } else {
            json!(null)
        };
        let review = review.set("/request/object/status/skipDetails", skip);
        if table(role, phase).contains(&status) {
            refused(
                &review,
                "phase-conflict",
                "status.conditions[0].status",
                &[&format!("{status:?}"), phase],
            );
        } else {
            admitted(&review);
        }
    }
}

#[test]
fn an_absent_phase_is_judged_as_pending() {
    let complete = condition("TektonPipelineComplete", "True", "PipelineSucceeded");
    for status in [
        json!({"conditions": [complete]}),
        json!({"phase": "", "conditions": [complete]}),
    ] {
        refused(
            &Review::tekton().status(status),
            "phase-conflict",
            "status.conditions[0].status",
            &["Pending"],
        );
    }
}

#[test]
fn a_conflict_is_judged_whatever_the_reason_is() {
    let complete = condition("TektonPipelineComplete", "True", "Nonsense");
    let expected = [
        "reason-not-allowed status.conditions[0].reason deny",
        "phase-conflict status.conditions[0].status deny",
    ];
    assert_eq!(findings(&tekton("Running", &[complete])), expected);
}

#[test]
fn a_pinned_vocabulary_decides_which_phases_are_known() {
    let mut policy = Policy::default();
    policy.vocabulary = VocabularyChoice::Execution;
    let review = Review::tekton().status(in_phase("Skipped"));
    refused_under(
        &review,
        &policy,
        "phase-unknown",
        "status.phase",
        &["\"Skipped\""],
    );
}
