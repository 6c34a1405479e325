//! Section 1: what is judged at all, stale rounds, and bodies that are no review.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::judged::{Judged, judged};
use wfe_webhook::admission::{Outcome, Webhook};
use wfe_webhook::policy::Policy;

use crate::reviews::{EXECUTION_GROUP, Review, TEKTON_GROUP, condition};
use crate::verdicts::{mutate, now, tekton, validate, with};

/// A write that would be denied, and completed.
fn faulty() -> Review {
    tekton("Running", &[condition("Nonsense", "True", "bad_reason")])
}

#[rstest]
#[case::create("/request/operation", json!("CREATE"))]
#[case::delete("/request/operation", json!("DELETE"))]
#[case::connect("/request/operation", json!("CONNECT"))]
#[case::lower_case("/request/operation", json!("update"))]
#[case::no_operation("/request/operation", json!(null))]
#[case::main_resource("/request/subResource", json!(""))]
#[case::no_subresource("/request/subResource", json!(null))]
#[case::scale("/request/subResource", json!("scale"))]
#[case::pods("/request/resource/resource", json!("pods"))]
#[case::core_group("/request/resource/group", json!(""))]
#[case::other_group("/request/resource/group", json!("workflowexecution.kubernaut.io"))]
#[case::subdomain("/request/resource/group", json!("x.kubernaut.ai"))]
#[case::no_resource("/request/resource", json!(null))]
#[case::resource_of_another_kind("/request/resource", json!("workflowexecutions"))]
#[case::no_object("/request/object", json!(null))]
fn anything_else_is_allowed_untouched_with_one_warning(
    #[case] pointer: &str,
    #[case] value: Value,
) {
    let body = faulty().set(pointer, value).body();
    let (decision, answer) = validate(&body, &Policy::default());
    assert_eq!(decision.outcome, Outcome::Ignored);
    assert!(answer.allowed);
    assert_eq!(answer.warnings.len(), 1);
    assert!(decision.findings.is_empty() && answer.annotations.is_empty());
    let (decision, answer) = mutate(&body, &Policy::default());
    assert_eq!(decision.outcome, Outcome::Ignored);
    assert!(answer.patch.is_none() && answer.annotations.is_empty() && decision.changes.is_empty());
}

#[test]
fn both_groups_are_judged_in_any_version() {
    for (review, group) in [
        (Review::tekton(), TEKTON_GROUP),
        (Review::execution(), EXECUTION_GROUP),
    ] {
        for version in ["v1alpha1", "v1beta1", "v1", "v9"] {
            let review = review.clone().status(json!({"phase": "Executing"}));
            assert_eq!(review.value()["request"]["resource"]["group"], group);
            let body = review
                .set("/request/resource/version", json!(version))
                .body();
            assert_eq!(
                validate(&body, &Policy::default()).0.outcome,
                Outcome::Denied
            );
        }
    }
}

#[test]
fn a_review_without_a_stored_object_is_judged_as_a_first_write() {
    let body = faulty().set("/request/oldObject", json!(null)).body();
    assert_eq!(
        validate(&body, &Policy::default()).0.outcome,
        Outcome::Denied
    );
    assert_eq!(
        mutate(&body, &Policy::default()).0.outcome,
        Outcome::Patched
    );
}

#[rstest]
#[case(json!("6"), json!("7"), true)]
#[case(json!("7"), json!("7"), false)]
#[case(json!(null), json!("7"), true)]
#[case(json!(""), json!("7"), true)]
fn a_stale_round_is_answered_as_usual_and_marked(
    #[case] ours: Value,
    #[case] stored: Value,
    #[case] is_stale: bool,
) {
    let body = tekton("Running", &[])
        .set("/request/object/metadata/resourceVersion", ours)
        .set("/request/oldObject/metadata/resourceVersion", stored)
        .body();
    let (decision, answer) = mutate(&body, &Policy::default());
    assert_eq!(decision.stale, is_stale);
    assert_eq!(decision.outcome, Outcome::Patched);
    assert!(answer.patch.is_some());
}

#[test]
fn a_version_spelled_in_another_way_is_the_same_version() {
    let body = String::from_utf8(tekton("Running", &[]).body()).unwrap();
    let spelled = body.replacen(
        "\"resourceVersion\":\"7\"",
        "\"resourceVersion\":\"\\u0037\"",
        1,
    );
    assert_ne!(body, spelled);
    assert!(!mutate(spelled.as_bytes(), &Policy::default()).0.stale);
}

#[rstest]
#[case::empty("")]
#[case::blank(" ")]
#[case::text("hello")]
#[case::number("7")]
#[case::null("null")]
#[case::list("[]")]
#[case::no_head("{}")]
#[case::cut_off(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1""#
)]
#[case::trailing(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1"}} {}"#
)]
#[case::v1beta1(
    r#"{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"1"}}"#
)]
#[case::other_kind(r#"{"apiVersion":"admission.k8s.io/v1","kind":"Status","request":{"uid":"1"}}"#)]
#[case::no_request(r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#)]
#[case::null_request(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}"#
)]
#[case::request_is_a_list(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]}"#
)]
#[case::no_uid(r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}"#)]
#[case::empty_uid(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":""}}"#
)]
#[case::null_uid(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":null}}"#
)]
#[case::uid_is_a_number(
    r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":7}}"#
)]
fn a_body_that_is_not_a_review_is_an_error_of_one_line(#[case] body: &str) {
    for webhook in Webhook::ALL {
        let error = judged(webhook, body.as_bytes(), &Policy::default(), now())
            .expect_err(body)
            .to_string();
        assert!(!error.is_empty() && !error.contains('\n'), "{error:?}");
    }
}

#[rstest]
#[case::ascii("x")]
#[case::escaped("\\u00e9")]
fn a_uid_of_more_than_256_bytes_is_an_error(#[case] character: &str) {
    let bytes = if character == "x" { 1 } else { 2 };
    let review = |uid: String| {
        format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"{uid}"}}}}"#
        )
    };
    let (longest, long) = (
        character.repeat(256 / bytes),
        character.repeat(256 / bytes + 1),
    );
    for webhook in Webhook::ALL {
        let judged = |uid: &str| {
            judged(
                webhook,
                review(uid.to_owned()).as_bytes(),
                &Policy::default(),
                now(),
            )
        };
        assert!(judged(&longest).is_ok());
        let error = judged(&long).unwrap_err().to_string();
        assert!(error.contains("at most 256"), "{error}");
    }
}

#[test]
fn the_last_of_two_equal_keys_wins_everywhere() {
    let body = String::from_utf8(tekton("Running", &[]).body()).unwrap();
    let twice = [
        (
            "\"phase\":\"Running\"",
            "\"phase\":\"Executing\",\"phase\":\"Running\"",
        ),
        ("\"conditions\":[]", "\"conditions\":7,\"conditions\":[]"),
        (
            "\"operation\":\"UPDATE\"",
            "\"operation\":\"DELETE\",\"operation\":\"UPDATE\"",
        ),
        (
            "\"subResource\":\"status\"",
            "\"subResource\":\"\",\"subResource\":\"status\"",
        ),
        (
            "\"status\":{\"conditions\"",
            "\"status\":7,\"status\":{\"conditions\"",
        ),
    ];
    for (once, doubled) in twice {
        assert!(body.contains(once), "{once}");
        let changed = body.replacen(once, doubled, 1).into_bytes();
        let (decision, answer) = mutate(&changed, &Policy::default());
        assert_eq!(decision.outcome, Outcome::Patched, "{doubled}");
        assert!(answer.patch.is_some());
        assert_eq!(
            validate(&changed, &Policy::default()).0.outcome,
            Outcome::Allowed,
            "{doubled}"
        );
    }
    let uid = body
        .replacen("\"uid\":\"705", "\"uid\":\"first\",\"uid\":\"705", 1)
        .into_bytes();
    assert_eq!(
        mutate(&uid, &Policy::default()).0.uid,
        "705ab4f5-6393-11e8-b7cc-42010a800002"
    );
}

#[test]
fn keys_may_be_spelled_with_escapes() {
    let body = String::from_utf8(tekton("Running", &[]).body()).unwrap();
    let escaped = body
        .replace("\"phase\"", "\"\\u0070hase\"")
        .replace("\"Running\"", "\"\\u0052unning\"");
    assert_eq!(
        mutate(escaped.as_bytes(), &Policy::default()).0.outcome,
        Outcome::Patched
    );
}

#[test]
fn what_no_rule_reads_may_be_nested_without_end() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = String::from_utf8(tekton("Running", &[]).body()).unwrap();
    for field in [
        "\"status\":{",
        "\"metadata\":{",
        "\"spec\":{",
        "\"request\":{",
    ] {
        let body = body
            .replacen(field, &format!("{field}\"deep\":{deep},"), 1)
            .into_bytes();
        assert_eq!(
            mutate(&body, &Policy::default()).0.outcome,
            Outcome::Patched
        );
        assert_eq!(
            validate(&body, &Policy::default()).0.outcome,
            Outcome::Allowed
        );
    }
}

#[rstest]
#[case::status("/request/object/status")]
#[case::phase("/request/object/status/phase")]
#[case::conditions("/request/object/status/conditions")]
#[case::details("/request/object/status/failureDetails")]
#[case::run("/request/object/status/pipelineRunRef")]
#[case::start("/request/object/status/startTime")]
#[case::observed("/request/object/status/observedGeneration")]
#[case::stored("/request/oldObject/status")]
#[case::stored_object("/request/oldObject")]
#[case::generation("/request/object/metadata/generation")]
#[case::version("/request/object/metadata/resourceVersion")]
#[case::user("/request/userInfo")]
#[case::groups("/request/userInfo/groups")]
#[case::dry_run("/request/dryRun")]
#[case::name("/request/name")]
fn what_a_rule_reads_may_be_nested_without_end_as_well(#[case] pointer: &str) {
    for (open, close) in [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("[{\"type\":", "}]"),
        ("{\"reason\":", "}"),
    ] {
        let deep = format!("{}7{}", open.repeat(50_000), close.repeat(50_000));
        let body = tekton("Running", &[]).set(pointer, json!("DEEP")).body();
        let body = String::from_utf8(body)
            .unwrap()
            .replace("\"DEEP\"", &deep)
            .into_bytes();
        mutate(&body, &Policy::default());
        validate(&body, &Policy::default());
    }
}

#[rstest]
#[case::status("/request/object/status")]
#[case::conditions("/request/object/status/conditions")]
#[case::details("/request/object/status/failureDetails")]
#[case::stored_object("/request/oldObject")]
#[case::metadata("/request/object/metadata")]
#[case::user("/request/userInfo")]
fn what_no_program_can_hold_is_a_value_like_any_other(#[case] pointer: &str) {
    for value in [
        "1e400",
        "-1e-400",
        "123456789012345678901234567890",
        "\"\\ud800\"",
    ] {
        let review = tekton("Running", &[json!("VALUE")]).set(pointer, json!("VALUE"));
        let body = String::from_utf8(review.body())
            .unwrap()
            .replace("\"VALUE\"", value);
        mutate(body.as_bytes(), &Policy::default());
        validate(body.as_bytes(), &Policy::default());
    }
}

#[test]
fn bytes_that_are_not_utf8_are_read_as_an_api_server_reads_them() {
    let name = json!("BYTES");
    for (pointer, is_admitted) in [
        ("/request/object/spec", true),
        ("/request/object/status/conditions/0/message", true),
        ("/request/object/status/conditions/0/unknown", true),
        ("/request/object/status/conditions/0/reason", false),
        ("/request/object/status/phase", false),
        ("/request/name", true),
    ] {
        let item = with(
            condition("TektonPipelineCreated", "True", "PipelineCreated"),
            "unknown",
            json!(""),
        );
        let review = tekton("Running", &[item]).set(pointer, name.clone());
        let body = review.body();
        let at = body
            .windows(5)
            .position(|window| window == b"BYTES")
            .unwrap();
        let mut bytes = body.clone();
        bytes.splice(at..at + 5, *b"a\xff\xc3(");
        let (decision, answer) = validate(&bytes, &Policy::default());
        assert_eq!(answer.allowed, is_admitted, "{pointer}");
        if pointer == "/request/name" {
            assert_eq!(decision.name, "a\u{fffd}\u{fffd}(");
        }
        mutate(&bytes, &Policy::default());
    }
}

#[rstest]
#[case("type")]
#[case("status")]
#[case("reason")]
#[case("message")]
#[case("lastTransitionTime")]
#[case("observedGeneration")]
fn a_field_of_a_condition_may_be_nested_without_end(#[case] field: &str) {
    let mut item = condition("TektonPipelineCreated", "True", "PipelineCreated");
    item[field] = json!("DEEP");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = tekton("Running", &[item]).body();
    let body = String::from_utf8(body)
        .unwrap()
        .replace("\"DEEP\"", &deep)
        .into_bytes();
    mutate(&body, &Policy::default());
    let (_, answer) = validate(&body, &Policy::default());
    assert_eq!(
        answer.causes[0].field,
        format!("status.conditions[0].{field}")
    );
}

#[test]
fn a_very_long_list_is_judged_in_full() {
    let items = vec![json!({"type": "A"}); 1_024];
    let body = tekton("Running", &items).body();
    let (decision, answer) = validate(&body, &Policy::default());
    assert_eq!(counted(&decision, "condition-shape"), 3 * 1_024);
    assert!(answer.causes.last().unwrap().message.contains("3023"));
    let twice = vec![condition("AuditRecorded", "True", "AuditSucceeded"); 1_024];
    let body = tekton("Running", &twice).body();
    let (decision, _) = validate(&body, &Policy::default());
    assert_eq!(counted(&decision, "condition-duplicate"), 1_023);
    assert_eq!(counted(&decision, "condition-missing"), 2);
    mutate(&body, &Policy::default());
    let own = vec![crate::reviews::own("AuditRecorded", "True", "AuditSucceeded"); 1_024];
    let body = tekton("Running", &own).body();
    assert_eq!(mutate(&body, &Policy::default()).0.changes.len(), 2 + 1_023);
}

/// How many findings of a rule a decision counts.
fn counted(decision: &Judged, rule: &str) -> usize {
    let of_rule = decision.findings.iter().filter(|it| it.rule.id() == rule);
    of_rule.count()
}

#[test]
fn a_list_beyond_the_longest_possible_one_is_one_fault_and_is_left_alone() {
    for item in ["{}", "0", "[]", "{\"type\":1}"] {
        let list = format!("[{item}{}]", format!(",{item}").repeat(1_024));
        let mut review = tekton("Running", &[]).body();
        review = String::from_utf8(review)
            .unwrap()
            .replacen("\"conditions\":[]", &format!("\"conditions\":{list}"), 1)
            .into_bytes();
        let (decision, answer) = validate(&review, &Policy::default());
        assert_eq!(counted(&decision, "condition-shape"), 1, "{item}");
        assert_eq!(answer.causes.len(), 1);
        assert_eq!(
            (
                answer.causes[0].field.as_str(),
                answer.causes[0].message.as_str()
            ),
            (
                "status.conditions",
                "Invalid value: a list of 1025 items: must be a list of at most 1024 conditions \
                 [condition-shape]"
            )
        );
        mutate(&review, &Policy::default());
    }
}
