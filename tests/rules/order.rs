//! All findings of a review, in their order.

use serde_json::{Value, json};

use crate::reviews::{Review, condition};
use crate::verdicts::{findings, validate, with};

fn faulty() -> Review {
    let late = json!("2030-01-01T00:00:00Z");
    let mut both = with(
        condition("TektonPipelineComplete", "True", "bad_reason"),
        "observedGeneration",
        json!(7),
    );
    both["lastTransitionTime"] = late;
    let status = json!({
        "phase": "Pending",
        "failureDetails": {"reason": "OOMKilled"},
        "skipDetails": {"reason": "ResourceBusy"},
        "conditions": [
            both,
            {"type": "TektonPipelineRunning", "status": 1, "reason": ""},
            condition("TektonPipelineCreated", "False", "QuotaExceeded"),
            condition("TektonPipelineCreated", "False", "QuotaExceeded"),
            condition("Nonsense", "True", "bad_reason"),
            condition("TektonPipelineRunning", "True", "PipelineStarted"),
            condition("ResourceLocked", "True", "RecentlyRemediated"),
            7,
        ],
    });
    Review::tekton()
        .status(status)
        .stored(json!({"phase": "Failed"}))
}

const EXPECTED: [&str; 17] = [
    "phase-transition status.phase deny",
    "failure-details-phase status.failureDetails deny",
    "skip-details-phase status.skipDetails deny",
    "reason-format status.conditions[0].reason deny",
    "phase-conflict status.conditions[0].status deny",
    "condition-conflict status.conditions[0].status deny",
    "generation-ahead status.conditions[0].observedGeneration warn",
    "transition-time status.conditions[0].lastTransitionTime warn",
    "condition-shape status.conditions[1].status deny",
    "condition-shape status.conditions[1].reason deny",
    "condition-shape status.conditions[1].lastTransitionTime deny",
    "condition-duplicate status.conditions[3].type deny",
    "condition-unknown-type status.conditions[4].type deny",
    "phase-conflict status.conditions[5].status deny",
    "condition-conflict status.conditions[5].status deny",
    "skip-reason-mismatch status.conditions[6].reason deny",
    "condition-shape status.conditions[7] deny",
];

#[test]
fn findings_come_by_status_then_item_then_rule() {
    assert_eq!(findings(&faulty()), EXPECTED);
}

#[test]
fn all_denied_findings_are_causes_in_that_order() {
    let body = faulty().body();
    let (_, answer) = validate(&body, &wfe_webhook::policy::Policy::default());
    let fields: Vec<&str> = answer
        .causes
        .iter()
        .map(|cause| cause.field.as_str())
        .collect();
    let expected: Vec<&str> = EXPECTED
        .iter()
        .filter_map(|line| line.strip_suffix(" deny")?.split_once(' '))
        .map(|(_, path)| path)
        .collect();
    assert_eq!(fields, expected);
    assert_eq!(answer.warnings.len(), 2);
}

#[test]
fn every_cause_has_the_reason_that_its_rule_names() {
    let body = faulty().body();
    let (_, answer) = validate(&body, &wfe_webhook::policy::Policy::default());
    for cause in &answer.causes {
        let rule = crate::answers::rule_of(&cause.message).unwrap().id();
        let expected: &[&str] = match rule {
            "condition-shape" if cause.field.ends_with("lastTransitionTime") => {
                &["FieldValueRequired"]
            }
            "condition-shape" | "reason-format" | "skip-reason-mismatch" | "generation-ahead" => {
                &["FieldValueInvalid"]
            }
            "condition-duplicate" => &["FieldValueDuplicate"],
            "condition-unknown-type" => &["FieldValueNotSupported"],
            _ => &["FieldValueForbidden"],
        };
        assert!(expected.contains(&cause.reason.as_str()), "{cause:?}");
    }
    let skipped = Review::tekton().status(json!({"phase": "Skipped"})).body();
    let causes = validate(&skipped, &wfe_webhook::policy::Policy::default())
        .1
        .causes;
    assert_eq!(causes[0].reason, "FieldValueRequired");
}

#[test]
fn a_broken_item_is_absent_for_other_rules() {
    let broken = with(
        condition("TektonPipelineCreated", "False", "QuotaExceeded"),
        "lastTransitionTime",
        Value::Null,
    );
    let running = condition("TektonPipelineRunning", "True", "PipelineStarted");
    let well_shaped = condition("TektonPipelineCreated", "True", "PipelineCreated");
    let status = json!({"phase": "Running", "conditions": [broken, running, well_shaped]});
    let expected = ["condition-shape status.conditions[0].lastTransitionTime deny"];
    assert_eq!(findings(&Review::tekton().status(status)), expected);
}
