//! Whole answers, snapshot by snapshot.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::{Completion, Mode, Policy};

use crate::completed::NOW;
use crate::reviews::{Review, condition, own};

/// The answer with its patch in plain JSON.
fn answer(webhook: Webhook, review: &Review, policy: &Policy) -> Value {
    let body = review.body();
    let decision = judged(webhook, &body, policy, NOW.parse().unwrap()).unwrap();
    let mut answer: Value = serde_json::from_slice(&decision.answer).unwrap();
    if let Some(patch) = answer.pointer_mut("/response/patch") {
        let bytes = STANDARD.decode(patch.as_str().unwrap()).unwrap();
        *patch = serde_json::from_slice(&bytes).unwrap();
    }
    answer
}

fn under(mode: Mode) -> Policy {
    let mut policy = Policy::default();
    policy.mode = mode;
    policy
}

fn faulty() -> Review {
    let mut late = condition("AuditRecorded", "True", "AuditSucceeded");
    late["lastTransitionTime"] = json!("2026-11-23T12:06:00Z");
    let status = json!({
        "phase": "Running",
        "skipDetails": {"reason": "ResourceBusy", "message": "", "skippedAt": "2026-11-23T10:00:00Z"},
        "conditions": [
            condition("TektonPipelineCompleted", "True", "PipelineSucceeded"),
            condition("TektonPipelineComplete", "False", "OutOfMemory"),
            late,
            condition("TektonPipelineCreated", "True", "pipeline_created"),
            {"type": "TektonPipelineRunning", "status": "true", "reason": "PipelineStarted"},
        ],
    });
    Review::tekton()
        .status(status)
        .stored(json!({"phase": "Completed"}))
}

fn life() -> Review {
    let status = json!({
        "phase": "Completed", "startTime": "2026-11-23T10:00:00Z", "completionTime": "2026-11-23T10:01:12Z",
        "duration": "1m12s", "pipelineRunRef": {"name": "wfe-1-run"},
        "pipelineRunStatus": {"status": "True", "reason": "Succeeded", "completedTasks": 3, "totalTasks": 3},
        "conditions": [
            own("ResourceLocked", "True", "TargetResourceBusy"),
            own("TektonPipelineComplete", "False", "PipelineFailed"),
        ],
    });
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    Review::tekton()
        .status(status)
        .stored(json!({"phase": "Running", "conditions": [created]}))
}

#[test]
fn a_denial_with_several_causes() {
    insta::assert_json_snapshot!(answer(Webhook::Validate, &faulty(), &Policy::default()));
}

#[test]
fn warnings_under_the_mode_warn() {
    insta::assert_json_snapshot!(answer(Webhook::Validate, &faulty(), &under(Mode::Warn)));
}

#[test]
fn only_an_annotation_under_the_mode_audit() {
    insta::assert_json_snapshot!(answer(Webhook::Validate, &faulty(), &under(Mode::Audit)));
}

#[test]
fn an_exempt_writer_is_audited() {
    let mut policy = Policy::default();
    policy.exempt_users.push("admin".to_owned());
    insta::assert_json_snapshot!(answer(Webhook::Validate, &faulty().user("admin"), &policy));
}

#[test]
fn an_inherited_fault_is_audited() {
    let status =
        json!({"phase": "Failed", "conditions": [condition("AuditRecorded", "True", "audit_ok")]});
    let review = Review::tekton().status(status.clone()).stored(status);
    insta::assert_json_snapshot!(answer(Webhook::Validate, &review, &Policy::default()));
}

#[test]
fn a_clean_write_is_allowed() {
    let review = Review::tekton().status(json!({"phase": "Pending"}));
    insta::assert_json_snapshot!(answer(Webhook::Validate, &review, &Policy::default()));
    insta::assert_json_snapshot!(answer(Webhook::Mutate, &review, &Policy::default()));
}

#[test]
fn a_patch_that_removes_renews_restores_and_adds() {
    insta::assert_json_snapshot!(answer(Webhook::Mutate, &life(), &Policy::default()));
}

#[test]
fn a_patch_that_makes_the_list() {
    let review = Review::execution().status(json!({
        "phase": "Running", "startTime": "2026-11-23T10:00:00Z", "executionRef": {"name": "wfe-1-run"}, "observedGeneration": 1,
    }));
    insta::assert_json_snapshot!(answer(Webhook::Mutate, &review, &Policy::default()));
}

#[test]
fn completion_that_is_only_audited() {
    let mut policy = Policy::default();
    policy.completion = Some(Completion::Audit);
    insta::assert_json_snapshot!(answer(Webhook::Mutate, &life(), &policy));
}

#[test]
fn a_wrong_registration_gets_a_warning() {
    let review = faulty().set("/request/resource/resource", json!("pods"));
    insta::assert_json_snapshot!(answer(Webhook::Validate, &review, &Policy::default()));
}

#[test]
fn a_denial_of_more_than_fifty_faults() {
    let items: Vec<Value> = (0..60)
        .map(|at| condition(&format!("Nonsense{at}"), "True", "Any"))
        .collect();
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": items}));
    let mut answer = answer(Webhook::Validate, &review, &Policy::default());
    let causes = answer
        .pointer_mut("/response/status/details/causes")
        .unwrap()
        .as_array_mut()
        .unwrap();
    causes.drain(1..48);
    answer["response"]["auditAnnotations"] = json!("elsewhere");
    insta::assert_json_snapshot!(answer);
}
