//! Hostile values, in every kind of place of either object.

use rstest::rstest;
use test_support::judged::{Judged, findings, judged};
use wfe_webhook::admission::{Outcome, Webhook};
use wfe_webhook::policy::Policy;
use wfe_webhook::rules::Rule;

use crate::answers;
use crate::hostile::{Side, at, nested_lists, nested_objects, plain, replace, with_value};
use crate::oracle::now;

/// What a value is to a reader of conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    List,
    Object,
}
use Kind::{List, Number, Object, Text};

/// Places that no rule reads.
const IGNORED: &[&str] = &[
    "/spec",
    "/spec/targetResource",
    "/metadata/managedFields",
    "/status/unknown",
    "/status/conditions/0/unknown",
];

/// Places that are read, with the rule that a hostile text, number, list and object break there.
const READ: &[(&str, [&str; 4])] = &[
    ("/metadata/generation", [""; 4]),
    ("/status", ["phase-transition"; 4]),
    ("/status/phase", ["phase-unknown"; 4]),
    (
        "/status/failureDetails",
        ["", "", "", "failure-details-phase"],
    ),
    ("/status/skipDetails", ["", "", "", "skip-details-phase"]),
    ("/status/startTime", [""; 4]),
    ("/status/conditions", ["condition-shape"; 4]),
    ("/status/conditions/0", ["condition-shape"; 4]),
    (
        "/status/conditions/0/type",
        [
            "condition-unknown-type",
            "condition-shape",
            "condition-shape",
            "condition-shape",
        ],
    ),
    ("/status/conditions/0/status", ["condition-shape"; 4]),
    (
        "/status/conditions/0/reason",
        [
            "reason-format",
            "condition-shape",
            "condition-shape",
            "condition-shape",
        ],
    ),
    (
        "/status/conditions/0/message",
        ["", "condition-shape", "condition-shape", "condition-shape"],
    ),
    (
        "/status/conditions/0/lastTransitionTime",
        ["condition-shape"; 4],
    ),
    (
        "/status/conditions/0/observedGeneration",
        ["condition-shape"; 4],
    ),
];

pub fn ask(webhook: Webhook, body: &[u8]) -> Judged {
    let decision = judged(webhook, body, &Policy::default(), now())
        .unwrap_or_else(|error| panic!("{webhook:?}: {error}"));
    answers::read(webhook, &decision.answer, &decision.uid)
        .unwrap_or_else(|error| panic!("{webhook:?}: {error}"));
    decision
}

/// Rules that deny, and rules whose findings are inherited; what completion adds is no matter here.
pub fn rules(body: &[u8]) -> [Vec<&'static str>; 2] {
    let findings = findings(body, &Policy::default(), now()).unwrap();
    ["deny", "inherited"].map(|action| {
        let of_action = findings
            .iter()
            .filter(|it| it.action == action && it.rule != Rule::ConditionMissing);
        let mut rules: Vec<_> = of_action.map(|it| it.rule.id()).collect();
        rules.dedup();
        rules
    })
}

/// Asserts that the webhooks answer as if nothing hostile were there.
pub fn assert_unmoved(body: &[u8], at: &str) {
    let plain = plain().body();
    for webhook in Webhook::ALL {
        let (answer, expected) = (ask(webhook, body), ask(webhook, &plain));
        assert_eq!(answer.outcome, expected.outcome, "{webhook:?}, {at}");
        assert_eq!(answer.answer, expected.answer, "{webhook:?}, {at}");
    }
}

#[rstest]
#[case::lone_surrogate(Text, br#""\ud800""#.to_vec())]
#[case::surrogates_the_wrong_way_round(Text, br#""\udc00\ud800x""#.to_vec())]
#[case::beyond_i64(Number, b"9223372036854775808".to_vec())]
#[case::beyond_u64(Number, b"-99999999999999999999999999".to_vec())]
#[case::beyond_f64(Number, b"1e400".to_vec())]
#[case::far_beyond_f64(Number, [&b"-0.1e"[..], &[b'9'; 1000]].concat())]
#[case::nested_lists(List, nested_lists(100_000))]
#[case::nested_objects(Object, nested_objects(100_000))]
fn a_hostile_value_is_ignored_or_judged_as_what_it_is(#[case] kind: Kind, #[case] value: Vec<u8>) {
    for place in IGNORED {
        for side in Side::ALL {
            assert_unmoved(&with_value(side, place, &value), place);
        }
    }
    for (place, rules_of) in READ {
        let rule = rules_of[kind as usize];
        let expected: Vec<&str> = Some(rule)
            .filter(|rule| !rule.is_empty())
            .into_iter()
            .collect();
        let written = with_value(Side::Written, place, &value);
        ask(Webhook::Mutate, &written);
        let refused = ask(Webhook::Validate, &written).outcome == Outcome::Denied;
        assert_eq!(refused, !expected.is_empty(), "{place}");
        assert_eq!(rules(&written), [expected.clone(), vec![]], "{place}");

        let stored = with_value(Side::Stored, place, &value);
        assert_eq!(
            ask(Webhook::Mutate, &stored).outcome,
            Outcome::Patched,
            "{place}"
        );
        assert_eq!(
            ask(Webhook::Validate, &stored).outcome,
            Outcome::Allowed,
            "{place}"
        );
        assert_eq!(rules(&stored), [[""; 0]; 2], "{place}");

        // What is stored already is inherited, save where both are as empty.
        let both = with_value(Side::Both, place, &value);
        ask(Webhook::Mutate, &both);
        assert_eq!(
            ask(Webhook::Validate, &both).outcome,
            Outcome::Allowed,
            "{place}"
        );
        let inherited = if rule == "phase-transition" {
            vec![]
        } else {
            expected
        };
        assert_eq!(rules(&both), [vec![], inherited], "{place}");
    }
}

#[rstest]
#[case::lone_surrogate(br#""\ud800""#.to_vec())]
#[case::beyond_f64(b"1e400".to_vec())]
#[case::nested_lists(nested_lists(100_000))]
#[case::nested_objects(nested_objects(100_000))]
fn a_hostile_value_around_the_objects_changes_no_verdict(#[case] value: Vec<u8>) {
    for pointer in [
        "/unknown",
        "/request/unknown",
        "/request/options",
        "/request/dryRun",
        "/request/name",
        "/request/userInfo/username",
        "/request/userInfo/groups",
        "/request/userInfo/extra",
    ] {
        assert_unmoved(&at(&[pointer], &value), pointer);
    }
}

#[rstest]
#[case(
    "/kind",
    "expected apiVersion admission.k8s.io/v1 and kind AdmissionReview"
)]
#[case(
    "/apiVersion",
    "expected apiVersion admission.k8s.io/v1 and kind AdmissionReview"
)]
#[case("/request/uid", "the request has no uid")]
fn without_what_a_review_needs_it_is_refused(#[case] pointer: &str, #[case] refusal: &str) {
    for value in [
        b"1e400".to_vec(),
        nested_lists(100_000),
        nested_objects(100_000),
    ] {
        assert_refused(&at(&[pointer], &value), refusal);
    }
}

fn assert_refused(body: &[u8], refusal: &str) {
    for webhook in Webhook::ALL {
        let error = judged(webhook, body, &Policy::default(), now()).unwrap_err();
        let said = error.to_string();
        assert!(said.contains(refusal), "{webhook:?}: {said}");
        assert!(answers::is_printable(&said) && said.len() < 200, "{said:?}");
    }
}

#[test]
fn what_is_not_valid_json_is_refused() {
    let refusal = "the body is not valid JSON";
    for body in [
        &b""[..],
        b"\xef\xbb\xbf{}",
        b"{\"request\":\xff}",
        b"{\"a\":01}",
        b"{\"a\":.5}",
        b"{\"a\":1.}",
        b"{\"a\":+1}",
        b"{\"a\":0x10}",
        b"{\"a\":NaN}",
        b"{\"a\":\"\\x\"}",
        b"{\"a\":\"\\ud8\"}",
        b"{\"a\":\"\n\"}",
        b"{\"a\":1,}",
        b"{\"a\":[1,]}",
        b"{'a':1}",
        b"{\"a\":1}{",
        b"{\"a\":1} x",
    ] {
        assert_refused(body, refusal);
    }
    for body in [
        vec![b'['; 3 << 20],
        br#"{"a":"#.repeat(1 << 19),
        [b"\"".to_vec(), vec![b'x'; 3 << 20]].concat(),
        nested_lists(100_000)[1..].to_vec(),
    ] {
        assert_refused(&body, refusal);
    }
    for body in [nested_lists(100_000), nested_objects(100_000)] {
        assert_refused(&body, "expected apiVersion");
    }
}

#[test]
fn bytes_that_are_no_text_are_read_as_an_api_server_reads_them() {
    let (bytes, read) = (b"\"\xff\xfe\"", "\"\u{fffd}\u{fffd}\"".as_bytes());
    for side in Side::ALL {
        for place in IGNORED {
            assert_unmoved(&with_value(side, place, bytes), place);
        }
        for (place, _) in READ {
            let [found, expected] = [&bytes[..], read].map(|value| {
                let body = with_value(side, place, value);
                let answers = Webhook::ALL.map(|webhook| ask(webhook, &body).answer);
                (answers, rules(&body))
            });
            assert_eq!(found, expected, "{place}");
        }
    }
}

#[test]
fn a_key_may_be_any_bytes() {
    for key in [&b"\"\xff\""[..], br#""\ud800""#, br#""\u0000""#] {
        for pointer in [
            "/~key",
            "/request/~key",
            "/request/object/~key",
            "/request/object/spec/~key",
            "/request/object/status/~key",
            "/request/object/status/conditions/0/~key",
            "/request/oldObject/status/~key",
        ] {
            let body = plain().set(pointer, 1.into()).body();
            assert_unmoved(&replace(&body, b"\"~key\"", key), pointer);
        }
    }
}
