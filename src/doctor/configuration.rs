//! The two webhook configurations in one form, and how the right one is found.

use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MutatingWebhook, RuleWithOperations, WebhookClientConfig,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::line::CheckLine;
use super::target;
use crate::admission::Webhook;
use crate::kubernetes::{WebhookConfiguration, paths};
use crate::match_conditions;
use crate::registration::FailurePolicy;

/// One webhook of a configuration, with the API server's defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hook {
    /// Which of the two the configuration registers.
    pub webhook: Webhook,
    /// The configuration's name.
    pub configuration: String,
    /// The webhook's own name.
    pub name: String,
    /// Where it is called and which CAs are trusted.
    pub client: WebhookClientConfig,
    /// What happens to a write when the call fails.
    pub failure_policy: FailurePolicy,
    /// Only of mutating webhooks.
    pub reinvocation_policy: Option<String>,
    /// Which writes it is called for.
    pub rules: Vec<RuleWithOperations>,
    /// Seconds that the API server waits.
    pub timeout: i32,
    /// Versions of `AdmissionReview` that may be sent.
    pub versions: Vec<String>,
    /// Fields that exclude writes.
    pub selectors: Vec<&'static str>,
    /// The writes that a call is made for.
    pub conditions: Vec<MatchCondition>,
}

/// A webhook configuration of either kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Registered {
    /// Its kind.
    pub webhook: Webhook,
    /// Its name.
    pub name: String,
    /// Its webhooks.
    pub hooks: Vec<Hook>,
}

/// What a webhook is called in lines: the word of its configuration's kind.
pub(super) const fn kind(webhook: Webhook) -> &'static str {
    match webhook {
        Webhook::Mutate => "mutating",
        Webhook::Validate => "validating",
    }
}

/// The configuration's kind as an argument of kubectl.
pub(super) const fn resource(webhook: Webhook) -> &'static str {
    match webhook {
        Webhook::Mutate => "mutatingwebhookconfiguration",
        Webhook::Validate => "validatingwebhookconfiguration",
    }
}

impl From<WebhookConfiguration> for Registered {
    fn from(from: WebhookConfiguration) -> Self {
        let (webhook, name) = (from.kind, from.name().to_owned());
        let hooks = from.webhooks.into_iter();
        Self {
            webhook,
            hooks: hooks.map(|one| hook(webhook, &name, one)).collect(),
            name,
        }
    }
}

fn hook(webhook: Webhook, configuration: &str, from: MutatingWebhook) -> Hook {
    let conditions = from.match_conditions.unwrap_or_default();
    let selectors = [
        (
            "namespaceSelector",
            selects(from.namespace_selector.as_ref()),
        ),
        ("objectSelector", selects(from.object_selector.as_ref())),
        (
            "matchConditions",
            conditions
                .iter()
                .any(|it| it.name != match_conditions::NAME),
        ),
    ];
    Hook {
        webhook,
        configuration: configuration.to_owned(),
        reinvocation_policy: from.reinvocation_policy,
        failure_policy: match from.failure_policy.as_deref() {
            Some("Ignore") => FailurePolicy::Ignore,
            _ => FailurePolicy::Fail,
        },
        timeout: from.timeout_seconds.unwrap_or(10),
        selectors: selectors
            .into_iter()
            .filter_map(|(field, set)| set.then_some(field))
            .collect(),
        conditions,
        name: from.name,
        client: from.client_config,
        rules: from.rules.unwrap_or_default(),
        versions: from.admission_review_versions,
    }
}

fn selects(selector: Option<&LabelSelector>) -> bool {
    let Some(selector) = selector else {
        return false;
    };
    let labels = selector.match_labels.as_ref();
    let expressions = selector.match_expressions.as_ref();
    labels.is_some_and(|labels| !labels.is_empty())
        || expressions.is_some_and(|all| !all.is_empty())
}

/// The webhooks of the configuration called `name`, and a line when there are none.
pub(super) fn find<'a>(
    all: &'a [Registered],
    webhook: Webhook,
    name: &str,
) -> Result<&'a [Hook], CheckLine> {
    let of_kind = || all.iter().filter(|found| found.webhook == webhook);
    let about = format!("{} configuration", kind(webhook));
    let register = "wfe-webhook generate registration … | kubectl apply -f -";
    match of_kind().find(|found| found.name == name) {
        Some(found) if found.hooks.is_empty() => Err(CheckLine::error(
            about,
            format!("{name} has no webhooks, so no write is seen"),
            register,
        )),
        Some(found) => Ok(&found.hooks),
        None => {
            let similar = of_kind().find(|found| found.hooks.iter().any(is_ours));
            Err(match similar {
                Some(similar) => CheckLine::error(
                    about,
                    format!(
                        "there is no {name}; {} seems to be it under another name",
                        similar.name
                    ),
                    format!("--configuration {}", similar.name),
                ),
                None => CheckLine::error(
                    about,
                    format!("there is no {name}, so no write is seen"),
                    register,
                ),
            })
        }
    }
}

/// Whether one of the configurations is called `name`, or seems to be ours under another name.
pub(super) fn is_registered(all: &[Registered], name: &str) -> bool {
    let mut all = all.iter();
    all.any(|found| found.name == name || found.hooks.iter().any(is_ours))
}

/// Whether a webhook calls the path of ours for a `WorkflowExecution`.
fn is_ours(hook: &Hook) -> bool {
    let called = target::called_path(&hook.client);
    let resource = |name: &String| name.starts_with(crate::vocabulary::RESOURCE);
    called.ends_with(paths::webhook(hook.webhook))
        && hook
            .rules
            .iter()
            .any(|rule| rule.resources.iter().flatten().any(resource))
}
