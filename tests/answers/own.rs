//! The webhook's own conditions: they follow phase and details, and say so when they are edited.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::{Completion, Policy};

use crate::answers::{self, Answer};
use crate::completed::{NOW, completed, condition_of};
use crate::reviews::{MARK, Review, condition, own};

fn with_message(mut condition: Value, message: &str) -> Value {
    condition["message"] = json!(format!("{message}{MARK}"));
    condition
}

fn mutated(review: &Review, policy: &Policy) -> Answer {
    let judged = judged(
        Webhook::Mutate,
        &review.body(),
        policy,
        NOW.parse().unwrap(),
    )
    .unwrap();
    answers::read(Webhook::Mutate, &judged.answer, &judged.uid).unwrap()
}

/// Types and messages of conditions.
type Messages = &'static [(&'static str, &'static str)];

/// Phase and details of one run over time, each with the messages of its own conditions.
const LIFE: [(&str, &str, Messages); 6] = [
    (
        "Running",
        "{}",
        &[
            ("ExecutionCreated", "execution w was created"),
            ("ExecutionRunning", "execution w started"),
        ],
    ),
    (
        "Running",
        r#"{"executionStatus": {"completedTasks": 1, "totalTasks": 3}}"#,
        &[("ExecutionRunning", "1 of 3 tasks completed")],
    ),
    (
        "Failed",
        "{}",
        &[
            ("ExecutionRunning", "1 of 3 tasks completed"),
            ("ExecutionComplete", "phase is Failed"),
            ("Ready", "phase is Failed"),
        ],
    ),
    (
        "Failed",
        r#"{"failureReason": "node lost"}"#,
        &[("ExecutionComplete", "node lost"), ("Ready", "node lost")],
    ),
    (
        "Failed",
        r#"{"failureDetails": {"reason": "Unknown", "wasExecutionFailure": true}}"#,
        &[
            ("ExecutionRunning", "execution w started"),
            ("ExecutionComplete", "failed: Unknown"),
        ],
    ),
    (
        "Failed",
        r#"{"failureDetails": {"reason": "Unknown", "message": "node lost its disk", "wasExecutionFailure": true}}"#,
        &[
            ("ExecutionCreated", "execution w was created"),
            ("ExecutionRunning", "execution w started"),
            ("ExecutionComplete", "node lost its disk"),
            ("Ready", "node lost its disk"),
        ],
    ),
];

#[test]
fn messages_are_true_in_the_phase_that_they_are_in() {
    let mut stored = json!({"phase": "Pending"});
    for (phase, details, expected) in LIFE {
        let mut status: Value = serde_json::from_str(details).unwrap();
        status["phase"] = json!(phase);
        status["executionRef"] = json!({"name": "w"});
        status["conditions"] = stored["conditions"].clone();
        let review = Review::execution().status(status.clone()).stored(stored);
        let (conditions, _) = completed(&review);
        for (name, message) in expected {
            let found = condition_of(&conditions, name)["message"].clone();
            assert_eq!(
                found,
                format!("{message}{MARK}"),
                "{name} in {phase} {details}"
            );
        }
        status["conditions"] = json!(conditions);
        let again = Review::execution()
            .status(status.clone())
            .stored(status.clone());
        assert_eq!(completed(&again).1, [], "{phase} {details}");
        stored = status;
    }
}

#[test]
fn a_renewed_message_keeps_the_time_of_its_status() {
    let mut running = with_message(
        own("ExecutionRunning", "True", "ExecutionStarted"),
        "1 of 3 tasks completed",
    );
    running["lastTransitionTime"] = json!("2026-11-23T09:00:00.5Z");
    let review = Review::execution().status(
        json!({"phase": "Completed", "executionRef": {"name": "w"}, "conditions": [running]}),
    );
    let renewed = condition_of(&completed(&review).0, "ExecutionRunning");
    assert_eq!(renewed["lastTransitionTime"], "2026-11-23T09:00:00.5Z");
    assert_eq!(renewed["message"], format!("execution w started{MARK}"));
}

#[test]
fn what_a_terminal_would_not_show_is_a_space_in_a_message() {
    let message = "held by\u{202e}evil\u{202c} \u{2028} line \u{200b} zero \u{85} nel";
    let review = Review::tekton().status(json!({
        "phase": "Skipped", "skipDetails": {"reason": "ResourceBusy", "message": message},
    }));
    let lock = condition_of(&completed(&review).0, "ResourceLocked");
    assert_eq!(
        lock["message"],
        format!("held by evil    line   zero   nel{MARK}")
    );
}

/// A status in phase Running whose own condition the writer edited.
fn edited(index: usize, edit: impl Fn(&mut Value)) -> Review {
    let conditions = [
        condition("AuditRecorded", "True", "AuditSucceeded"),
        with_message(
            own("ExecutionCreated", "True", "ExecutionCreated"),
            "execution w was created",
        ),
        with_message(
            own("ExecutionRunning", "True", "ExecutionStarted"),
            "execution w started",
        ),
    ];
    let status = |conditions: &[Value]| json!({"phase": "Running", "executionRef": {"name": "w"}, "conditions": conditions});
    let mut written = conditions.clone();
    edit(&mut written[index]);
    Review::execution()
        .status(status(&written))
        .stored(status(&conditions))
}

fn set<'a>(field: &'a str, value: &'a str) -> impl Fn(&mut Value) + 'a {
    move |condition| condition[field] = json!(value)
}

#[rstest]
#[case::status(edited(1, set("status", "False")), 1, "ExecutionCreated")]
#[case::reason(
    edited(2, set("reason", "ExecutionFailedToStart")),
    2,
    "ExecutionRunning"
)]
fn an_edit_that_is_undone_is_warned_about(
    #[case] review: Review,
    #[case] index: usize,
    #[case] condition_type: &str,
) {
    let answer = mutated(&review, &Policy::default());
    assert!(answer.patch.is_some());
    assert_eq!(
        answer.warnings,
        [format!(
            "status.conditions[{index}]: {condition_type} follows phase and details while its message ends in \
             \"(derived by wfe-webhook)\"; to set it yourself, give it a message of your own"
        )]
    );
}

#[rstest]
#[case::nothing(edited(1, |_| ()))]
#[case::foreign(edited(0, set("status", "False")))]
#[case::message_of_their_own(edited(1, |condition| {
    condition["status"] = json!("False");
    condition["message"] = json!("quota");
}))]
#[case::unknown(edited(1, set("status", "Unknown")))]
#[case::message_alone(edited(1, |condition| condition["message"] = json!(format!("other{MARK}"))))]
fn nothing_else_is_warned_about(#[case] review: Review) {
    assert_eq!(
        mutated(&review, &Policy::default()).warnings,
        Vec::<String>::new()
    );
}

#[test]
fn an_edit_is_not_warned_about_where_nothing_is_patched() {
    for completion in [Completion::Audit, Completion::Off] {
        let mut policy = Policy::default();
        policy.completion = Some(completion);
        let review = edited(1, set("status", "False"));
        assert_eq!(mutated(&review, &policy).warnings, Vec::<String>::new());
    }
}
