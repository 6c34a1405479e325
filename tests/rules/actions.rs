//! Section 7: actions and modes, and writers that are exempt.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::admission::Outcome;
use wfe_webhook::policy::{Completion, Mode, Policy};
use wfe_webhook::rules::{Action, Rule};

use crate::reviews::{Review, condition};
use crate::verdicts::{findings_under, mutate, tekton, validate};

/// A write with one fault that is denied, one that is warned about and one that is audited.
fn faulty() -> Review {
    let mut created = condition("TektonPipelineCreated", "True", "bad_reason");
    created["lastTransitionTime"] = json!("2030-01-01T00:00:00Z");
    tekton("Running", &[created])
}

fn under(mode: Mode) -> Policy {
    let mut policy = Policy::default();
    policy.mode = mode;
    policy
}

#[rstest]
#[case(Mode::Enforce, "deny", "warn", Outcome::Denied, 1)]
#[case(Mode::Warn, "warn", "warn", Outcome::Allowed, 2)]
#[case(Mode::Audit, "audit", "audit", Outcome::Allowed, 0)]
fn a_mode_caps_every_action(
    #[case] mode: Mode,
    #[case] of_reason: &str,
    #[case] of_time: &str,
    #[case] outcome: Outcome,
    #[case] warnings: usize,
) {
    let expected = [
        format!("reason-format status.conditions[0].reason {of_reason}"),
        format!("transition-time status.conditions[0].lastTransitionTime {of_time}"),
    ];
    assert_eq!(findings_under(&faulty(), &under(mode)), expected);
    let body = faulty().body();
    let (decision, answer) = validate(&body, &under(mode));
    assert_eq!(decision.outcome, outcome);
    assert_eq!(answer.warnings.len(), warnings, "{:?}", answer.warnings);
    assert!(
        answer
            .annotation("findings")
            .is_some_and(|text| text.contains("reason-format"))
    );
}

#[rstest]
#[case(Action::Deny, Some("deny"))]
#[case(Action::Warn, Some("warn"))]
#[case(Action::Audit, Some("audit"))]
#[case(Action::Off, None)]
fn a_rule_takes_the_action_that_it_is_given(
    #[case] action: Action,
    #[case] expected: Option<&str>,
) {
    let mut policy = Policy::default();
    policy.set_action(Rule::ReasonFormat, action);
    let expected: Vec<String> = expected
        .map(|action| format!("reason-format status.conditions[0].reason {action}"))
        .into_iter()
        .chain(["transition-time status.conditions[0].lastTransitionTime warn".to_owned()])
        .collect();
    assert_eq!(findings_under(&faulty(), &policy), expected);
    let body = faulty().body();
    let (decision, _) = validate(&body, &policy);
    assert_eq!(decision.outcome == Outcome::Denied, action == Action::Deny);
}

#[test]
fn a_reason_that_breaks_a_rule_that_is_off_is_still_not_judged_by_the_next() {
    let mut policy = Policy::default();
    policy.set_action(Rule::ReasonFormat, Action::Off);
    assert_eq!(
        findings_under(
            &tekton(
                "Running",
                &[condition("AuditRecorded", "True", "bad_reason")]
            ),
            &policy
        ),
        Vec::<String>::new()
    );
}

#[test]
fn a_rule_that_is_off_still_keeps_completion_from_breaking_it() {
    let mut policy = Policy::default();
    policy.set_action(Rule::ConditionConflict, Action::Off);
    let created = condition("TektonPipelineCreated", "False", "QuotaExceeded");
    let body = tekton("Running", &[created]).body();
    assert_eq!(mutate(&body, &policy).0.outcome, Outcome::Allowed);
}

#[test]
fn what_is_missing_is_audited_unless_its_rule_has_another_action() {
    let missing = |policy: &Policy| {
        let body = tekton("Running", &[]).body();
        let (decision, answer) = validate(&body, policy);
        let types: Vec<_> = decision
            .findings
            .iter()
            .map(|it| (it.condition.clone().unwrap_or_default(), it.action))
            .collect();
        (types, answer.causes, answer.warnings.len())
    };
    let (types, causes, warnings) = missing(&Policy::default());
    assert_eq!(
        types,
        [
            ("TektonPipelineCreated".to_owned(), "audit"),
            ("TektonPipelineRunning".to_owned(), "audit")
        ]
    );
    assert_eq!((causes.len(), warnings), (0, 0));
    let mut policy = Policy::default();
    policy.set_action(Rule::ConditionMissing, Action::Deny);
    let (_, causes, _) = missing(&policy);
    assert_eq!(causes.len(), 2);
    for (cause, name) in causes
        .iter()
        .zip(["TektonPipelineCreated", "TektonPipelineRunning"])
    {
        assert_eq!(
            (cause.field.as_str(), cause.reason.as_str()),
            ("status.conditions", "FieldValueRequired")
        );
        assert!(
            cause.message.contains(name) && cause.message.ends_with("[condition-missing]"),
            "{cause:?}"
        );
    }
}

#[rstest]
#[case(Mode::Enforce, None, true)]
#[case(Mode::Warn, None, true)]
#[case(Mode::Audit, None, false)]
#[case(Mode::Audit, Some(Completion::Patch), true)]
#[case(Mode::Enforce, Some(Completion::Audit), false)]
fn completion_follows_the_mode_unless_it_is_chosen(
    #[case] mode: Mode,
    #[case] completion: Option<Completion>,
    #[case] is_patched: bool,
) {
    let mut policy = under(mode);
    policy.completion = completion;
    let body = tekton("Running", &[]).body();
    let (decision, answer) = mutate(&body, &policy);
    assert_eq!(answer.patch.is_some(), is_patched);
    assert_eq!(
        decision.outcome,
        if is_patched {
            Outcome::Patched
        } else {
            Outcome::Allowed
        }
    );
    let derived = answer
        .annotation("derived")
        .expect("what is or would be derived is annotated");
    assert!(
        derived.contains("TektonPipelineCreated=True/PipelineCreated"),
        "{derived:?}"
    );
    assert_eq!(decision.changes.len(), 2);
}

#[test]
fn completion_that_is_off_does_nothing() {
    let mut policy = Policy::default();
    policy.completion = Some(Completion::Off);
    let body = tekton("Running", &[]).body();
    let (decision, answer) = mutate(&body, &policy);
    assert_eq!(decision.outcome, Outcome::Allowed);
    assert!(decision.changes.is_empty() && answer.annotations.is_empty() && answer.patch.is_none());
}

fn exempting(users: &[&str], groups: &[&str]) -> Policy {
    let mut policy = Policy::default();
    policy.exempt_users = users.iter().map(|user| (*user).to_owned()).collect();
    policy.exempt_groups = groups.iter().map(|group| (*group).to_owned()).collect();
    policy
}

#[rstest]
#[case::user(&["admin"], &[], true)]
#[case::group(&[], &["system:masters"], true)]
#[case::either(&["nobody"], &["system:masters"], true)]
#[case::another_user(&["Admin"], &[], false)]
#[case::a_user_is_no_group(&["system:masters"], &["admin"], false)]
#[case::nobody(&[], &[], false)]
fn exempt_writers_are_named_exactly(
    #[case] users: &[&str],
    #[case] groups: &[&str],
    #[case] is_exempt: bool,
) {
    let policy = exempting(users, groups);
    let body = faulty().user("admin").group("system:masters").body();
    let (decision, answer) = validate(&body, &policy);
    let outcome = if is_exempt {
        Outcome::Exempt
    } else {
        Outcome::Denied
    };
    assert_eq!(decision.outcome, outcome);
    assert_eq!(answer.allowed, is_exempt);
    let (decision, answer) = mutate(&body, &policy);
    assert_eq!(decision.outcome == Outcome::Exempt, is_exempt);
    assert_eq!(answer.patch.is_none(), is_exempt);
}

#[test]
fn an_exempt_writer_is_judged_and_audited_but_not_warned() {
    let body = faulty().user("admin").body();
    let (decision, answer) = validate(&body, &exempting(&["admin"], &[]));
    assert!(answer.warnings.is_empty());
    let counted: Vec<_> = decision
        .findings
        .iter()
        .map(|it| (it.rule.id(), it.action))
        .collect();
    assert_eq!(
        counted,
        [
            ("condition-missing", "audit"),
            ("reason-format", "audit"),
            ("transition-time", "audit")
        ]
    );
    assert!(
        answer
            .annotation("findings")
            .is_some_and(|text| text.contains("reason-format"))
    );
}

#[test]
fn an_exempt_writer_may_repair_a_terminal_object() {
    let review = Review::tekton()
        .status(json!({"phase": "Running"}))
        .stored(json!({"phase": "Failed"}));
    let body = review.user("admin").body();
    assert!(validate(&body, &exempting(&["admin"], &[])).1.allowed);
}

#[test]
fn an_exempt_writers_wrong_registration_is_ignored_all_the_same() {
    let body = faulty()
        .user("admin")
        .set("/request/subResource", json!(""))
        .body();
    assert_eq!(
        validate(&body, &exempting(&["admin"], &[])).0.outcome,
        Outcome::Ignored
    );
}

#[test]
fn a_dry_run_gets_the_same_answer() {
    for review in [faulty(), tekton("Running", &[])] {
        let (real, dry) = (review.body(), review.clone().dry_run().body());
        for judge in [validate, mutate] {
            let (of_real, of_dry) = (
                judge(&real, &Policy::default()),
                judge(&dry, &Policy::default()),
            );
            assert_eq!(of_real.0.answer, of_dry.0.answer);
            assert!(!of_real.0.dry_run && of_dry.0.dry_run);
        }
    }
}

#[test]
fn transitions_are_counted_where_the_write_is_allowed_and_real() {
    let created = condition("TektonPipelineCreated", "True", "PipelineCreated");
    let audited = condition("AuditRecorded", "True", "AuditSucceeded");
    let review = tekton(
        "Running",
        &[
            created.clone(),
            audited,
            condition("example.com/A", "False", "Any"),
        ],
    );
    let stored = json!({"phase": "", "conditions": [created, condition("AuditRecorded", "False", "AuditFailed")]});
    let review = review.stored(stored);
    let body = review.body();
    let (decision, _) = validate(&body, &Policy::default());
    let counted: Vec<_> = decision
        .condition_transitions
        .iter()
        .map(|it| (it.0.as_str(), it.1, it.2.as_str()))
        .collect();
    assert_eq!(
        counted,
        [
            ("AuditRecorded", "True", "AuditSucceeded"),
            ("example.com/A", "False", "Any")
        ]
    );
    assert_eq!(decision.phase_transition, Some(("Pending", "Running")));
    let body = review.dry_run().body();
    let (decision, _) = validate(&body, &Policy::default());
    assert!(decision.condition_transitions.is_empty() && decision.phase_transition.is_none());
    let denied = Review::tekton()
        .status(json!({"phase": "Pending"}))
        .stored(json!({"phase": "Failed"}))
        .body();
    assert_eq!(
        validate(&denied, &Policy::default()).0.phase_transition,
        None
    );
}

#[test]
fn null_groups_and_an_absent_user_exempt_no_writer() {
    let policy = exempting(&["admin"], &["system:masters"]);
    for user in [
        json!(null),
        json!({}),
        json!({"username": null, "groups": null}),
        json!("admin"),
        json!({"groups": "system:masters"}),
    ] {
        let body = faulty().set("/request/userInfo", user).body();
        assert_eq!(validate(&body, &policy).0.outcome, Outcome::Denied);
    }
}

#[test]
fn every_rule_has_the_default_action_of_the_specification() {
    for rule in Rule::ALL {
        let expected = match rule.id() {
            "generation-ahead" | "transition-time" => Action::Warn,
            "condition-missing" => Action::Audit,
            _ => Action::Deny,
        };
        assert_eq!(rule.default_action(), expected, "{rule}");
    }
    let ids: Value = Rule::ALL.map(Rule::id).into_iter().collect();
    let expected = json!([
        "condition-shape",
        "condition-duplicate",
        "condition-unknown-type",
        "reason-format",
        "reason-not-allowed",
        "phase-unknown",
        "phase-transition",
        "phase-conflict",
        "condition-conflict",
        "failure-reason-mismatch",
        "skip-reason-mismatch",
        "failure-details-phase",
        "skip-details-phase",
        "generation-ahead",
        "transition-time",
        "condition-missing",
    ]);
    assert_eq!(ids, expected);
}
