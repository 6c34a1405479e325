//! The two webhook configurations in one form, and how the right one is found.

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, RuleWithOperations, ValidatingWebhookConfiguration,
    WebhookClientConfig,
};

use super::line::Line;
use crate::admission::Webhook;
use crate::registration::FailurePolicy;

/// One webhook of a configuration, with the API server's defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// Which of the two the configuration registers.
    pub webhook: Webhook,
    /// The configuration's name.
    pub configuration: String,
    /// The webhook's own name.
    pub name: String,
    /// Where it is called and by what it is trusted.
    pub client: WebhookClientConfig,
    /// What becomes of a write when the call fails.
    pub failure_policy: FailurePolicy,
    /// Only of mutating webhooks.
    pub reinvocation_policy: Option<String>,
    /// Which writes it is called for.
    pub rules: Vec<RuleWithOperations>,
    /// Seconds that the API server waits.
    pub timeout: i32,
    /// Versions of `AdmissionReview` that may be sent.
    pub versions: Vec<String>,
    /// Fields that leave writes out.
    pub selectors: Vec<&'static str>,
}

/// A webhook configuration of either kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Its kind.
    pub webhook: Webhook,
    /// Its name.
    pub name: String,
    /// Its webhooks.
    pub hooks: Vec<Hook>,
}

/// What a webhook is called in lines: the word of its configuration's kind.
pub const fn kind(webhook: Webhook) -> &'static str {
    match webhook {
        Webhook::Mutate => "mutating",
        Webhook::Validate => "validating",
    }
}

/// The configuration's kind as kubectl takes it.
pub const fn resource(webhook: Webhook) -> &'static str {
    match webhook {
        Webhook::Mutate => "mutatingwebhookconfiguration",
        Webhook::Validate => "validatingwebhookconfiguration",
    }
}

/// The path that must be called.
pub const fn path(webhook: Webhook) -> &'static str {
    match webhook {
        Webhook::Mutate => "/mutate",
        Webhook::Validate => "/validate",
    }
}

// The two kinds of the API have the same fields in types that do not know each other.
macro_rules! hook {
    ($webhook:expr, $configuration:expr, $from:expr, $reinvocation:expr) => {{
        let from = $from;
        let selects = |selector: &Option<_>| {
            let set = |selector: &k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector| {
                selector
                    .match_labels
                    .as_ref()
                    .is_some_and(|labels| !labels.is_empty())
                    || selector
                        .match_expressions
                        .as_ref()
                        .is_some_and(|all| !all.is_empty())
            };
            selector.as_ref().is_some_and(set)
        };
        let conditions = from.match_conditions.as_ref();
        let selectors = [
            ("namespaceSelector", selects(&from.namespace_selector)),
            ("objectSelector", selects(&from.object_selector)),
            (
                "matchConditions",
                conditions.is_some_and(|all| !all.is_empty()),
            ),
        ];
        Hook {
            webhook: $webhook,
            configuration: $configuration,
            reinvocation_policy: $reinvocation,
            failure_policy: match from.failure_policy.as_deref() {
                Some("Ignore") => FailurePolicy::Ignore,
                _ => FailurePolicy::Fail,
            },
            timeout: from.timeout_seconds.unwrap_or(10),
            selectors: selectors
                .into_iter()
                .filter_map(|(field, set)| set.then_some(field))
                .collect(),
            name: from.name,
            client: from.client_config,
            rules: from.rules.unwrap_or_default(),
            versions: from.admission_review_versions,
        }
    }};
}

impl From<MutatingWebhookConfiguration> for Configuration {
    fn from(from: MutatingWebhookConfiguration) -> Self {
        let name = from.metadata.name.unwrap_or_default();
        let hooks = from.webhooks.unwrap_or_default().into_iter();
        Self {
            webhook: Webhook::Mutate,
            hooks: hooks
                .map(|hook| {
                    let reinvocation = hook.reinvocation_policy.clone();
                    hook!(Webhook::Mutate, name.clone(), hook, reinvocation)
                })
                .collect(),
            name,
        }
    }
}

impl From<ValidatingWebhookConfiguration> for Configuration {
    fn from(from: ValidatingWebhookConfiguration) -> Self {
        let name = from.metadata.name.unwrap_or_default();
        let hooks = from.webhooks.unwrap_or_default().into_iter();
        Self {
            webhook: Webhook::Validate,
            hooks: hooks
                .map(|hook| hook!(Webhook::Validate, name.clone(), hook, None))
                .collect(),
            name,
        }
    }
}

/// The webhooks of the configuration called `name`, and a line when there are none.
pub fn find<'a>(
    all: &'a [Configuration],
    webhook: Webhook,
    name: &str,
) -> Result<&'a [Hook], Line> {
    let of_kind = || all.iter().filter(|found| found.webhook == webhook);
    let about = format!("{} configuration", kind(webhook));
    let register = "wfe-webhook generate registration … | kubectl apply -f -";
    match of_kind().find(|found| found.name == name) {
        Some(found) if found.hooks.is_empty() => Err(Line::wrong(
            about,
            format!("{name} has no webhooks, so no write is seen"),
            register,
        )),
        Some(found) => Ok(&found.hooks),
        None => {
            let similar = of_kind().find(|found| found.hooks.iter().any(is_ours));
            Err(match similar {
                Some(similar) => Line::wrong(
                    about,
                    format!(
                        "there is no {name}; {} seems to be it under another name",
                        similar.name
                    ),
                    format!("--configuration {}", similar.name),
                ),
                None => Line::wrong(
                    about,
                    format!("there is no {name}, so no write is seen"),
                    register,
                ),
            })
        }
    }
}

/// Whether a webhook calls the path of ours for a `WorkflowExecution`.
fn is_ours(hook: &Hook) -> bool {
    let called = super::target::called_path(&hook.client);
    let resource = |name: &String| name.starts_with(crate::vocabulary::RESOURCE);
    called.ends_with(path(hook.webhook))
        && hook
            .rules
            .iter()
            .any(|rule| rule.resources.iter().flatten().any(resource))
}
