//! The `ValidatingAdmissionPolicy` of the rules with one action.

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec, Validation, Variable,
};

use super::{expressions, match_conditions, match_constraints, named, variables};
use crate::admission::Webhook;
use crate::policy::Policy;
use crate::registration::FailurePolicy;
use crate::rules::{Action, Rule};

/// The policy and its binding; `None` where no rule that CEL can say has the action.
pub(super) fn of_action(
    policy: &Policy,
    failure_policy: FailurePolicy,
    action: Action,
) -> Option<(ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding)> {
    let rules: Vec<Rule> = Rule::ALL
        .into_iter()
        .filter(|rule| policy.action(*rule) == action)
        .collect();
    let audit_annotation = expressions::annotation(&rules)?;
    let of_rules = rules.into_iter().filter_map(expressions::validation);
    let (of_rules, validations): (Vec<Variable>, Vec<Validation>) = of_rules.unzip();
    let name = format!("wfe-webhook-{}", action.name());
    let mut all_variables = variables::shared(policy);
    all_variables.extend(variables::of_validations(policy));
    all_variables.extend(of_rules);
    let spec = ValidatingAdmissionPolicySpec {
        failure_policy: Some(failure_policy.to_string()),
        match_conditions: Some(match_conditions(policy, Webhook::Validate)),
        match_constraints: Some(match_constraints()),
        validations: Some(validations),
        variables: Some(all_variables),
        audit_annotations: Some(vec![audit_annotation]),
        param_kind: None,
    };
    let does = match action {
        Action::Deny => "Deny",
        Action::Warn => "Warn",
        Action::Audit | Action::Off => "Audit",
    };
    let binding = ValidatingAdmissionPolicyBindingSpec {
        policy_name: name.clone(),
        validation_actions: vec![does.to_owned()],
        ..ValidatingAdmissionPolicyBindingSpec::default()
    };
    Some((
        ValidatingAdmissionPolicy {
            metadata: named(&name),
            spec: Some(spec),
            status: None,
        },
        ValidatingAdmissionPolicyBinding {
            metadata: named(&name),
            spec: binding,
        },
    ))
}
