use std::sync::Arc;

use jiff::Timestamp;

use crate::admission::Judgement;
use crate::answer;
use crate::dns;
use crate::review::{Identity, Review};
use crate::rules::{Action, Rule};

/// The longest message of an Event, in bytes.
const MAX_MESSAGE: usize = 1024;

/// An object that Events can be about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) api_version: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) uid: String,
}

impl Object {
    /// `None` where the review has names that no object can have: it is not from an API server, and the names would come
    /// into a path of one.
    fn of(review: &Review<'_>, body: &str) -> Option<Self> {
        let Identity { version, uid } = Identity::read(body)?;
        let is_possible = dns::is_label_name(&review.namespace)
            && dns::is_object_name(&review.name)
            && dns::is_label_name(&version)
            && dns::is_label_name(&uid);
        is_possible.then(|| Self {
            api_version: format!("{}/{version}", review.group),
            namespace: review.namespace.to_string(),
            name: review.name.to_string(),
            uid: uid.into_owned(),
        })
    }
}

/// A rule that refused a write, or warned of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) object: Arc<Object>,
    pub(super) rule: Rule,
    pub(super) message: String,
    pub(super) at: Timestamp,
}

/// Gives what a judgement has to tell, once for each rule: its first finding. A dry run has nothing to tell. `None`
/// stands for something that cannot be told.
pub(super) fn each(
    judgement: &Judgement<'_>,
    body: &str,
    at: Timestamp,
    mut tell: impl FnMut(Option<Occurrence>),
) {
    let Some(subject) = judgement.subject.as_ref() else {
        return;
    };
    if judgement.review.dry_run {
        return;
    }
    let mut object = None;
    let mut rules = Vec::new();
    for judged in &judgement.findings {
        let rule = judged.finding.rule();
        if rules.contains(&rule) {
            continue;
        }
        let Some(line) = answer::line(subject, judged) else {
            continue;
        };
        rules.push(rule);
        let object = object.get_or_insert_with(|| Object::of(judgement.review, body).map(Arc::new));
        tell(object.as_ref().map(|object| Occurrence {
            object: Arc::clone(object),
            rule,
            message: message(judged.has(Action::Deny), &line),
            at,
        }));
    }
}

fn message(is_refused: bool, line: &str) -> String {
    let what = if is_refused { "refused" } else { "warning" };
    let mut message = format!("{what}: {line}");
    message.truncate(message.floor_char_boundary(MAX_MESSAGE));
    message
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{MAX_MESSAGE, Occurrence, each, message};
    use crate::admission::{Webhook, judge};
    use crate::answer::answer;
    use crate::policy::Policy;
    use crate::review::Review;
    use crate::rules::Rule;

    const TIME: &str = "2026-11-23T10:00:00Z";

    fn condition(condition_type: &str, reason: &str) -> Value {
        json!({"type": condition_type, "status": "True", "reason": reason, "message": "", "lastTransitionTime": TIME})
    }

    /// Two unknown types, a reason that is not CamelCase, and a time that moves without its status.
    fn review() -> Value {
        let mut stored = condition("TektonPipelineCreated", "PipelineCreated");
        stored["lastTransitionTime"] = json!("2026-11-23T09:00:00Z");
        json!({
            "kind": "AdmissionReview",
            "apiVersion": "admission.k8s.io/v1",
            "request": {
                "uid": "review",
                "resource": {"group": "kubernaut.ai", "version": "v1alpha1", "resource": "workflowexecutions"},
                "subResource": "status",
                "operation": "UPDATE",
                "namespace": "payments",
                "name": "checkout-3",
                "object": {"status": {"phase": "Running", "conditions": [
                    condition("TektonPipelineCreated", "PipelineCreated"),
                    condition("One", "Any"),
                    condition("Two", "Any"),
                    condition("TektonPipelineRunning", "started"),
                ]}},
                "oldObject": {"metadata": {"uid": "0c1d"}, "status": {"phase": "Running", "conditions": [stored]}},
            },
        })
    }

    fn told(webhook: Webhook, review: &Value) -> Vec<Option<Occurrence>> {
        told_and_answered(webhook, review).0
    }

    /// What is told, and the `response` of the answer.
    fn told_and_answered(webhook: Webhook, review: &Value) -> (Vec<Option<Occurrence>>, Value) {
        let body = review.to_string();
        let review = Review::parse(&body).unwrap();
        let policy = Policy::default();
        let now: Timestamp = TIME.parse().unwrap();
        let judgement = judge(webhook, &review, &policy, now);
        let mut told = Vec::new();
        each(&judgement, &body, now, |occurrence| told.push(occurrence));
        let answer: Value = serde_json::from_slice(&answer(&judgement)).unwrap();
        (told, answer["response"].clone())
    }

    #[test]
    fn the_first_finding_of_each_rule_that_refuses_or_warns_is_told_in_the_words_of_the_answer() {
        let (told, response) = told_and_answered(Webhook::Validate, &review());
        let denial = response["status"]["message"].as_str().unwrap();
        let warnings = response["warnings"].as_array().unwrap();
        let told: Vec<Occurrence> = told.into_iter().map(Option::unwrap).collect();
        for one in &told {
            let (what, line) = one.message.split_once(": ").unwrap();
            match what {
                "refused" => assert!(denial.contains(line), "{line} is not in {denial}"),
                "warning" => assert!(warnings.contains(&json!(line)), "{line}: {warnings:?}"),
                _ => panic!("{what}"),
            }
            assert!(line.ends_with(&format!(" [{}]", one.rule)), "{line}");
        }
        for (one, (rule, begin)) in told.iter().zip([
            (
                Rule::TransitionTime,
                "warning: status.conditions[0].lastTransitionTime: ",
            ),
            (
                Rule::ConditionUnknownType,
                "refused: status.conditions[1].type: ",
            ),
            (Rule::ReasonFormat, "refused: status.conditions[3].reason: "),
        ]) {
            assert_eq!(one.rule, rule);
            assert!(one.message.starts_with(begin), "{}", one.message);
        }
        assert_eq!(told.len(), 3);
        let object = &told[0].object;
        assert_eq!(
            [
                &object.api_version,
                &object.namespace,
                &object.name,
                &object.uid
            ],
            ["kubernaut.ai/v1alpha1", "payments", "checkout-3", "0c1d"]
        );
    }

    #[test]
    fn nothing_is_told_of_dry_runs_of_completion_and_of_what_is_only_audited() {
        assert!(told(Webhook::Mutate, &review()).is_empty());
        let mut dry_run = review();
        dry_run["request"]["dryRun"] = json!(true);
        assert!(told(Webhook::Validate, &dry_run).is_empty());
        let mut audited = review();
        audited["request"]["object"]["status"]["conditions"] = json!([]);
        assert!(told(Webhook::Validate, &audited).is_empty());
    }

    /// They would come into a path of the API server.
    #[rstest]
    #[case::namespace("/request/namespace", "a/../../b")]
    #[case::no_namespace("/request/namespace", "")]
    #[case::name("/request/name", "a?b")]
    #[case::version("/request/resource/version", "v1/x")]
    #[case::uid("/request/oldObject/metadata/uid", "a/b")]
    #[case::no_uid("/request/oldObject/metadata/uid", "")]
    fn names_that_no_object_can_have_are_not_told(#[case] place: &str, #[case] name: &str) {
        let mut review = review();
        *review.pointer_mut(place).unwrap() = json!(name);
        assert_eq!(told(Webhook::Validate, &review), [None, None, None]);
    }

    #[test]
    fn a_message_is_cut_between_two_characters() {
        let message = message(true, &"ü".repeat(MAX_MESSAGE));
        assert_eq!(message.len(), MAX_MESSAGE - 1);
        assert!(message.starts_with("refused: ü"));
    }
}
