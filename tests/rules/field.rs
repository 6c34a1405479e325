//! What real controllers and people wrote and that once got a wrong answer.

use rstest::rstest;
use serde_json::{Value, json};

use crate::reviews::{Review, condition};
use crate::verdicts::{execution, mutate, refused, tekton};

/// As kubernaut wrote it between January and February 2026: the names of Tekton and `observedGeneration`.
fn of_january_2026(phase: &str, conditions: &[Value]) -> Review {
    Review::execution().status(json!({
        "phase": phase,
        "observedGeneration": 1,
        "startTime": "2026-01-20T10:00:00Z",
        "pipelineRunRef": {"name": "wfe-restart-api-15"},
        "pipelineRunStatus": {"status": "Unknown", "reason": "Running", "totalTasks": 2},
        "conditions": conditions,
    }))
}

#[test]
fn tekton_names_beside_an_observed_generation_are_judged_and_completed_as_tekton() {
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    let body = of_january_2026("Running", &[created]).body();
    let changes = mutate(&body, &wfe_webhook::policy::Policy::default())
        .0
        .changes;
    let changes: Vec<_> = changes.iter().map(|it| (it.condition, it.change)).collect();
    assert_eq!(changes, [("TektonPipelineRunning", "add")]);
    let contradiction = condition("TektonPipelineComplete", "True", "PipelineSucceeded");
    refused(
        &of_january_2026("Running", &[contradiction]),
        "phase-conflict",
        "status.conditions[0].status",
        &[],
    );
}

#[test]
fn a_condition_that_another_writer_adds_switches_no_rule_off() {
    let review = of_january_2026(
        "Running",
        &[
            condition("Ready", "Unknown", "Any"),
            condition("TektonPipelineComplete", "True", "PipelineSucceeded"),
        ],
    );
    refused(
        &review,
        "phase-conflict",
        "status.conditions[1].status",
        &[],
    );
}

#[rstest]
#[case(json!(true), "\"True\"")]
#[case(json!(false), "\"False\"")]
fn a_status_without_quotes_gets_the_string_as_a_hint(#[case] status: Value, #[case] hint: &str) {
    let mut created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    created["status"] = status.clone();
    refused(
        &tekton("Running", &[created]),
        "condition-shape",
        "status.conditions[0].status",
        &[
            &format!("Invalid value: {status}: must be the string"),
            "in quotes",
            &format!("did you mean {hint}?"),
        ],
    );
}

#[rstest]
#[case("Succeeded", "Completed")]
#[case("Complete", "Completed")]
#[case("Done", "Completed")]
#[case("Error", "Failed")]
#[case("InProgress", "Running")]
#[case("in-progress", "Running")]
#[case("Executing", "Running")]
fn a_phase_is_suggested_by_what_it_means(#[case] phase: &str, #[case] meant: &str) {
    let suggestion = format!("did you mean {meant:?}?");
    for review in [tekton(phase, &[]), execution(phase, &[])] {
        refused(&review, "phase-unknown", "status.phase", &[&suggestion]);
    }
}
