//! Statuses judged and completed by the core, as a write of an object whose `metadata.generation` is 1.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Example;
use crate::admission::{Judgement, Webhook, judge};
use crate::answer::answer;
use crate::check::{self, ItemContent, ReviewFrame};
use crate::complete::Change;
use crate::policy::{Policy, VocabularyChoice};
use crate::review::Review;
use crate::rules::{Action, Rule};
use crate::vocabulary::{CURRENT_GROUP, FIRST_GROUP, Vocabulary};

/// The clock of trials, after every time in an example.
const NOW: Timestamp = Timestamp::constant(1_765_449_000, 0);

/// How the webhook refuses an example, as a `metav1.StatusCause`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The cause's reason.
    pub reason: String,
    /// The field.
    pub field: String,
    /// What is said of it.
    pub message: String,
}

/// How the webhook refuses an example when the rule denies.
#[must_use]
pub fn refusal(example: &Example) -> Option<Refusal> {
    let mut policy = Policy::default();
    policy.set_action(example.rule, Action::Deny);
    let body = body(FIRST_GROUP, &yaml(example.broken)?, &yaml(example.stored)?)?;
    let bytes = judged(Webhook::Validate, &body, &policy, answer)?;
    let answer: Value = serde_json::from_slice(&bytes).ok()?;
    let cause = &answer["response"]["status"]["details"]["causes"][0];
    let text = |field: &str| cause[field].as_str().map(str::to_owned);
    Some(Refusal {
        reason: text("reason")?,
        field: text("field")?,
        message: text("message")?,
    })
}

/// The rules that `status` breaks, with what happens by default, when it is written in place of an example's.
#[must_use]
pub fn findings_of(example: &Example, status: &str) -> Option<Vec<(Rule, &'static str)>> {
    let body = body(FIRST_GROUP, &yaml(status)?, &yaml(example.stored)?)?;
    judged(Webhook::Validate, &body, &Policy::default(), |judgement| {
        let findings = judgement.findings.iter();
        findings
            .map(|it| (it.finding.rule(), it.verdict.name()))
            .collect()
    })
}

/// Whether a condition agrees with a phase of its vocabulary.
pub(super) fn agrees(
    vocabulary: &'static Vocabulary,
    phase: &str,
    condition_type: &str,
    status: &str,
    reason: &str,
) -> Option<bool> {
    let condition = json!({
        "type": condition_type, "status": status, "reason": reason, "lastTransitionTime": "2025-12-11T10:15:00Z",
    });
    let status = json!({"phase": phase, "conditions": [condition]});
    let body = body(CURRENT_GROUP, &status, &Value::Null)?;
    judged(Webhook::Validate, &body, &pinned(vocabulary), |judgement| {
        let mut findings = judgement.findings.iter();
        !findings.any(|it| it.finding.rule() == Rule::PhaseConflict)
    })
}

/// Status and reason of the condition that completion adds in a phase, of a run that was created and has its times.
pub(super) fn added(
    vocabulary: &'static Vocabulary,
    phase: &str,
    condition_type: &str,
) -> Option<(&'static str, String)> {
    let status = json!({
        "phase": phase,
        "pipelineRunRef": {"name": "run"},
        "executionRef": {"name": "run"},
        "startTime": "2025-12-11T10:15:00Z",
        "completionTime": "2025-12-11T10:17:00Z",
        "skipDetails": {"reason": "ResourceBusy"},
    });
    let body = body(CURRENT_GROUP, &status, &Value::Null)?;
    judged(Webhook::Mutate, &body, &pinned(vocabulary), |judgement| {
        let mut changes = judgement.changes.iter().map(Change::condition);
        let condition = changes.find(|it| it.condition_type == condition_type)?;
        Some((condition.status.name(), condition.reason.to_owned()))
    })?
}

fn pinned(vocabulary: &'static Vocabulary) -> Policy {
    let all = [VocabularyChoice::Tekton, VocabularyChoice::Execution];
    let choice = all.into_iter().find(|it| it.pinned() == Some(vocabulary));
    let mut policy = Policy::default();
    policy.vocabulary = choice.unwrap_or_default();
    policy
}

fn judged<T>(
    webhook: Webhook,
    body: &str,
    policy: &Policy,
    read: impl FnOnce(&Judgement<'_>) -> T,
) -> Option<T> {
    let review = Review::parse(body).ok()?;
    Some(read(&judge(webhook, &review, policy, NOW)))
}

/// The review of a write of `status` over `stored`.
fn body(group: &str, status: &Value, stored: &Value) -> Option<String> {
    let object = |status: &Value| {
        json!({
            "apiVersion": format!("{group}/v1alpha1"),
            "kind": "WorkflowExecution",
            "metadata": {"name": "example", "namespace": "default", "generation": 1},
            "status": status,
        })
        .to_string()
    };
    let text = object(status);
    let documents = check::read(text.as_bytes()).ok()?;
    let items = documents.first()?.items();
    let ItemContent::Object(content) = &items.first()?.as_ref().ok()?.content else {
        return None;
    };
    let stored = object(stored);
    Some(ReviewFrame::of_write(content, Some(&stored)).body(&text))
}

fn yaml(text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Null);
    }
    serde_saphyr::from_str(text).ok()
}
