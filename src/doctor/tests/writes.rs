use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};

use super::super::line::Level::{self, Error, Ok, Warning};
use super::super::probe::Answer;
use super::super::reviews::{self, Conduct};
use super::super::trial::{self, Length, WriteResponse};
use super::super::visit::Direct;
use super::{NOW, assert_line, now};
use crate::admission::{self, Webhook};
use crate::answer;
use crate::policies::MAX_CONDITIONS;
use crate::policy::{Completion, Mode, Policy};
use crate::review::{self, Review};

/// What a server with this policy answers.
fn answer(webhook: Webhook, policy: &Policy) -> Answer {
    let body = reviews::review(webhook);
    let text = review::text(&body);
    let review = Review::parse(&text).unwrap();
    assert!(review.dry_run, "counted as what it is");
    Answer {
        status: 200,
        date: None,
        body: answer::answer(&admission::judge(webhook, &review, policy, now())),
    }
}

fn in_mode(mode: Mode) -> Policy {
    let mut policy = Policy::default();
    policy.mode = mode;
    policy
}

#[rstest]
#[case(
    Mode::Enforce,
    Ok,
    "a write with an unknown condition type is refused",
    Conduct::Acts
)]
#[case(Mode::Warn, Warning, "is allowed with a warning", Conduct::Refrains)]
#[case(
    Mode::Audit,
    Warning,
    "is only noted in the audit log",
    Conduct::Refrains
)]
fn the_answer_of_validate_shows_how_strict_it_is(
    #[case] mode: Mode,
    #[case] level: Level,
    #[case] words: &str,
    #[case] conduct: Conduct,
) {
    let answer = answer(Webhook::Validate, &in_mode(mode));
    let (line, found) = reviews::check(Webhook::Validate, &answer);
    assert_line(&line, level, words);
    assert_eq!(found, Some(conduct));
}

#[rstest]
#[case(Completion::Patch, Ok, "a write without conditions is completed")]
#[case(Completion::Audit, Warning, "is not completed")]
#[case(Completion::Off, Warning, "is not completed")]
fn the_answer_of_mutate_shows_whether_it_completes(
    #[case] completion: Completion,
    #[case] level: Level,
    #[case] words: &str,
) {
    let mut policy = Policy::default();
    policy.completion = Some(completion);
    let (line, found) = reviews::check(Webhook::Mutate, &answer(Webhook::Mutate, &policy));
    assert_line(&line, level, words);
    let acts = completion == Completion::Patch;
    assert_eq!(found == Some(Conduct::Acts), acts);
}

#[rstest]
#[case::busy(429, "too many\n", "HTTP 429: too many")]
#[case::page(
    200,
    "<html>",
    "is not an AdmissionReview with a response: expected value at line 1 column 1; it starts with \"<html>\""
)]
#[case::other(
    200,
    "{}",
    "is not an AdmissionReview with a response: missing field `kind`"
)]
#[case::uid(200, r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"1","allowed":true}}"#, "does not answer the review")]
fn an_answer_of_another_server_is_an_error(
    #[case] status: u16,
    #[case] body: &str,
    #[case] words: &str,
) {
    for webhook in Webhook::ALL {
        let answer = Answer {
            status,
            date: None,
            body: body.into(),
        };
        assert_line(&reviews::check(webhook, &answer).0, Error, words);
    }
}

#[test]
fn a_silent_yes_to_what_must_be_refused_is_an_error() {
    let mut answer = answer(Webhook::Mutate, &Policy::default());
    let mut review: Value = serde_json::from_slice(&answer.body).unwrap();
    review["response"] = json!({"uid": review["response"]["uid"], "allowed": true});
    answer.body = review.to_string().into_bytes();
    let (line, _) = reviews::check(Webhook::Validate, &answer);
    assert_line(&line, Error, "is allowed without a warning");
}

/// A server that answers so when it is asked directly, and is registered without an error.
fn direct(conduct: Option<Conduct>) -> Direct {
    Direct {
        conduct,
        faultless: true,
    }
}

fn written(code: u16, body: Value) -> WriteResponse {
    WriteResponse {
        code,
        warnings: Vec::new(),
        body,
    }
}

fn refusal(code: u16, message: &str) -> WriteResponse {
    written(code, json!({"kind": "Status", "message": message}))
}

#[rstest]
#[case::refused(
    refusal(422, "Unsupported value [condition-unknown-type]"),
    None,
    Ok,
    "is refused"
)]
#[case::passed(written(200, json!({})), None, Error, "did not call /validate")]
#[case::passed_though_strict(written(200, json!({})), Some(Conduct::Acts), Error, "did not call /validate")]
#[case::soft(written(200, json!({})), Some(Conduct::Refrains), Warning, "as the server's --mode")]
#[case::cannot_call(
    refusal(500, "failed calling webhook \"v\": x509"),
    None,
    Error,
    "x509"
)]
#[case::not_allowed(
    refusal(403, "user cannot patch resource"),
    None,
    Warning,
    "grant patch"
)]
#[case::another_refusal(
    refusal(422, "another policy"),
    None,
    Warning,
    "HTTP 422: another policy"
)]
fn the_write_that_must_be_refused(
    #[case] written: WriteResponse,
    #[case] conduct: Option<Conduct>,
    #[case] level: Level,
    #[case] words: &str,
) {
    assert_line(&trial::refused(&written, direct(conduct)), level, words);
}

#[test]
fn a_warning_from_the_server_is_no_silence() {
    let mut written = written(200, json!({}));
    written.warnings = vec!["299 - \"bad [condition-unknown-type]\"".to_owned()];
    assert_line(
        &trial::refused(&written, Direct::default()),
        Warning,
        "is not refused",
    );
}

#[rstest]
#[case::completed(written(200, json!({"status": {"conditions": [{}, {}]}})), None, Ok, "is completed, by 2")]
#[case::bare(written(200, json!({"status": {}})), None, Error, "did not call /mutate")]
#[case::cannot_call(
    refusal(500, "failed calling webhook \"m\": refused"),
    None,
    Error,
    "cannot call the webhook"
)]
#[case::another_refusal(refusal(409, "conflict"), None, Warning, "HTTP 409: conflict")]
#[case::soft(written(200, json!({"status": {}})), Some(Conduct::Refrains), Warning, "as the server's --completion")]
#[case::bare_though_it_completes(written(200, json!({"status": {}})), Some(Conduct::Acts), Error, "did not call /mutate")]
fn the_write_that_must_be_completed(
    #[case] written: WriteResponse,
    #[case] conduct: Option<Conduct>,
    #[case] level: Level,
    #[case] words: &str,
) {
    assert_line(&trial::completed(&written, direct(conduct)), level, words);
}

/// Each way to see that the API server does not reach a server that answers.
#[rstest]
#[case::passed(written(200, json!({"status": {}})))]
#[case::timeout(refusal(
    500,
    "failed calling webhook \"v\": failed to call webhook: context deadline exceeded"
))]
fn a_server_that_answers_and_is_not_called_points_to_the_network(#[case] written: WriteResponse) {
    let acts = direct(Some(Conduct::Acts));
    for line in [
        trial::refused(&written, acts),
        trial::completed(&written, acts),
    ] {
        assert_line(
            &line,
            Error,
            "the network between the API server and the pods is the likeliest cause; fix: open port 8443",
        );
    }
    let registered_wrongly = Direct {
        faultless: false,
        ..acts
    };
    for elsewhere in [direct(None), registered_wrongly] {
        for line in [
            trial::refused(&written, elsewhere),
            trial::completed(&written, elsewhere),
        ] {
            assert!(!line.to_string().contains("network"), "{line}");
        }
    }
}

#[test]
fn a_certificate_that_the_api_server_refuses_does_not_point_to_the_network() {
    let written = refusal(500, "failed calling webhook \"v\": tls: x509: expired");
    let line = trial::refused(&written, direct(Some(Conduct::Acts)));
    assert_line(&line, Error, "fix: resolve the errors above");
}

#[rstest]
#[case(json!({"phase": "Running", "executionRef": {"name": "wfe-a"}}), true)]
#[case(json!({"phase": "Pending"}), false)]
#[case(json!({}), false)]
fn an_object_that_has_started_can_be_completed(#[case] status: Value, #[case] completable: bool) {
    let object = json!({
        "apiVersion": "kubernaut.ai/v1alpha1",
        "kind": "WorkflowExecution",
        "metadata": {"name": "a", "namespace": "b", "resourceVersion": "1"},
        "status": status,
    });
    assert_eq!(trial::is_completable(&object, now()), completable);
}

#[rstest]
#[case::short(Length::Short, 2)]
#[case::long(Length::Long, MAX_CONDITIONS + 2)]
fn what_must_be_refused_keeps_the_conditions_that_are_there(
    #[case] length: Length,
    #[case] count: usize,
) {
    let object = json!({"status": {"conditions": [{"type": "Ready"}]}});
    let patch = trial::to_be_refused(&object, now(), length);
    let conditions = patch["status"]["conditions"].as_array().unwrap();
    assert_eq!(conditions[0]["type"], "Ready");
    assert_eq!(conditions[1]["type"], reviews::UNKNOWN_TYPE);
    assert_eq!(conditions[1]["lastTransitionTime"], NOW);
    assert_eq!(conditions.len(), count);
}

/// Policies read none of the long list, and what the webhook adds is counted without it.
#[test]
fn what_makes_a_list_long_is_not_counted() {
    let short = trial::to_be_completed(now(), Length::Short);
    assert_eq!(short, json!({"status": {"conditions": null}}));
    let mut long = trial::to_be_completed(now(), Length::Long);
    let conditions = long["status"]["conditions"].as_array_mut().unwrap();
    assert!(conditions.len() > MAX_CONDITIONS);
    let mut types: Vec<&str> = conditions
        .iter()
        .filter_map(|it| it["type"].as_str())
        .collect();
    types.sort_unstable();
    types.dedup();
    assert_eq!(types.len(), conditions.len(), "no type twice");
    conditions.push(json!({"type": "Ready"}));
    let line = trial::completed(&written(200, long), Direct::default());
    assert_line(&line, Ok, "is completed, by 1");
}

#[rstest]
#[case("2026-06-01T12:00:20Z", Ok, "agrees")]
#[case("2026-06-01T11:58:00Z", Warning, "by 120 s")]
fn a_clock_is_compared_with_the_one_here(
    #[case] date: Timestamp,
    #[case] level: Level,
    #[case] words: &str,
) {
    assert_line(&reviews::clock("the server", date, now()), level, words);
}
