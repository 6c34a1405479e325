//! The bounded labels of findings and conditions: what no table of the product has is `other`.

use crate::rules::{Finding, Place};
use crate::status::ConditionStatus;
use crate::vocabulary::{Phase, Vocabulary};

const OTHER: &str = "other";
/// No condition is concerned.
const NONE: &str = "none";

pub(super) fn condition_type(vocabulary: &Vocabulary, condition_type: &str) -> &'static str {
    vocabulary
        .term_of_type(condition_type)
        .map_or(OTHER, |term| term.condition_type)
}

pub(super) fn reason(
    vocabulary: &Vocabulary,
    condition_type: &str,
    status: ConditionStatus,
    reason: &str,
) -> &'static str {
    vocabulary
        .term_of_type(condition_type)
        .and_then(|term| term.reasons(status))
        .and_then(|reasons| reasons.iter().find(|known| **known == reason))
        .copied()
        .unwrap_or(OTHER)
}

/// The condition that a finding is about.
pub(super) fn condition(vocabulary: &Vocabulary, finding: &Finding<'_>) -> &'static str {
    match (finding.condition_type(), finding.place) {
        (Some(known), _) => condition_type(vocabulary, known),
        (None, Place::Item { .. }) => OTHER,
        (None, Place::Status(_)) => NONE,
    }
}

pub(super) fn phase(phase: Option<Phase>) -> &'static str {
    phase.map_or(OTHER, Phase::name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::admission::{Webhook, judge};
    use crate::metrics::Metrics;
    use crate::policy::Policy;
    use crate::review::Review;

    const CONDITION: &str = r#""lastTransitionTime":"2026-11-23T10:00:00Z","message":"""#;

    fn review(stored_phase: &str, status: &str) -> String {
        format!(
            r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"1",
            "resource":{{"group":"workflowexecution.kubernaut.ai","resource":"workflowexecutions"}},
            "subResource":"status","operation":"UPDATE","object":{{"status":{status}}},
            "oldObject":{{"status":{{"phase":"{stored_phase}"}}}}}}}}"#
        )
    }

    fn scrape_after(webhook: Webhook, body: &str) -> String {
        let metrics = Metrics::new(Metrics::log_lines_lost().unwrap()).unwrap();
        let review = Review::parse(body).unwrap();
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let policy = Policy::default();
        metrics.answered(&judge(webhook, &review, &policy, now), Duration::ZERO);
        metrics.encode(0).unwrap()
    }

    #[track_caller]
    fn assert_series(scrape: &str, expected: &[&str]) {
        for series in expected {
            let line = format!("\nwfe_webhook_{series}\n");
            assert!(scrape.contains(&line), "no {series} in {scrape}");
        }
    }

    #[test]
    fn names_that_no_table_has_are_other() {
        let status = format!(
            r#"{{"phase":"Failed","conditions":[
            {{"type":"Mine","status":"True","reason":"Mine",{CONDITION}}},
            {{"type":"TektonPipelineComplete","status":"False","reason":"mine",{CONDITION}}},
            {{"type":"example.com/Audited","status":"True","reason":"Secret",{CONDITION}}},
            1, 2]}}"#
        );
        let scrape = scrape_after(Webhook::Validate, &review("Zebra", &status));
        let finding = |rule: &str, condition: &str, count: u32| {
            format!(
                r#"findings_total{{action="deny",condition="{condition}",rule="{rule}"}} {count}"#
            )
        };
        assert_series(
            &scrape,
            &[
                &finding("condition-shape", "other", 2),
                &finding("condition-unknown-type", "other", 1),
                &finding("reason-format", "TektonPipelineComplete", 1),
            ],
        );
        assert!(!scrape.contains("Mine") && !scrape.contains("Secret"));
    }

    #[test]
    fn an_allowed_write_counts_what_changes() {
        let status = format!(
            r#"{{"phase":"Running","failureReason":"x","conditions":[
            {{"type":"TektonPipelineCreated","status":"True","reason":"PipelineCreated",{CONDITION}}},
            {{"type":"example.com/Audited","status":"False","reason":"Secret",{CONDITION}}}]}}"#
        );
        let scrape = scrape_after(Webhook::Validate, &review("Zebra", &status));
        assert_series(
            &scrape,
            &[
                r#"condition_transitions_total{condition="TektonPipelineCreated",reason="PipelineCreated",status="True"} 1"#,
                r#"condition_transitions_total{condition="other",reason="other",status="False"} 1"#,
                r#"phase_transitions_total{from="other",to="Running"} 1"#,
                r#"findings_total{action="audit",condition="TektonPipelineRunning",rule="condition-missing"} 1"#,
            ],
        );
        let scrape = scrape_after(Webhook::Mutate, &review("Pending", &status));
        assert_series(
            &scrape,
            &[
                r#"conditions_derived_total{change="add",condition="TektonPipelineRunning",reason="PipelineStarted",status="True"} 1"#,
                r#"admission_requests_total{dry_run="false",outcome="patched",webhook="mutate"} 1"#,
            ],
        );
    }
}
