//! The rules and the completion in the API server itself: `ValidatingAdmissionPolicy` and `MutatingAdmissionPolicy`.
//!
//! Names, reasons and phases are those of the webhook's tables. What [`crate::rules`] and [`crate::complete`] do with them is
//! said once more in CEL, which `tests/api_server` holds against the webhook.
//!
//! They are a floor: what a policy refuses is what the webhook would refuse, and what it adds is what the webhook would add.
//! [`report()`] says what they hold and what is left to the webhook.

mod completing;
mod expressions;
mod faults;
mod report;
mod tables;
mod validating;
mod variables;

use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MatchResources, NamedRuleWithOperations,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::admission::Webhook;
use crate::manifest::document;
use crate::match_conditions;
use crate::policy::{Completion, Policy};
use crate::registration::{FailurePolicy, status_writes};
use crate::rules::Action;

pub(crate) use report::report;

/// The longest list whose conditions are looked at: it bounds the cost, as the schema does not. No real object has 50.
pub(crate) const MAX_CONDITIONS: usize = 64;

/// What an installation may choose of its policies.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    /// What decides verdicts.
    pub policy: Policy,
    /// Of the validating ones. The mutating one is always `Ignore`: what it misses, it adds later.
    pub failure_policy: FailurePolicy,
    /// Whether the mutating one is left out, which Kubernetes has since 1.36.
    pub validating_only: bool,
}

impl Policies {
    /// The policies, each with its binding, as YAML documents: first the one that completes, then for each action that a
    /// rule has the one with these rules.
    ///
    /// # Errors
    ///
    /// Never with these values; the serializer's signature asks for it.
    pub(crate) fn to_yaml(&self) -> Result<String, serde_saphyr::SerializeError> {
        let mut yaml = String::new();
        if self.policy.completion() == Completion::Patch && !self.validating_only {
            let (policy, binding) = completing::completing(&self.policy);
            yaml += &document(&policy)?;
            yaml += &document(&binding)?;
        }
        for action in [Action::Deny, Action::Warn, Action::Audit] {
            if let Some((policy, binding)) =
                validating::of_action(&self.policy, self.failure_policy, action)
            {
                yaml += &document(&policy)?;
                yaml += &document(&binding)?;
            }
        }
        Ok(yaml)
    }
}

/// The name of a policy and of its binding.
fn named(name: &str) -> ObjectMeta {
    let labels = [
        ("app.kubernetes.io/name", "wfe-webhook"),
        ("app.kubernetes.io/version", env!("CARGO_PKG_VERSION")),
    ];
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(
            labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        ),
        ..ObjectMeta::default()
    }
}

/// The writes that the webhooks are called for.
fn match_constraints() -> MatchResources {
    let rule = status_writes();
    MatchResources {
        match_policy: Some("Equivalent".to_owned()),
        resource_rules: Some(vec![NamedRuleWithOperations {
            api_groups: rule.api_groups,
            api_versions: rule.api_versions,
            operations: rule.operations,
            resource_names: None,
            resources: rule.resources,
            scope: rule.scope,
        }]),
        ..MatchResources::default()
    }
}

/// Leaves out the writes that a webhook is not called for, and those of exempt users, where there are any.
fn match_conditions(policy: &Policy, webhook: Webhook) -> Vec<MatchCondition> {
    let needless = match_conditions::expression(webhook, policy.vocabulary);
    let exempt = variables::exempt(policy);
    let conditions = [
        (match_conditions::NAME, Some(needless)),
        ("not-exempt", exempt),
    ];
    conditions
        .into_iter()
        .filter_map(|(name, expression)| {
            Some(MatchCondition {
                expression: expression?,
                name: name.to_owned(),
            })
        })
        .collect()
}
