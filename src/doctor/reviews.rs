//! The two reviews that a server gets, and what its answers show. Both are dry runs.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::line::CheckLine;
use super::probe::Answer;
use crate::admission::Webhook;
use crate::answer::Received;
use crate::kubernetes::paths;
use crate::rules::Rule;
use crate::vocabulary::{FIRST_GROUP, RESOURCE};

/// A condition type that does not exist.
pub(super) const UNKNOWN_TYPE: &str = "WfeWebhookDoctor";

const UID: &str = "8c1f8a3e-5a0e-4b7e-9c55-0d0c70a00001";
const STARTED: &str = "2025-12-11T10:15:00Z";

/// Beyond this, conditions with the server's time are visibly wrong.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// What a server does about a write that it must complete or refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conduct {
    /// It completes or refuses it.
    Acts,
    /// It warns of it or only notes it, as its flags may have it.
    Refrains,
}

/// A write that must be completed, for `/mutate`, or refused, for `/validate`.
pub(super) fn review(webhook: Webhook) -> Vec<u8> {
    let mut status = json!({
        "phase": "Running",
        "startTime": STARTED,
        "pipelineRunRef": {"name": "doctor"},
    });
    if webhook == Webhook::Validate {
        status["conditions"] = json!([unknown(STARTED)]);
    }
    let object = |status: Value| {
        json!({
            "apiVersion": format!("{FIRST_GROUP}/v1alpha1"),
            "kind": "WorkflowExecution",
            "metadata": {"name": "doctor", "namespace": "default", "uid": UID, "generation": 1, "resourceVersion": "1"},
            "spec": {},
            "status": status,
        })
    };
    let kind = json!({"group": FIRST_GROUP, "version": "v1alpha1", "kind": "WorkflowExecution"});
    let resource = json!({"group": FIRST_GROUP, "version": "v1alpha1", "resource": RESOURCE});
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": UID,
            "kind": kind,
            "resource": resource,
            "subResource": "status",
            "requestKind": kind,
            "requestResource": resource,
            "requestSubResource": "status",
            "name": "doctor",
            "namespace": "default",
            "operation": "UPDATE",
            "userInfo": {"username": "wfe-webhook doctor"},
            "object": object(status),
            "oldObject": object(json!({"phase": "Running"})),
            "dryRun": true,
            "options": {"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
    })
    .to_string()
    .into_bytes()
}

/// The condition that must be refused.
pub(super) fn unknown(time: &str) -> Value {
    condition(UNKNOWN_TYPE, time)
}

/// A condition of any type.
pub(super) fn condition(condition_type: &str, time: &str) -> Value {
    json!({
        "type": condition_type,
        "status": "True",
        "reason": "Asked",
        "message": "wfe-webhook doctor asks whether this is refused",
        "lastTransitionTime": time,
    })
}

/// The mark at the end of the message that must come.
pub(super) fn mark() -> String {
    format!("[{}]", Rule::ConditionUnknownType.id())
}

/// The check of an answer, and whether the server acts.
pub(super) fn check(webhook: Webhook, answer: &Answer) -> (CheckLine, Option<Conduct>) {
    let about = format!("{} answer", paths::webhook(webhook));
    let received = match response(answer) {
        Ok(received) => received,
        Err(problem) => {
            let fix =
                "look at the server's log, and check that it is wfe-webhook that answers there";
            return (CheckLine::error(about, problem, fix), None);
        }
    };
    match webhook {
        Webhook::Mutate => completed(about, &received),
        Webhook::Validate => refused(about, &received),
    }
}

fn response(answer: &Answer) -> Result<Received, String> {
    let text = String::from_utf8_lossy(&answer.body);
    let start: String = text.trim().chars().take(200).collect();
    if answer.status != 200 {
        return Err(format!("HTTP {}: {start}", answer.status));
    }
    let received = Received::parse(&answer.body)
        .map_err(|error| format!("{error}; it starts with {start:?}"))?;
    if received.uid != UID {
        return Err(format!("does not answer the review that was sent: {start}"));
    }
    Ok(received)
}

fn completed(about: String, received: &Received) -> (CheckLine, Option<Conduct>) {
    if !received.allowed {
        let line = CheckLine::error(
            about,
            format!("refuses, which /mutate never does: {}", received.message),
            "check that it is wfe-webhook that answers there",
        );
        return (line, None);
    }
    if received.has_patch {
        let line = CheckLine::ok(about, "a write without conditions is completed");
        return (line, Some(Conduct::Acts));
    }
    let line = CheckLine::warning(
        about,
        "a write without conditions is not completed",
        "nothing, if --completion audit or off or --mode audit is intended; else serve without it",
    );
    (line, Some(Conduct::Refrains))
}

fn refused(about: String, received: &Received) -> (CheckLine, Option<Conduct>) {
    let names_rule = |text: &String| text.contains(Rule::ConditionUnknownType.id());
    if !received.allowed && names_rule(&received.message) {
        let line = CheckLine::ok(about, "a write with an unknown condition type is refused");
        return (line, Some(Conduct::Acts));
    }
    if !received.allowed {
        let line = CheckLine::error(
            about,
            format!(
                "refuses an unknown condition type with another message: {}",
                received.message
            ),
            "check that it is wfe-webhook of this version that answers there",
        );
        return (line, None);
    }
    let how = if received.warnings.iter().any(names_rule) {
        "allowed with a warning"
    } else if received.audit_annotations.values().any(names_rule) {
        "only noted in the audit log"
    } else {
        let line = CheckLine::error(
            about,
            "a write with an unknown condition type is allowed without a warning",
            format!(
                "nothing, if --rule {}=off is intended; else check that it is wfe-webhook that answers there",
                Rule::ConditionUnknownType.id()
            ),
        );
        return (line, Some(Conduct::Refrains));
    };
    let line = CheckLine::warning(
        about,
        format!("a write with an unknown condition type is {how}"),
        "nothing, if --mode or --rule is set so on purpose; else serve with --mode enforce",
    );
    (line, Some(Conduct::Refrains))
}

/// Whether the server's clock agrees with the one here.
pub(super) fn clock(who: &str, date: Timestamp, now: Timestamp) -> CheckLine {
    let about = format!("clock of {who}");
    let skew = date.duration_since(now).abs();
    if skew > SKEW {
        CheckLine::warning(
            about,
            format!("differs from the one here by {} s", skew.as_secs()),
            "set both by NTP; a certificate may count as expired, and conditions get wrong times",
        )
    } else {
        CheckLine::ok(about, "agrees with the one here")
    }
}
