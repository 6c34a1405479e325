//! `generation-ahead` and `transition-time`, which look at what is stored.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::policy::Policy;
use wfe_webhook::rules::{Action, Rule};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, findings, refused_under, tekton, validate, warned, with};

fn created() -> Value {
    condition("TektonPipelineCreated", "True", "PipelineCreated")
}

fn at_generation(item: &Value, number: u64) -> Value {
    with(item.clone(), "observedGeneration", json!(number))
}

fn at(time: &str) -> Value {
    with(created(), "lastTransitionTime", json!(time))
}

fn over(stored: &Value, written: &Value) -> Review {
    tekton("Running", std::slice::from_ref(written))
        .stored(json!({"phase": "Running", "conditions": [stored]}))
}

const AHEAD: &str = "generation-ahead";

#[rstest]
#[case(created())]
#[case(condition("Ready", "True", "Ready"))]
#[case(condition("example.com/Audited", "True", "Any"))]
#[case(condition("TektonPipelineRunning", "Unknown", "Any"))]
fn a_condition_is_never_ahead_of_its_object(#[case] item: Value) {
    for (generation, is_warned) in [(2, false), (3, false), (4, true)] {
        let review = tekton("Running", &[at_generation(&item, generation)]).generation(3);
        if is_warned {
            warned(&review, AHEAD, "status.conditions[0].observedGeneration");
        } else {
            admitted(&review);
        }
    }
}

#[test]
fn a_generation_that_is_stored_already_is_not_judged_again() {
    admitted(&over(
        &at_generation(&created(), 9),
        &at_generation(&created(), 9),
    ));
    let raised = over(
        &at_generation(&created(), 9),
        &at_generation(&created(), 10),
    );
    warned(&raised, AHEAD, "status.conditions[0].observedGeneration");
    let lowered = over(&at_generation(&created(), 9), &at_generation(&created(), 8));
    warned(&lowered, AHEAD, "status.conditions[0].observedGeneration");
    let added = over(&created(), &at_generation(&created(), 9));
    warned(&added, AHEAD, "status.conditions[0].observedGeneration");
}

#[test]
fn an_unknown_type_is_judged_for_generation_and_time_besides() {
    let item = with(
        at_generation(&condition("Nonsense", "True", "no_reason"), 2),
        "lastTransitionTime",
        json!("2030-01-01T00:00:00Z"),
    );
    let expected = [
        "condition-unknown-type status.conditions[0].type deny",
        "generation-ahead status.conditions[0].observedGeneration warn",
        "transition-time status.conditions[0].lastTransitionTime warn",
    ];
    assert_eq!(findings(&tekton("Running", &[item])), expected);
}

#[rstest]
#[case::same_text("2026-11-23T11:00:00Z", "2026-11-23T11:00:00Z")]
#[case::same_instant("2026-11-23T11:00:00Z", "2026-11-23T12:00:00.000+01:00")]
#[case::same_instant_far_ahead("2030-01-01T00:00:00Z", "2029-12-31T23:00:00-01:00")]
fn the_same_instant_is_not_a_move(#[case] stored: &str, #[case] written: &str) {
    admitted(&over(&at(stored), &at(written)));
}

#[rstest]
#[case::forward("2026-11-23T11:00:00Z", "2026-11-23T11:00:01Z")]
#[case::by_a_fraction("2026-11-23T11:00:00Z", "2026-11-23T11:00:00.000000001Z")]
#[case::back("2026-11-23T11:00:00Z", "2026-11-23T10:59:59Z")]
fn a_time_that_moves_without_the_status_is_warned_about(
    #[case] stored: &str,
    #[case] written: &str,
) {
    let review = over(&at(stored), &at(written));
    let expected = ["transition-time status.conditions[0].lastTransitionTime warn"];
    assert_eq!(findings(&review), expected);
    let body = review.body();
    let (_, answer) = validate(&body, &Policy::default());
    assert!(answer.allowed);
    assert_eq!(answer.warnings.len(), 1);
    assert!(
        answer.warnings[0].contains(&format!("{written:?}")),
        "{:?}",
        answer.warnings
    );
    let mut policy = Policy::default();
    policy.set_action(Rule::TransitionTime, Action::Deny);
    refused_under(
        &review,
        &policy,
        "transition-time",
        "status.conditions[0].lastTransitionTime",
        &[&format!("{written:?}")],
    );
}

#[rstest]
#[case::forward("2026-11-23T11:00:01Z", false)]
#[case::unmoved("2026-11-23T11:00:00Z", false)]
#[case::back("2026-11-23T10:59:59Z", true)]
#[case::just_ahead("2026-11-23T12:05:00Z", false)]
#[case::too_far_ahead("2026-11-23T12:05:00.1Z", true)]
fn a_time_that_moves_with_the_status_moves_forward_to_about_now(
    #[case] written: &str,
    #[case] is_warned: bool,
) {
    let stored = at("2026-11-23T11:00:00Z");
    let written = with(
        condition("TektonPipelineCreated", "False", "QuotaExceeded"),
        "lastTransitionTime",
        json!(written),
    );
    let review =
        tekton("Failed", &[written]).stored(json!({"phase": "Running", "conditions": [stored]}));
    assert_eq!(findings(&review).len(), usize::from(is_warned));
}

#[rstest]
#[case("2026-11-23T12:05:00Z", false)]
#[case("2026-11-23T12:05:01Z", true)]
#[case("1999-01-01T00:00:00Z", false)]
fn a_new_conditions_time_is_at_most_five_minutes_ahead(
    #[case] written: &str,
    #[case] is_warned: bool,
) {
    assert_eq!(
        findings(&tekton("Running", &[at(written)])).len(),
        usize::from(is_warned)
    );
}

#[test]
fn a_generation_is_not_judged_without_the_objects() {
    let review = tekton("Running", &[at_generation(&created(), 5)]);
    admitted(&review.without("/request/object/metadata/generation"));
}
