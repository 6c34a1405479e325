//! Section 6: a write is never refused for a fault that is already stored, nor for what the webhook itself wrote.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::policy::{Completion, Policy};
use wfe_webhook::rules::{Action, Rule};

use crate::reviews::{Review, condition, own};
use crate::verdicts::{findings, findings_under, refused_under, validate, with};

fn write(status: Value, stored: Value) -> Vec<String> {
    findings(&Review::tekton().status(status).stored(stored))
}

fn complete(status: &str, reason: &str) -> Value {
    condition("TektonPipelineComplete", status, reason)
}

fn created_twice() -> Value {
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    json!([created, created])
}

/// One fault of each rule that can be inherited, and the action that a second write of the same gets.
#[rstest]
#[case::shape(json!({"conditions": [{"type": "Ready", "status": "yes", "reason": "A", "lastTransitionTime": "2026-11-23T10:00:00Z"}]}))]
#[case::shape_of_an_unreadable_type(json!({"conditions": [{"type": 7, "status": "True", "reason": "A", "lastTransitionTime": "2026-11-23T10:00:00Z"}]}))]
#[case::item(json!({"conditions": ["Ready"]}))]
#[case::list(json!({"conditions": "Ready"}))]
#[case::duplicate(json!({"conditions": created_twice()}))]
#[case::unknown_type(json!({"conditions": [condition("Nonsense", "True", "A")]}))]
#[case::reason_format(json!({"conditions": [condition("AuditRecorded", "True", "bad_reason")]}))]
#[case::reason_not_allowed(json!({"conditions": [condition("AuditRecorded", "True", "AuditFailed")]}))]
#[case::phase_unknown(json!({"phase": "Executing"}))]
#[case::phase_of_another_kind(json!({"phase": ["Running"]}))]
#[case::phase_conflict(json!({"conditions": [complete("True", "PipelineSucceeded")]}))]
#[case::condition_conflict(json!({"phase": "Failed", "conditions": [
    condition("TektonPipelineCreated", "False", "QuotaExceeded"), condition("TektonPipelineRunning", "True", "PipelineStarted"),
]}))]
#[case::failure_reason(json!({"phase": "Failed", "failureDetails": {"reason": "Forbidden"}, "conditions": [complete("False", "OOMKilled")]}))]
#[case::skip_reason(json!({"phase": "Skipped", "skipDetails": {"reason": "ResourceBusy"}, "conditions": [
    condition("ResourceLocked", "True", "RecentlyRemediated"),
]}))]
#[case::failure_details(json!({"phase": "Running", "failureDetails": {}}))]
#[case::skip_details(json!({"phase": "Running", "skipDetails": {}}))]
#[case::no_skip_details(json!({"phase": "Skipped"}))]
fn a_stored_fault_is_inherited_and_a_fresh_one_is_denied(#[case] status: Value) {
    let fresh = write(status.clone(), json!({}));
    assert_eq!(fresh.len(), 1, "{fresh:?}");
    let stem = fresh[0].strip_suffix(" deny").expect("a denied finding");
    assert_eq!(write(status.clone(), status), [format!("{stem} inherited")]);
}

#[test]
fn an_inherited_fault_may_move_within_the_list() {
    let bad = condition("AuditRecorded", "True", "bad_reason");
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    let found = write(
        json!({"conditions": [created, bad]}),
        json!({"conditions": [bad]}),
    );
    assert_eq!(
        found,
        ["reason-format status.conditions[1].reason inherited"]
    );
}

#[rstest]
#[case::other_reason(
    condition("AuditRecorded", "True", "worse_reason"),
    "reason-format status.conditions[0].reason deny"
)]
#[case::other_type(
    condition("TektonPipelineRunning", "Unknown", "bad_reason"),
    "reason-format status.conditions[0].reason deny"
)]
#[case::other_rule(
    condition("AuditRecorded", "True", "AuditFailed"),
    "reason-not-allowed status.conditions[0].reason deny"
)]
fn another_fault_is_not_inherited(#[case] written: Value, #[case] expected: &str) {
    let stored = json!({"conditions": [condition("AuditRecorded", "True", "bad_reason")]});
    assert_eq!(write(json!({"conditions": [written]}), stored), [expected]);
}

#[test]
fn a_broken_field_is_inherited_by_a_condition_of_the_same_type_alone() {
    let broken = |name| json!({"conditions": [condition(name, "yes", "Any")]});
    let expected = "condition-shape status.conditions[0].status";
    let stored = broken("AuditRecorded");
    assert_eq!(
        write(broken("AuditRecorded"), stored.clone()),
        [format!("{expected} inherited")]
    );
    assert_eq!(
        write(broken("ResourceLocked"), stored),
        [format!("{expected} deny")]
    );
}

#[test]
fn a_condition_that_is_missing_already_is_not_asked_for_but_another_is() {
    let mut policy = Policy::default();
    policy.set_action(Rule::ConditionMissing, Action::Deny);
    let waiting = json!({"phase": "Running", "pipelineRunStatus": {"reason": "Started"}});
    let review = Review::tekton()
        .status(json!({"phase": "Running"}))
        .stored(waiting);
    let missing = ["no \"TektonPipelineRunning\""];
    let path = "status.conditions";
    refused_under(&review, &policy, "condition-missing", path, &missing);
}

#[test]
fn what_is_missing_of_the_stored_object_is_judged_by_its_own_generation() {
    let mut policy = Policy::default();
    policy.set_action(Rule::ConditionMissing, Action::Deny);
    let body = Review::tekton()
        .status(json!({"phase": "Running"}))
        .stored(json!({"phase": "Running", "observedGeneration": 3}))
        .generation(3)
        .set("/request/object/metadata/generation", json!(1))
        .body();
    assert!(validate(&body, &policy).1.allowed);
}

#[test]
fn the_value_of_a_phase_conflict_is_the_status() {
    let stored = json!({"phase": "Running", "conditions": [complete("True", "PipelineSucceeded")]});
    let same = json!({"phase": "Running", "conditions": [with(complete("True", "PipelineSucceeded"), "message", json!("other"))]});
    assert_eq!(
        write(same, stored.clone()),
        ["phase-conflict status.conditions[0].status inherited"]
    );
    let other = json!({"phase": "Running", "conditions": [complete("False", "PipelineFailed")]});
    assert_eq!(
        write(other, stored),
        ["phase-conflict status.conditions[0].status deny"]
    );
}

#[test]
fn a_phase_transition_is_never_inherited() {
    let found = write(json!({"phase": "Pending"}), json!({"phase": "Failed"}));
    assert_eq!(found, ["phase-transition status.phase deny"]);
}

#[test]
fn a_terminal_object_keeps_its_stored_faults_through_later_writes() {
    let stored = json!({"phase": "Completed", "conditions": [complete("False", "PipelineFailed")]});
    let mut later = stored.clone();
    later["duration"] = json!("1m12s");
    assert_eq!(
        write(later, stored),
        ["phase-conflict status.conditions[0].status inherited"]
    );
}

#[test]
fn the_webhooks_own_condition_blocks_no_writer_when_the_phase_moves_on() {
    let mine = own("TektonPipelineRunning", "True", "PipelineStarted");
    let status = json!({"phase": "Skipped", "skipDetails": {}, "conditions": [mine]});
    let stored = json!({"phase": "Running", "conditions": [mine]});
    assert_eq!(
        write(status.clone(), stored),
        ["phase-conflict status.conditions[0].status inherited"]
    );
    assert_eq!(
        write(status, json!({"phase": "Running"})),
        ["phase-conflict status.conditions[0].status deny"]
    );
}

#[test]
fn the_webhooks_own_reason_blocks_no_writer_when_the_details_change() {
    let status = |mine: &Value, reason: &str| json!({"phase": "Failed", "failureDetails": {"reason": reason}, "conditions": [mine]});
    let mine = own("TektonPipelineComplete", "False", "OOMKilled");
    let stored = status(&mine, "OOMKilled");
    let expected = "failure-reason-mismatch status.conditions[0].reason";
    assert_eq!(
        write(status(&mine, "TaskFailed"), stored),
        [format!("{expected} inherited")]
    );
    let theirs = condition("TektonPipelineComplete", "False", "OOMKilled");
    let stored = status(&theirs, "OOMKilled");
    assert_eq!(
        write(status(&theirs, "TaskFailed"), stored),
        [format!("{expected} deny")]
    );
}

#[test]
fn a_conflict_with_the_webhooks_own_created_blocks_no_writer() {
    let created = own("TektonPipelineCreated", "False", "QuotaExceeded");
    let running = condition("TektonPipelineRunning", "True", "PipelineStarted");
    let status = json!({"phase": "Failed", "failureDetails": {}, "conditions": [created, running]});
    let stored = json!({"phase": "Failed", "failureDetails": {}, "conditions": [created]});
    assert_eq!(
        write(status.clone(), stored),
        ["condition-conflict status.conditions[1].status inherited"]
    );
    assert_eq!(
        write(status, json!({})),
        ["condition-conflict status.conditions[1].status deny"]
    );
}

#[rstest]
#[case::other_reason(own("TektonPipelineRunning", "True", "Other"))]
#[case::other_status(own("TektonPipelineRunning", "False", "PipelineStarted"))]
#[case::no_mark(condition("TektonPipelineRunning", "True", "PipelineStarted"))]
#[case::unknown(own("TektonPipelineRunning", "Unknown", "PipelineStarted"))]
fn an_own_condition_must_be_stored_as_it_is(#[case] stored: Value) {
    let mine = own("TektonPipelineRunning", "True", "PipelineStarted");
    let status = json!({"phase": "Skipped", "skipDetails": {}, "conditions": [mine]});
    let found = write(status, json!({"phase": "Running", "conditions": [stored]}));
    assert_eq!(found, ["phase-conflict status.conditions[0].status deny"]);
}

#[rstest]
#[case::patch(Completion::Patch, "inherited")]
#[case::audit(Completion::Audit, "deny")]
#[case::off(Completion::Off, "deny")]
fn the_mark_exempts_only_where_the_webhook_writes_conditions(
    #[case] completion: Completion,
    #[case] action: &str,
) {
    let mut policy = Policy::default();
    policy.completion = Some(completion);
    let mine = own("TektonPipelineComplete", "True", "PipelineSucceeded");
    let review = Review::tekton()
        .status(json!({"phase": "Failed", "conditions": [mine]}))
        .stored(json!({"phase": "Running", "conditions": [mine], "skipDetails": {}}));
    let expected = format!("phase-conflict status.conditions[0].status {action}");
    // The stored phase excludes the condition as well, so that the finding is inherited in any case but one.
    assert_eq!(
        findings_under(&review, &policy),
        ["phase-conflict status.conditions[0].status inherited"]
    );
    let fresh = Review::tekton()
        .status(json!({"phase": "Failed", "conditions": [mine]}))
        .stored(json!({"phase": "Completed", "conditions": [mine]}));
    let found = findings_under(&fresh, &policy);
    assert!(found.contains(&expected), "{found:?}");
}

#[test]
fn a_foreign_condition_behind_an_own_one_of_its_type_is_stored_as_well() {
    let status = json!({"phase": "Running", "conditions": [
        own("TektonPipelineCreated", "True", "PipelineCreated"),
        condition("TektonPipelineCreated", "False", "QuotaExceeded"),
    ]});
    let completed = json!({"phase": "Running", "conditions": [
        condition("TektonPipelineCreated", "False", "QuotaExceeded"),
    ]});
    let carried = Review::tekton()
        .status(status.clone())
        .stored(status.clone());
    assert_eq!(
        findings(&carried),
        ["condition-duplicate status.conditions[1].type inherited"]
    );
    // After completion the own item is gone, and the foreign one stands for its type.
    let found = write(completed, status);
    assert!(
        found.iter().all(|line| line.ends_with("inherited")),
        "{found:?}"
    );
}

#[test]
fn a_duplicate_of_the_webhooks_own_is_a_fresh_fault() {
    let mine = own("TektonPipelineCreated", "True", "PipelineCreated");
    let found = write(
        json!({"phase": "Running", "conditions": [mine, mine]}),
        json!({"phase": "Running", "conditions": [mine]}),
    );
    assert_eq!(
        found,
        ["condition-duplicate status.conditions[1].type deny"]
    );
}
