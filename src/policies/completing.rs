//! The `MutatingAdmissionPolicy` that completes: section 5 of the spec without a clock.
//!
//! It follows [`crate::complete`] step by step. A condition whose time is not known from the status is not added, and a text
//! with other characters than printable ASCII is not quoted.

mod changes;
mod implied;
mod message;
mod time;

use k8s_openapi::api::admissionregistration::v1::{
    JSONPatch, MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding,
    MutatingAdmissionPolicyBindingSpec, MutatingAdmissionPolicySpec, Mutation,
};

use super::{match_conditions, match_constraints, named, variables};
use crate::admission::Webhook;
use crate::policy::Policy;
use crate::registration::FailurePolicy;

const NAME: &str = "wfe-webhook-complete";

/// The policy and its binding.
pub(super) fn completing(
    policy: &Policy,
) -> (MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding) {
    let all_variables = [
        variables::shared(policy),
        implied::variables(),
        message::variables(),
        time::variables(),
        changes::variables(),
    ];
    let spec = MutatingAdmissionPolicySpec {
        failure_policy: Some(FailurePolicy::Ignore.to_string()),
        match_conditions: Some(match_conditions(policy, Webhook::Mutate)),
        match_constraints: Some(match_constraints()),
        mutations: Some(vec![Mutation {
            apply_configuration: None,
            json_patch: Some(JSONPatch {
                expression: Some(changes::patch()),
            }),
            patch_type: "JSONPatch".to_owned(),
        }]),
        param_kind: None,
        // With `IfNeeded` it would be evaluated twice for each write, changed or not.
        reinvocation_policy: Some("Never".to_owned()),
        variables: Some(all_variables.concat()),
    };
    let binding = MutatingAdmissionPolicyBindingSpec {
        policy_name: Some(NAME.to_owned()),
        ..MutatingAdmissionPolicyBindingSpec::default()
    };
    (
        MutatingAdmissionPolicy {
            metadata: named(NAME),
            spec: Some(spec),
        },
        MutatingAdmissionPolicyBinding {
            metadata: named(NAME),
            spec: Some(binding),
        },
    )
}

/// Whether a field of the status is there and an object.
fn is_object(field: &str) -> String {
    format!("has(variables.status.{field}) && type(variables.status.{field}) == map")
}
