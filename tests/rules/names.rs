//! `condition-duplicate`, `condition-unknown-type`, and types of third parties.

use rstest::rstest;
use serde_json::{Value, json};
use wfe_webhook::policy::{Policy, VocabularyChoice};

use crate::reviews::condition;
use crate::verdicts::{admitted, findings, refused, refused_under, tekton, with};

#[test]
fn a_second_item_of_a_type_is_a_duplicate_and_nothing_else() {
    let first = condition("TektonPipelineCreated", "True", "PipelineCreated");
    let second = condition("TektonPipelineCreated", "False", "no_such_reason");
    refused(
        &tekton("Running", &[first, second]),
        "condition-duplicate",
        "status.conditions[1].type",
        &["\"TektonPipelineCreated\""],
    );
}

#[test]
fn an_unknown_type_twice_is_unknown_once_and_duplicate_once() {
    let item = condition("Nonsense", "True", "Any");
    let expected = [
        "condition-unknown-type status.conditions[0].type deny",
        "condition-duplicate status.conditions[1].type deny",
    ];
    assert_eq!(
        findings(&tekton("Running", &[item.clone(), item])),
        expected
    );
}

#[test]
fn types_that_differ_in_case_are_different_types() {
    let items = [
        condition("example.com/A", "True", "Any"),
        condition("example.com/a", "True", "Any"),
    ];
    admitted(&tekton("Running", &items));
}

#[rstest]
#[case("TektonPipelineCompleted", "TektonPipelineComplete")]
#[case("tektonpipelinecreated", "TektonPipelineCreated")]
#[case("PipelineComplete", "TektonPipelineComplete")]
#[case("PipelineRunCreated", "TektonPipelineCreated")]
#[case("Running", "TektonPipelineRunning")]
#[case("Completed", "TektonPipelineComplete")]
#[case("ResourceLockAcquired", "ResourceLocked")]
#[case("AuditRecoded", "AuditRecorded")]
fn an_unknown_type_is_refused_with_a_suggestion(#[case] written: &str, #[case] meant: &str) {
    refused(
        &tekton("Running", &[condition(written, "True", "PipelineStarted")]),
        "condition-unknown-type",
        "status.conditions[0].type",
        &[&format!("{written:?}"), &format!("{meant:?}")],
    );
}

#[rstest]
#[case(
    VocabularyChoice::Execution,
    "TektonPipelineCreated",
    "ExecutionCreated"
)]
#[case(
    VocabularyChoice::Execution,
    "TektonPipelineRunning",
    "ExecutionRunning"
)]
#[case(
    VocabularyChoice::Execution,
    "TektonPipelineComplete",
    "ExecutionComplete"
)]
#[case(VocabularyChoice::Tekton, "ExecutionCreated", "TektonPipelineCreated")]
#[case(
    VocabularyChoice::Tekton,
    "ExecutionComplete",
    "TektonPipelineComplete"
)]
fn a_type_of_the_other_vocabulary_is_answered_with_its_counterpart(
    #[case] vocabulary: VocabularyChoice,
    #[case] written: &str,
    #[case] meant: &str,
) {
    let mut policy = Policy::default();
    policy.vocabulary = vocabulary;
    refused_under(
        &tekton("Running", &[condition(written, "Unknown", "Any")]),
        &policy,
        "condition-unknown-type",
        "status.conditions[0].type",
        &[&format!("{written:?}"), &format!("{meant:?}")],
    );
}

#[rstest]
#[case("example.com/Audited")]
#[case("a/B")]
#[case("notkubernaut.ai/Audited")]
#[case("kubernaut.ai.example.com/Audited")]
fn third_parties_may_have_types_of_their_own(#[case] name: &str) {
    admitted(&tekton("Running", &[condition(name, "True", "AnyReason")]));
}

#[rstest]
#[case("kubernaut.ai/Audited")]
#[case("workflowexecution.kubernaut.ai/Audited")]
#[case("Example.com/Audited")]
#[case("example..com/Audited")]
#[case("-example.com/Audited")]
#[case("example.com-/Audited")]
#[case("example_x.com/Audited")]
#[case("example.com/a/b")]
#[case("/Audited")]
#[case("Custom")]
fn a_type_without_a_third_partys_domain_is_unknown(#[case] name: &str) {
    let review = tekton("Running", &[condition(name, "True", "AnyReason")]);
    refused(
        &review,
        "condition-unknown-type",
        "status.conditions[0].type",
        &[&format!("{name:?}")],
    );
}

#[test]
fn an_extra_type_is_admitted_with_any_reason_and_judged_for_the_rest() {
    let mut policy = Policy::default();
    policy.extra_types.push("Custom".to_owned());
    let custom = condition("Custom", "True", "AnyReason");
    let body = tekton("Running", std::slice::from_ref(&custom)).body();
    assert!(crate::verdicts::validate(&body, &policy).1.allowed);
    let faults: [(&str, Value, &str); 2] = [
        ("reason", json!("snake_case"), "reason-format"),
        ("status", json!("yes"), "condition-shape"),
    ];
    for (field, value, rule) in faults {
        let review = tekton("Running", &[with(custom.clone(), field, value)]);
        refused_under(
            &review,
            &policy,
            rule,
            &format!("status.conditions[0].{field}"),
            &[],
        );
    }
}
