//! Section 2: which names an object is judged by.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::policy::{Policy, VocabularyChoice};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, findings, findings_under, mutate, refused};

/// The types that completion adds to a status, which tell the vocabulary that it was judged by.
fn derived(review: &Review, choice: VocabularyChoice) -> Vec<&'static str> {
    let mut policy = Policy::default();
    policy.vocabulary = choice;
    let body = review.body();
    mutate(&body, &policy)
        .0
        .changes
        .iter()
        .map(|it| it.condition)
        .collect()
}

fn running(mut fields: Value) -> Review {
    fields["phase"] = json!("Running");
    Review::execution().status(fields)
}

const TEKTON: [&str; 2] = ["TektonPipelineCreated", "TektonPipelineRunning"];
const EXECUTION: [&str; 2] = ["ExecutionCreated", "ExecutionRunning"];

#[rstest]
#[case::execution_ref(json!({"executionRef": {"name": "run-1"}}))]
#[case::empty_ref(json!({"executionRef": {}}))]
#[case::execution_status(json!({"executionStatus": {"status": "Unknown"}}))]
#[case::generation(json!({"observedGeneration": 1}))]
#[case::type_ready(json!({"conditions": [condition("Ready", "Unknown", "Any")]}))]
#[case::type_token(json!({"conditions": [condition("TokenTTLInsufficient", "True", "TokenTTLShortened")]}))]
fn fields_and_types_of_execution_make_it_execution(#[case] fields: Value) {
    assert_eq!(derived(&running(fields), VocabularyChoice::Auto), EXECUTION);
}

#[rstest]
#[case::run_ref(json!({"pipelineRunRef": {"name": "run-1"}}))]
#[case::empty_ref(json!({"pipelineRunRef": {}}))]
#[case::run_status(json!({"pipelineRunStatus": {"status": "Unknown"}}))]
#[case::skip_details(json!({"skipDetails": {}}))]
#[case::type_lock(json!({"conditions": [condition("ResourceLocked", "False", "ResourceAvailable")]}))]
fn fields_and_types_of_tekton_make_it_tekton(#[case] fields: Value) {
    assert_eq!(derived(&running(fields), VocabularyChoice::Auto), TEKTON);
}

#[rstest]
#[case::nothing(json!({}))]
#[case::start(json!({"startTime": "2026-11-23T11:00:00Z"}))]
#[case::nulls(json!({"executionRef": null, "observedGeneration": null, "pipelineRunRef": null}))]
#[case::no_objects(json!({"executionRef": "run-1", "executionStatus": [], "pipelineRunRef": 7}))]
#[case::common_type(json!({"conditions": [condition("AuditRecorded", "True", "AuditSucceeded")]}))]
#[case::third_party(json!({"conditions": [condition("example.com/Ready", "True", "Any")]}))]
fn without_a_sign_it_is_judged_by_tekton_and_nothing_is_completed(#[case] fields: Value) {
    let review = running(fields);
    assert_eq!(derived(&review, VocabularyChoice::Auto), Vec::<&str>::new());
    assert_eq!(findings(&review), Vec::<String>::new());
}

#[test]
fn the_former_group_is_always_tekton() {
    let fields =
        json!({"phase": "Running", "executionRef": {"name": "run-1"}, "observedGeneration": 1});
    assert_eq!(
        derived(&Review::tekton().status(fields), VocabularyChoice::Auto),
        TEKTON
    );
}

#[test]
fn the_stored_status_is_no_sign() {
    let review = running(json!({})).stored(json!({"executionRef": {"name": "run-1"}}));
    assert_eq!(derived(&review, VocabularyChoice::Auto), Vec::<&str>::new());
}

#[test]
fn a_pinned_vocabulary_needs_no_sign() {
    for review in [
        running(json!({})),
        running(json!({"pipelineRunRef": {}})),
        running(json!({"executionRef": {}})),
    ] {
        assert_eq!(derived(&review, VocabularyChoice::Tekton), TEKTON);
        assert_eq!(derived(&review, VocabularyChoice::Execution), EXECUTION);
    }
}

#[test]
fn under_auto_the_other_vocabularys_types_are_extra_types() {
    let tekton = condition("TektonPipelineComplete", "True", "AnyReason");
    admitted(&running(
        json!({"executionRef": {}, "conditions": [tekton]}),
    ));
    let execution = condition("ExecutionComplete", "True", "AnyReason");
    admitted(&Review::tekton().status(json!({"phase": "Running", "conditions": [execution]})));
    let bad = condition("ExecutionComplete", "True", "bad_reason");
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": [bad]}));
    assert_eq!(
        findings(&review),
        ["reason-format status.conditions[0].reason deny"]
    );
    let mut pinned = Policy::default();
    pinned.vocabulary = VocabularyChoice::Tekton;
    assert_eq!(
        findings_under(&review, &pinned),
        ["condition-unknown-type status.conditions[0].type deny"]
    );
}

#[test]
fn a_stored_status_is_judged_by_the_vocabulary_of_the_write() {
    let stored = json!({"phase": "Skipped", "skipDetails": {}});
    let review = Review::execution().stored(stored).status(json!({
        "phase": "Skipped", "skipDetails": {}, "executionRef": {},
    }));
    assert_eq!(findings(&review), ["phase-unknown status.phase inherited"]);
}

#[rstest]
#[case::skipped("Skipped", "Running", true)]
#[case::skipped_then_failed("Skipped", "Failed", true)]
#[case::completed("Completed", "Running", true)]
#[case::running("Running", "Completed", false)]
#[case::unknown("Executing", "Running", false)]
fn a_stored_phase_of_the_other_vocabulary_is_final(
    #[case] stored: &str,
    #[case] written: &str,
    #[case] is_refused: bool,
) {
    for sign in [
        json!({"observedGeneration": 1}),
        json!({"executionRef": {}}),
    ] {
        let mut status = sign;
        status["phase"] = json!(written);
        let review = Review::execution()
            .stored(json!({"phase": stored, "skipDetails": {}}))
            .status(status);
        if is_refused {
            refused(
                &review,
                "phase-transition",
                "status.phase",
                &[stored, written],
            );
        } else {
            admitted(&review);
        }
    }
}

/// The signs of a vocabulary, the strongest first, each with the types that are derived by it.
fn signs() -> Vec<(Value, [&'static str; 2])> {
    let of_type = |name: &str| json!([condition(name, "Unknown", "Any")]);
    vec![
        (json!({"executionRef": {}}), EXECUTION),
        (json!({"executionStatus": {}}), EXECUTION),
        (json!({"pipelineRunRef": {}}), TEKTON),
        (json!({"pipelineRunStatus": {}}), TEKTON),
        (json!({"skipDetails": {}}), TEKTON),
        (json!({"conditions": of_type("Ready")}), EXECUTION),
        (json!({"conditions": of_type("ResourceLocked")}), TEKTON),
        (json!({"observedGeneration": 1}), EXECUTION),
    ]
}

#[test]
fn the_first_sign_that_holds_decides() {
    let signs = signs();
    for (at, (stronger, types)) in signs.iter().enumerate() {
        for (weaker, _) in &signs[at..] {
            let mut fields = weaker.clone();
            let mut conditions = Vec::new();
            for sign in [stronger, weaker] {
                conditions.extend(sign["conditions"].as_array().cloned().unwrap_or_default());
                for (name, value) in sign.as_object().unwrap() {
                    fields[name] = value.clone();
                }
            }
            fields["conditions"] = json!(conditions);
            let derived = derived(&running(fields.clone()), VocabularyChoice::Auto);
            assert_eq!(derived, types, "{fields}");
        }
    }
}

#[test]
fn the_phase_skipped_is_a_sign_of_tekton() {
    let review = Review::execution()
        .status(json!({"phase": "Skipped", "observedGeneration": 1, "skipDetails": {}}));
    admitted(&review);
    let without_details =
        Review::execution().status(json!({"phase": "Skipped", "observedGeneration": 1}));
    refused(
        &without_details,
        "skip-details-phase",
        "status.skipDetails",
        &["Skipped"],
    );
}

#[rstest]
#[case(json!({"pipelineRunRef": {"name": "run-1"}}), true)]
#[case(json!({"executionRef": {"name": "run-1"}}), true)]
#[case(json!({"executionRef": {"name": ""}}), false)]
#[case(json!({"executionRef": {"name": 7}}), false)]
#[case(json!({"startTime": "2026-11-23T11:00:00Z"}), true)]
#[case(json!({"startTime": ""}), false)]
#[case(json!({"startTime": 7}), false)]
fn both_names_of_a_field_are_read_in_either_vocabulary(
    #[case] fields: Value,
    #[case] was_created: bool,
) {
    for (choice, created) in [
        (VocabularyChoice::Tekton, "TektonPipelineCreated"),
        (VocabularyChoice::Execution, "ExecutionCreated"),
    ] {
        let mut status = fields.clone();
        status["phase"] = json!("Failed");
        let review = Review::execution().status(status);
        assert_eq!(derived(&review, choice).contains(&created), was_created);
    }
}

#[rstest]
#[case("Started", false)]
#[case("PipelineRunPending", false)]
#[case("ResolvingPipelineRef", false)]
#[case("ResolvingTaskRef", false)]
#[case("Running", true)]
#[case("PipelineRunStopping", true)]
#[case("started", true)]
#[case("", true)]
fn a_run_that_waits_is_not_running(#[case] reason: &str, #[case] runs: bool) {
    for field in ["pipelineRunStatus", "executionStatus"] {
        for (choice, running) in [
            (VocabularyChoice::Tekton, "TektonPipelineRunning"),
            (VocabularyChoice::Execution, "ExecutionRunning"),
        ] {
            let status =
                json!({"phase": "Running", field: {"status": "Unknown", "reason": reason}});
            let review = Review::execution().status(status);
            assert_eq!(
                derived(&review, choice).contains(&running),
                runs,
                "{field} {reason}"
            );
        }
    }
}
