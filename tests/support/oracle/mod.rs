//! A second formulation of the whole specification, written from its text alone and on `serde_json::Value`.
//!
//! It is plain and slow on purpose: it copies lists, judges a whole status again for each question, and knows no table
//! but the ones of the specification. Where it and the product differ, one of the two has misread the text.

mod compare;
mod completion;
mod implied;
pub mod json_patch;
mod judge;
mod message;
mod ratchet;
mod status;
mod times;
mod words;

use serde_json::Value;
use wfe_webhook::policy::{Completion, Policy, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};

pub use compare::{compare, now};
pub use completion::Completed;
pub use times::Moment;
pub use words::{EXECUTION, TEKTON, Words};

/// What stays the same while one review is judged.
#[derive(Clone)]
pub struct Scene<'a> {
    pub words: &'static Words,
    pub extra_types: &'a [String],
    /// Type and reason of each extra reason.
    pub extra_reasons: &'a [(String, String)],
    /// Whether completion writes conditions.
    pub patches: bool,
    /// Whether the types of the other vocabulary count as extra types.
    pub others_are_extra: bool,
    /// Whether anything shows the object's vocabulary.
    pub spoken: bool,
    /// `metadata.generation` as written.
    pub generation: Option<u64>,
    /// `metadata.generation` as stored.
    pub stored_generation: Option<u64>,
    pub now: Moment,
}

/// A finding with what comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub rule: &'static str,
    pub path: String,
    pub condition: Option<String>,
    /// `deny`, `warn`, `audit` or `inherited`.
    pub action: &'static str,
}

/// Whether the review is a status write of a `WorkflowExecution` at all.
pub fn concerns_us(review: &Value) -> bool {
    let request = &review["request"];
    let resource = &request["resource"];
    let group = resource["group"].as_str().unwrap_or_default();
    request["operation"] == "UPDATE"
        && request["subResource"] == "status"
        && resource["resource"] == "workflowexecutions"
        && ["workflowexecution.kubernaut.ai", "kubernaut.ai"].contains(&group)
        && request["object"].is_object()
}

/// Whether the writer is exempt.
pub fn is_exempt(review: &Value, policy: &Policy) -> bool {
    let user = &review["request"]["userInfo"];
    let is_one_of = |names: &[String], who: &Value| names.iter().any(|name| who == name.as_str());
    is_one_of(&policy.exempt_users, &user["username"])
        || user["groups"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|group| is_one_of(&policy.exempt_groups, group))
}

/// Every verdict of `/validate`, in the order of the report, for a review that concerns us.
pub fn verdicts(review: &Value, policy: &Policy, now: &Moment) -> Vec<Verdict> {
    let (status, stored) = (object_status(review), stored_status(review));
    let scene = scene(review, policy, now);
    let hardest = if is_exempt(review, policy) {
        Action::Audit
    } else {
        Action::Deny
    };
    ratchet::inherit(&scene, &status, &stored)
        .into_iter()
        .filter_map(|(finding, inherited)| {
            let rule = Rule::from_id(finding.rule).expect("an id of the specification");
            let action = policy.action(rule).min(hardest);
            (action != Action::Off).then_some(Verdict {
                rule: finding.rule,
                path: finding.path,
                condition: finding.condition,
                action: if inherited {
                    "inherited"
                } else {
                    action.name()
                },
            })
        })
        .collect()
}

/// What `/mutate` makes of the conditions of a review that concerns us; `None` when it leaves them alone.
pub fn completed(review: &Value, policy: &Policy, now: &Moment) -> Option<Completed> {
    if is_exempt(review, policy) || policy.completion() == Completion::Off {
        return None;
    }
    let status = &review["request"]["object"]["status"];
    if !status.is_object() {
        return None;
    }
    let mut scene = scene(review, policy, now);
    // A status write cannot change the generation: what a PUT says of it is the writer's text.
    scene.generation = scene.stored_generation.or(scene.generation);
    completion::complete(&scene, status, &stored_status(review))
}

/// Which vocabulary a review is judged by, and whether anything says so.
pub fn vocabulary(review: &Value, policy: &Policy) -> (&'static str, bool) {
    let now = Moment::read("2026-11-23T12:00:00Z").expect("a time");
    let scene = scene(review, policy, &now);
    (scene.words.generic_failure, scene.spoken)
}

/// The status as `/validate` reads it: one that is no object counts as empty.
fn object_status(review: &Value) -> Value {
    as_object(&review["request"]["object"]["status"])
}

fn stored_status(review: &Value) -> Value {
    as_object(&review["request"]["oldObject"]["status"])
}

fn as_object(value: &Value) -> Value {
    if value.is_object() {
        value.clone()
    } else {
        serde_json::json!({})
    }
}

fn scene<'a>(review: &'a Value, policy: &'a Policy, now: &Moment) -> Scene<'a> {
    let request = &review["request"];
    let status = object_status(review);
    let auto = policy.vocabulary == VocabularyChoice::Auto;
    let in_former_group = request["resource"]["group"] == "workflowexecution.kubernaut.ai";
    let shown: Option<&'static Words> = match policy.vocabulary {
        VocabularyChoice::Tekton => Some(&TEKTON),
        VocabularyChoice::Execution => Some(&EXECUTION),
        VocabularyChoice::Auto if in_former_group => Some(&TEKTON),
        VocabularyChoice::Auto => status::shown(&status),
    };
    let (words, spoken) = (shown.unwrap_or(&TEKTON), shown.is_some());
    Scene {
        words,
        extra_types: &policy.extra_types,
        extra_reasons: &policy.extra_reasons,
        patches: policy.completion() == Completion::Patch,
        others_are_extra: auto,
        spoken,
        generation: status::natural(&request["object"]["metadata"]["generation"]),
        stored_generation: status::natural(&request["oldObject"]["metadata"]["generation"]),
        now: now.clone(),
    }
}
