//! Section 2: which names an object is judged by.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::policy::{Policy, VocabularyChoice};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, findings, findings_under, mutate};

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
#[case::both(json!({"executionRef": {}, "pipelineRunRef": {"name": "run-1"}}))]
fn what_only_todays_kubernaut_writes_makes_it_execution(#[case] fields: Value) {
    assert_eq!(derived(&running(fields), VocabularyChoice::Auto), EXECUTION);
}

#[rstest]
#[case::run_ref(json!({"pipelineRunRef": {"name": "run-1"}}))]
#[case::empty_ref(json!({"pipelineRunRef": {}}))]
#[case::run_status(json!({"pipelineRunStatus": {"status": "Unknown"}}))]
#[case::skip_details(json!({"skipDetails": {}}))]
#[case::type_lock(json!({"conditions": [condition("ResourceLocked", "False", "ResourceAvailable")]}))]
fn what_only_the_former_kubernaut_writes_makes_it_tekton(#[case] fields: Value) {
    assert_eq!(derived(&running(fields), VocabularyChoice::Auto), TEKTON);
}

#[rstest]
#[case::nothing(json!({}))]
#[case::start(json!({"startTime": "2026-11-23T11:00:00Z"}))]
#[case::nulls(json!({"executionRef": null, "observedGeneration": null, "pipelineRunRef": null}))]
#[case::no_objects(json!({"executionRef": "run-1", "executionStatus": [], "pipelineRunRef": 7}))]
#[case::common_type(json!({"conditions": [condition("AuditRecorded", "True", "AuditSucceeded")]}))]
#[case::third_party(json!({"conditions": [condition("example.com/Ready", "True", "Any")]}))]
fn where_nothing_speaks_it_is_judged_by_tekton_and_nothing_is_completed(#[case] fields: Value) {
    let review = running(fields);
    assert_eq!(derived(&review, VocabularyChoice::Auto), Vec::<&str>::new());
    assert_eq!(findings(&review), Vec::<String>::new());
    let skipped = Review::execution().status(json!({"phase": "Skipped"}));
    assert_eq!(
        findings(&skipped),
        ["skip-details-phase status.skipDetails deny"]
    );
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
fn the_stored_status_does_not_speak() {
    let review = running(json!({})).stored(json!({"executionRef": {"name": "run-1"}}));
    assert_eq!(derived(&review, VocabularyChoice::Auto), Vec::<&str>::new());
}

#[test]
fn a_pinned_vocabulary_asks_nobody() {
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
    let review = Review::execution().stored(stored.clone()).status(json!({
        "phase": "Skipped", "skipDetails": {}, "observedGeneration": 1,
    }));
    assert_eq!(findings(&review), ["phase-unknown status.phase inherited"]);
    let moved = Review::execution()
        .stored(stored)
        .status(json!({"phase": "Failed", "observedGeneration": 1}));
    assert_eq!(findings(&moved), Vec::<String>::new());
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
