//! The limits of section 8, and text that shows what it is.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::judged::{findings, judged};
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::{Mode, Policy};

use crate::answers::{self, Answer, is_printable};
use crate::completed::NOW;
use crate::reviews::{Review, condition};

fn validate(review: &Review, policy: &Policy) -> Answer {
    validate_body(&review.body(), policy)
}

fn validate_body(body: &[u8], policy: &Policy) -> Answer {
    let decision = judged(Webhook::Validate, body, policy, NOW.parse().unwrap()).unwrap();
    answers::read(Webhook::Validate, &decision.answer, &decision.uid).unwrap()
}

fn unknown_types(count: usize) -> Review {
    let items: Vec<Value> = (0..count)
        .map(|at| condition(&format!("Nonsense{at}"), "True", "Any"))
        .collect();
    Review::tekton().status(json!({"phase": "Running", "conditions": items}))
}

#[rstest]
#[case(1, 1)]
#[case(49, 49)]
#[case(50, 50)]
#[case(51, 50)]
#[case(1000, 50)]
fn there_are_at_most_fifty_causes_and_the_last_sums_up_the_rest(
    #[case] faults: usize,
    #[case] causes: usize,
) {
    let answer = validate(&unknown_types(faults), &Policy::default());
    assert_eq!(answer.causes.len(), causes);
    let last = answer.causes.last().unwrap();
    assert_eq!(
        last.field,
        format!("status.conditions[{}].type", causes - 1)
    );
    let says = if faults > 50 {
        format!("{} more findings", faults - 49)
    } else {
        format!("\"Nonsense{}\"", faults - 1)
    };
    assert!(last.message.contains(&says), "{last:?}");
    for cause in &answer.causes {
        assert!(
            cause.message.ends_with("[condition-unknown-type]"),
            "{cause:?}"
        );
    }
}

#[test]
fn the_message_of_many_faults_keeps_to_four_kib_and_counts_the_rest() {
    let answer = validate(&unknown_types(1000), &Policy::default());
    assert!(answer.message.len() <= 4096);
    assert!(answer.message.contains("more"), "{:?}", answer.message);
    let annotation = answer.annotation("findings").unwrap();
    assert!(
        annotation.len() <= 8192 && annotation.len() > 4096,
        "{}",
        annotation.len()
    );
}

#[test]
fn many_warnings_are_summed_up_in_a_last_line() {
    let mut policy = Policy::default();
    policy.mode = Mode::Warn;
    let answer = validate(&unknown_types(1000), &policy);
    assert!(answer.allowed && answer.warnings.len() > 10);
    assert!(
        answer.warnings.last().unwrap().contains("more"),
        "{:?}",
        answer.warnings.last()
    );
    let few = validate(&unknown_types(3), &policy);
    assert_eq!(few.warnings.len(), 3);
}

/// 300 faults with names so short that their warnings would fit, behind so many inherited ones that not all are kept.
fn behind_inherited_ones() -> Review {
    let items = |name: &str, count| -> Vec<Value> {
        (0..count)
            .map(|at| condition(&format!("{name}{at}"), "True", "Any"))
            .collect()
    };
    let stored = items("Stored", 600);
    let all = [stored.clone(), items("Z", 300)].concat();
    Review::tekton()
        .status(json!({"phase": "Pending", "conditions": all}))
        .stored(json!({"phase": "Pending", "conditions": stored}))
}

#[test]
fn warnings_that_are_not_kept_are_summed_up_too() {
    let mut policy = Policy::default();
    policy.mode = Mode::Warn;
    let warnings = validate(&behind_inherited_ones(), &policy).warnings;
    let (last, lines) = warnings.split_last().unwrap();
    assert!(lines[0].starts_with("status.conditions[600].type: "));
    let rest = 300 - lines.len();
    assert_eq!(*last, format!("{rest} more findings, not shown here"));
    assert!(warnings.iter().map(String::len).sum::<usize>() < 4096);
}

#[test]
fn the_first_fifty_denied_findings_are_shown_wherever_they_stand() {
    let causes = validate(&behind_inherited_ones(), &Policy::default()).causes;
    let fields: Vec<_> = causes.iter().map(|cause| cause.field.clone()).collect();
    let expected: Vec<_> = (600..650)
        .map(|index| format!("status.conditions[{index}].type"))
        .collect();
    assert_eq!(fields, expected);
}

#[test]
fn a_warning_fits_into_one_short_line_where_possible() {
    let mut policy = Policy::default();
    policy.mode = Mode::Warn;
    let status = json!({
        "phase": "Pending", "failureDetails": {}, "conditions": [
            condition("Nonsense", "True", "Any"), condition("AuditRecorded", "True", "bad_reason"),
        ],
    });
    for warning in validate(&Review::tekton().status(status), &policy).warnings {
        assert!(warning.chars().count() <= 120, "{warning:?}");
    }
}

#[test]
fn a_long_value_is_quoted_and_cut() {
    let long = "x".repeat(300);
    let review = Review::tekton()
        .status(json!({"phase": "Running", "conditions": [condition(&long, "True", "Any")]}));
    let cause = validate(&review, &Policy::default()).causes.remove(0);
    assert!(cause.message.contains(&"x".repeat(32)), "{cause:?}");
    assert!(!cause.message.contains(&"x".repeat(65)), "{cause:?}");
}

#[rstest]
#[case("7", "7")]
#[case("true", "true")]
#[case("[1,2]", r#""[1,2]""#)]
#[case(r#"{"a":1}"#, r#""{\"a\":1}""#)]
#[case(&"1".repeat(64), &"1".repeat(64))]
#[case(&"1".repeat(65), &format!("\"{}\"...", "1".repeat(64)))]
fn a_value_that_is_not_a_string_is_shown_as_received(#[case] json: &str, #[case] shown: &str) {
    let item = condition("AuditRecorded", "PLACE", "AuditSucceeded");
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": [item]}));
    let body = String::from_utf8(review.body())
        .unwrap()
        .replace("\"PLACE\"", json);
    let cause = validate_body(body.as_bytes(), &Policy::default())
        .causes
        .remove(0);
    let start = format!("Invalid value: {shown}: must be ");
    assert!(cause.message.starts_with(&start), "{cause:?}");
}

#[rstest]
#[case("\u{0}")]
#[case("\u{1b}[31m")]
#[case("\n")]
#[case("\u{7f}")]
#[case("\u{85}")]
#[case("\u{9b}")]
#[case("\u{200b}")]
#[case("\u{200f}")]
#[case("\u{202e}")]
#[case("\u{2028}")]
#[case("\u{2066}")]
#[case("\u{feff}")]
#[case("\u{ad}")]
fn nothing_unprintable_leaves_the_server(#[case] text: &str) {
    let name = format!("Tekton{text}PipelineCreated");
    let status = json!({"phase": name, "conditions": [
        condition(&name, "True", &name), condition("AuditRecorded", "True", &name),
        {"type": "AuditRecorded", "status": name, "reason": "A", "lastTransitionTime": name},
    ]});
    let review = Review::tekton().status(status);
    for mode in [Mode::Enforce, Mode::Warn, Mode::Audit] {
        let mut policy = Policy::default();
        policy.mode = mode;
        validate(&review, &policy);
        for finding in findings(&review.body(), &policy, NOW.parse().unwrap()).unwrap() {
            assert!(
                is_printable(&finding.message) && is_printable(&finding.path),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn a_value_cannot_pose_as_a_rule_or_a_line() {
    let name = "x\" is fine [phase-conflict]";
    let review = Review::tekton()
        .status(json!({"phase": "Running", "conditions": [condition(name, "True", "Any")]}));
    let cause = validate(&review, &Policy::default()).causes.remove(0);
    assert!(
        cause.message.ends_with("[condition-unknown-type]"),
        "{cause:?}"
    );
    assert!(!cause.message.contains("x\" is fine"), "{cause:?}");
}

#[test]
fn suggestions_are_looked_for_in_the_first_fifty_findings() {
    let mut items: Vec<Value> = (0..51)
        .map(|at| condition(&format!("Z{at}"), "True", "Any"))
        .collect();
    for at in [49, 50] {
        items[at] = condition(&format!("AuditRecorded{at}"), "True", "Any");
    }
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": items}));
    let mut policy = Policy::default();
    policy.mode = Mode::Warn;
    let warnings = validate(&review, &policy).warnings;
    let suggesting: Vec<_> = (0..51)
        .filter(|at| warnings[*at].contains("did you mean \"AuditRecorded\"?"))
        .collect();
    assert_eq!(suggesting, [49]);
}

#[test]
fn the_derived_annotation_lists_type_status_and_reason() {
    let body = Review::tekton()
        .status(json!({"phase": "Completed"}))
        .body();
    let decision = judged(
        Webhook::Mutate,
        &body,
        &Policy::default(),
        NOW.parse().unwrap(),
    )
    .unwrap();
    let answer = answers::read(Webhook::Mutate, &decision.answer, &decision.uid).unwrap();
    let derived = answer.annotation("derived").unwrap();
    for said in [
        "TektonPipelineCreated=True/PipelineCreated",
        "TektonPipelineRunning=True/PipelineStarted",
        "TektonPipelineComplete=True/PipelineSucceeded",
    ] {
        assert!(derived.contains(said), "{derived:?}");
    }
}

#[test]
fn an_escaped_uid_comes_back_as_it_was() {
    let uid = "a\"b\\c\u{1}\u{2028}é";
    let body = Review::tekton()
        .status(json!({"phase": "Running"}))
        .set("/request/uid", json!(uid))
        .body();
    for webhook in Webhook::ALL {
        let decision = judged(webhook, &body, &Policy::default(), NOW.parse().unwrap()).unwrap();
        answers::read(webhook, &decision.answer, uid).unwrap();
    }
}
