//! The rules in the API server itself: `ValidatingAdmissionPolicy`, made from the same tables as the verdicts of the webhook.
//!
//! They are a floor: what a policy refuses is what the webhook would refuse. [`report()`] says rule by rule what they hold and
//! what is left to the webhook.

mod expressions;
mod faults;
mod report;
mod tables;
mod variables;

use serde_json::{Value, json};

use crate::policy::Policy;
use crate::registration::{FailurePolicy, status_writes};
use crate::rules::{Action, Rule};

pub(crate) use report::report;

/// The longest list whose conditions are judged: it bounds the cost, as the schema does not. No real object has 50.
const MAX_CONDITIONS: usize = 64;

/// The policies and their bindings as YAML documents: for each action that a rule has, a policy with the rules that have it.
///
/// # Errors
///
/// Never with these values; the serializer's signature asks for it.
pub(crate) fn to_yaml(
    policy: &Policy,
    failure_policy: FailurePolicy,
) -> Result<String, serde_saphyr::SerializeError> {
    let mut yaml = String::new();
    for document in documents(policy, failure_policy) {
        let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
        yaml += "---\n";
        yaml += &serde_saphyr::to_string_with_options(&document, options)?;
    }
    Ok(yaml)
}

fn documents(policy: &Policy, failure_policy: FailurePolicy) -> Vec<Value> {
    let actions = [Action::Deny, Action::Warn, Action::Audit];
    actions
        .into_iter()
        .flat_map(|action| of_action(policy, failure_policy, action))
        .collect()
}

/// The policy of the rules with one action, and its binding; nothing where no rule that CEL can say has it.
fn of_action(policy: &Policy, failure_policy: FailurePolicy, action: Action) -> Vec<Value> {
    let of_action = |rule: &Rule| policy.action(*rule) == action;
    let rules = Rule::ALL.into_iter().filter(of_action);
    let (of_rules, validations): (Vec<Value>, Vec<Value>) =
        rules.filter_map(expressions::validation).unzip();
    if validations.is_empty() {
        return Vec::new();
    }
    let name = format!("wfe-webhook-{}", action.name());
    let metadata = json!({"name": name, "labels": {"app.kubernetes.io/name": "wfe-webhook"}});
    let mut all_variables = variables::shared(policy);
    all_variables.extend(of_rules);
    let mut spec = json!({
        "failurePolicy": failure_policy.to_string(),
        "matchConstraints": {"matchPolicy": "Equivalent", "resourceRules": [status_writes()]},
        "variables": all_variables,
        "validations": validations,
    });
    let exempt = variables::exempt(policy);
    if let Some(expression) = exempt {
        spec["matchConditions"] = json!([{"name": "not-exempt", "expression": expression}]);
    }
    let kind = |kind: &str, spec: Value| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": metadata, "spec": spec,
        })
    };
    let does = match action {
        Action::Deny => "Deny",
        Action::Warn => "Warn",
        Action::Audit | Action::Off => "Audit",
    };
    vec![
        kind("ValidatingAdmissionPolicy", spec),
        kind(
            "ValidatingAdmissionPolicyBinding",
            json!({"policyName": name, "validationActions": [does]}),
        ),
    ]
}
