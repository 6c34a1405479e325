use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use rstest::rstest;

use super::{Error, MESSAGE_LIMIT, Reason, RunConditions, get, is_false, is_true, remove, set};
use crate::status::ConditionStatus::{self, False, True, Unknown};
use crate::vocabulary::{EXECUTION, FailureReason, Role, SkipReason, TEKTON, Vocabulary};

const EARLIER: &str = "2025-12-11T10:15:00Z";
const NOW: &str = "2025-12-11T10:16:00Z";

fn condition(
    condition_type: &str,
    status: &str,
    reason: &str,
    message: &str,
    time: &str,
) -> Condition {
    Condition {
        type_: condition_type.to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        last_transition_time: Time(time.parse().unwrap()),
        observed_generation: None,
    }
}

fn a(status: &str, reason: &str, message: &str, time: &str) -> Condition {
    condition("A", status, reason, message, time)
}

fn b() -> Condition {
    condition("B", "True", "Is", "", EARLIER)
}

#[rstest]
#[case::new_type_goes_to_the_end(vec![b()], a("True", "Is", "", NOW), vec![b(), a("True", "Is", "", NOW)], true)]
#[case::first_of_an_empty_list(vec![], a("False", "Not", "", NOW), vec![a("False", "Not", "", NOW)], true)]
#[case::status_moves_the_time_and_keeps_the_place(
    vec![a("True", "Is", "", EARLIER), b()], a("False", "Not", "", NOW), vec![a("False", "Not", "", NOW), b()], true
)]
#[case::reason_keeps_the_time(
    vec![a("True", "Is", "", EARLIER)], a("True", "Stays", "", NOW), vec![a("True", "Stays", "", EARLIER)], true
)]
#[case::message_keeps_the_time(
    vec![a("True", "Is", "", EARLIER)], a("True", "Is", "so", NOW), vec![a("True", "Is", "so", EARLIER)], true
)]
#[case::the_same_again_changes_nothing(
    vec![a("True", "Is", "so", EARLIER)], a("True", "Is", "so", NOW), vec![a("True", "Is", "so", EARLIER)], false
)]
fn set_follows_apimachinery(
    #[case] mut list: Vec<Condition>,
    #[case] new: Condition,
    #[case] expected: Vec<Condition>,
    #[case] changed: bool,
) {
    assert_eq!((set(&mut list, new), list), (changed, expected));
}

#[test]
fn set_updates_the_observed_generation_and_keeps_the_time() {
    let generation = |number, time| Condition {
        observed_generation: Some(number),
        ..a("True", "Is", "", time)
    };
    let mut list = vec![generation(1, EARLIER)];
    assert!(set(&mut list, generation(2, NOW)));
    assert_eq!(list, [generation(2, EARLIER)]);
}

#[rstest]
#[case("True", true, false)]
#[case("False", false, true)]
#[case("Unknown", false, false)]
fn true_and_false_are_asked_of_the_status(
    #[case] status: &str,
    #[case] holds: bool,
    #[case] fails: bool,
) {
    let list = [b(), a(status, "Because", "", NOW)];
    assert_eq!((is_true(&list, "A"), is_false(&list, "A")), (holds, fails));
    assert_eq!(get(&list, "A"), list.get(1));
}

#[test]
fn an_absent_condition_is_neither_true_nor_false() {
    assert!(!is_true(&[b()], "A") && !is_false(&[b()], "A") && get(&[b()], "A").is_none());
}

#[test]
fn remove_takes_every_item_of_the_type() {
    let mut list = vec![a("True", "Is", "", NOW), b(), a("False", "Not", "", NOW)];
    assert!(remove(&mut list, "A"));
    assert_eq!(list, [b()]);
    assert!(!remove(&mut list, "A"));
}

type Setter = fn(&mut RunConditions<'_>, bool) -> Result<bool, Error>;

const SETTERS: [(Role, Setter); 7] = [
    (Role::Created, |run, on| {
        run.set_created(on, Reason::Usual, "")
    }),
    (Role::Running, |run, on| {
        run.set_running(on, Reason::Usual, "")
    }),
    (Role::Complete, |run, on| {
        run.set_complete(on, Reason::Usual, "")
    }),
    (Role::Audit, |run, on| {
        run.set_audit_recorded(on, Reason::Usual, "")
    }),
    (Role::Lock, |run, on| {
        run.set_resource_locked(on, Reason::Usual, "")
    }),
    (Role::Ready, |run, on| run.set_ready(on, Reason::Usual, "")),
    (Role::Token, |run, on| {
        run.set_token_ttl_insufficient(on, Reason::Usual, "")
    }),
];

#[rstest]
fn each_setter_sets_the_condition_of_its_role(
    #[values(&TEKTON, &EXECUTION)] vocabulary: &'static Vocabulary,
    #[values(True, False)] status: ConditionStatus,
) {
    for (role, setter) in SETTERS {
        let mut list = Vec::new();
        let mut run = RunConditions::new(vocabulary, &mut list, NOW.parse().unwrap());
        let result = setter(&mut run, status == True);
        if let Some(term) = vocabulary.term(role) {
            assert_eq!((result, run.is_true(role)), (Ok(true), status == True));
            let reason = term.reasons(status).unwrap()[0];
            let expected = condition(term.condition_type, status.name(), reason, "", NOW);
            assert_eq!(list, [expected]);
        } else {
            assert!(matches!(result, Err(Error::NoSuchCondition { role: of, .. }) if of == role));
            assert!(list.is_empty());
        }
    }
}

#[rstest]
fn every_reason_of_the_tables_is_accepted(
    #[values(&TEKTON, &EXECUTION)] vocabulary: &'static Vocabulary,
    #[values(True, False)] status: ConditionStatus,
) {
    for term in vocabulary.terms {
        for reason in term.reasons(status).unwrap() {
            let mut list = Vec::new();
            let mut run = RunConditions::new(vocabulary, &mut list, NOW.parse().unwrap());
            assert_eq!(run.set(term.role, status, *reason, ""), Ok(true));
            assert_eq!(list[0].reason, *reason);
        }
    }
}

#[rstest]
#[case(&TEKTON, Role::Created, False, Reason::Failure(FailureReason::ResourceExhausted), "QuotaExceeded")]
#[case(&TEKTON, Role::Created, False, Reason::Failure(FailureReason::Unknown), "PipelineCreationFailed")]
#[case(&TEKTON, Role::Complete, False, Reason::Failure(FailureReason::TaskFailed), "TaskFailed")]
#[case(&EXECUTION, Role::Complete, False, Reason::Failure(FailureReason::Forbidden), "ExecutionFailed")]
#[case(&TEKTON, Role::Lock, True, Reason::Skip(SkipReason::ResourceBusy), "TargetResourceBusy")]
#[case(&TEKTON, Role::Lock, True, Reason::Skip(SkipReason::ExhaustedRetries), "ExhaustedRetries")]
#[case(&TEKTON, Role::Running, Unknown, Reason::Usual, "Unknown")]
#[case(&TEKTON, Role::Running, Unknown, Reason::Named("WaitingForNode"), "WaitingForNode")]
fn a_reason_is_taken_from_where_the_writer_has_it(
    #[case] vocabulary: &'static Vocabulary,
    #[case] role: Role,
    #[case] status: ConditionStatus,
    #[case] reason: Reason<'_>,
    #[case] expected: &str,
) {
    let mut list = Vec::new();
    let mut run = RunConditions::new(vocabulary, &mut list, NOW.parse().unwrap());
    assert_eq!(run.set(role, status, reason, ""), Ok(true));
    assert_eq!(list[0].reason, expected);
}

#[rstest]
#[case::of_the_details(
    Role::Lock,
    True,
    Reason::Named("ResourceBusy"),
    "\"ResourceBusy\" is not a reason of ResourceLocked=True; allowed: TargetResourceBusy, RecentlyRemediated, \
     PreviousExecutionFailed, ExhaustedRetries"
)]
#[case::of_the_other_status(
    Role::Running,
    False,
    Reason::Named("PipelineStarted"),
    "\"PipelineStarted\" is not a reason of TektonPipelineRunning=False; allowed: PipelineFailedToStart"
)]
#[case::a_failure_of_a_success(
    Role::Complete,
    True,
    Reason::Failure(FailureReason::OOMKilled),
    "\"OOMKilled\" is not a reason of TektonPipelineComplete=True; allowed: PipelineSucceeded"
)]
#[case::a_skip_of_a_free_target(
    Role::Lock,
    False,
    Reason::Skip(SkipReason::ResourceBusy),
    "\"ResourceBusy\" is not a reason of ResourceLocked=False; allowed: ResourceAvailable"
)]
#[case::not_camel_case(
    Role::Audit,
    Unknown,
    Reason::Named("not_yet"),
    "\"not_yet\" is not a reason of AuditRecorded=Unknown: use CamelCase, 1 to 1024 ASCII letters and digits, the first an \
     upper-case letter"
)]
#[case::no_such_condition(
    Role::Ready,
    True,
    Reason::Usual,
    "the vocabulary tekton has no ready condition; it has TektonPipelineCreated, TektonPipelineRunning, \
     TektonPipelineComplete, AuditRecorded, ResourceLocked"
)]
fn what_is_refused_names_what_is_allowed_and_changes_nothing(
    #[case] role: Role,
    #[case] status: ConditionStatus,
    #[case] reason: Reason<'_>,
    #[case] expected: &str,
) {
    let mut list = vec![b()];
    let mut run = RunConditions::new(&TEKTON, &mut list, NOW.parse().unwrap());
    let error = run.set(role, status, reason, "").unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(list, [b()]);
}

#[test]
fn every_condition_has_the_generation_and_a_time_of_whole_seconds() {
    let mut list = Vec::new();
    let now = "2025-12-11T10:16:00.987Z".parse().unwrap();
    let mut run = RunConditions::new(&TEKTON, &mut list, now).observing(Some(3));
    run.set_created(true, Reason::Usual, "").unwrap();
    assert_eq!(run.get(Role::Created).unwrap().observed_generation, Some(3));
    assert_eq!(list[0].last_transition_time, Time(NOW.parse().unwrap()));
}

#[rstest]
#[case::fits(MESSAGE_LIMIT, MESSAGE_LIMIT)]
#[case::is_cut(MESSAGE_LIMIT + 1, MESSAGE_LIMIT)]
fn a_message_is_cut_at_the_limit_of_characters(#[case] sent: usize, #[case] kept: usize) {
    let mut list = Vec::new();
    let mut run = RunConditions::new(&TEKTON, &mut list, NOW.parse().unwrap());
    run.set_complete(false, Reason::Usual, "é".repeat(sent))
        .unwrap();
    assert_eq!(list[0].message, "é".repeat(kept));
}
