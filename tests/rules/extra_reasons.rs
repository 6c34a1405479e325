//! `--extra-reason`: a kubernaut that is newer than the webhook.

use rstest::rstest;
use wfe_webhook::policy::Policy;

use crate::reviews::condition;
use crate::verdicts::{execution, findings_under, refused_under, tekton};

fn policy(condition_type: &str) -> Policy {
    let mut policy = Policy::default();
    let extra = (condition_type.to_owned(), "NodeLost".to_owned());
    policy.extra_reasons.push(extra);
    policy
}

#[rstest]
#[case("ExecutionRunning", "True", true)]
#[case("ExecutionRunning", "False", true)]
#[case("AuditRecorded", "False", true)]
#[case("Ready", "True", false)]
fn an_extra_reason_is_allowed_for_its_type_in_both_statuses(
    #[case] condition_type: &str,
    #[case] status: &str,
    #[case] is_extra: bool,
) {
    let review = execution("Running", &[condition(condition_type, status, "NodeLost")]);
    let extra_type = if is_extra {
        condition_type
    } else {
        "AuditRecorded"
    };
    let expected: &[&str] = if is_extra {
        &[]
    } else {
        &["reason-not-allowed status.conditions[0].reason deny"]
    };
    assert_eq!(findings_under(&review, &policy(extra_type)), expected);
}

#[test]
fn it_is_listed_and_suggested_where_another_reason_is_refused() {
    let review = tekton(
        "Failed",
        &[condition("TektonPipelineComplete", "False", "NodeLoss")],
    );
    refused_under(
        &review,
        &policy("TektonPipelineComplete"),
        "reason-not-allowed",
        "status.conditions[0].reason",
        &["Unknown or NodeLost", "did you mean \"NodeLost\"?"],
    );
}
