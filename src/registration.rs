//! The two webhook configurations that register the server.

mod ca_bundle;
mod webhook_address;

use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MutatingWebhook, MutatingWebhookConfiguration, RuleWithOperations,
    ValidatingWebhook, ValidatingWebhookConfiguration, WebhookClientConfig,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

pub(crate) use ca_bundle::CaBundle;
pub(crate) use webhook_address::{WebhookAddress, WebhookAddressError};

use crate::admission::Webhook;
use crate::manifest::document;
use crate::match_conditions;
use crate::policy::VocabularyChoice;
use crate::vocabulary::{GROUPS, RESOURCE};

/// Name of both configurations.
pub(crate) const CONFIGURATION_NAME: &str = "wfe-webhook";
/// Name of the mutating webhook: it prefixes the audit annotations, and differs from kubernaut's own.
pub(crate) const MUTATING_WEBHOOK_NAME: &str = "mutate.wfe-webhook.kubernaut.ai";
/// Name of the validating webhook. With the same name as the mutating one its audit annotations would be lost.
pub(crate) const VALIDATING_WEBHOOK_NAME: &str = "validate.wfe-webhook.kubernaut.ai";

/// What the API server does with a write when the webhook cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FailurePolicy {
    /// Lets it pass unjudged.
    #[default]
    #[value(name = "Ignore")]
    Ignore,
    /// Refuses it.
    #[value(name = "Fail")]
    Fail,
}

impl fmt::Display for FailurePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ignore => "Ignore",
            Self::Fail => "Fail",
        })
    }
}

/// Whether the API server is given conditions by which it leaves out calls that have nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum MatchConditions {
    /// Calls that certainly change, refuse and warn of nothing are not made.
    #[default]
    On,
    /// Every status write is sent.
    Off,
}

/// Everything that an installation may choose of its registration.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    /// Where the API server reaches the webhook.
    pub address: WebhookAddress,
    /// The CAs by which the API server trusts the webhook; left out, it uses the system's, or something
    /// injects them.
    pub ca: Option<CaBundle>,
    /// Failure policy of the validating webhook. The mutating one is always `Ignore`: what it misses, it adds later.
    pub failure_policy: FailurePolicy,
    /// Seconds that the API server waits for `/mutate`, 1 to 30.
    pub mutate_timeout: i32,
    /// Seconds that the API server waits for `/validate`, 1 to 30.
    pub validate_timeout: i32,
    /// Whether calls without anything to say are left out.
    pub match_conditions: MatchConditions,
    /// The names that the server judges by, on which it depends what has to be completed.
    pub vocabulary: VocabularyChoice,
}

impl Registration {
    /// Default of [`Registration::mutate_timeout`].
    pub(crate) const MUTATE_TIMEOUT: i32 = 3;
    /// Default of [`Registration::validate_timeout`]: longer, since a call that is shed costs a second of it.
    pub(crate) const VALIDATE_TIMEOUT: i32 = 5;

    /// The configuration that has `/mutate` complete status writes.
    #[must_use]
    pub(crate) fn mutating(&self) -> MutatingWebhookConfiguration {
        MutatingWebhookConfiguration {
            metadata: metadata(),
            webhooks: Some(vec![MutatingWebhook {
                name: MUTATING_WEBHOOK_NAME.to_owned(),
                admission_review_versions: vec!["v1".to_owned()],
                client_config: self.client_config(Webhook::Mutate),
                failure_policy: Some(FailurePolicy::Ignore.to_string()),
                match_conditions: self.match_conditions(Webhook::Mutate),
                match_policy: Some("Equivalent".to_owned()),
                reinvocation_policy: Some("IfNeeded".to_owned()),
                rules: Some(vec![status_writes()]),
                side_effects: "None".to_owned(),
                timeout_seconds: Some(self.mutate_timeout),
                ..MutatingWebhook::default()
            }]),
        }
    }

    /// The configuration that has `/validate` judge status writes.
    #[must_use]
    pub(crate) fn validating(&self) -> ValidatingWebhookConfiguration {
        ValidatingWebhookConfiguration {
            metadata: metadata(),
            webhooks: Some(vec![ValidatingWebhook {
                name: VALIDATING_WEBHOOK_NAME.to_owned(),
                admission_review_versions: vec!["v1".to_owned()],
                client_config: self.client_config(Webhook::Validate),
                failure_policy: Some(self.failure_policy.to_string()),
                match_conditions: self.match_conditions(Webhook::Validate),
                match_policy: Some("Equivalent".to_owned()),
                rules: Some(vec![status_writes()]),
                side_effects: "None".to_owned(),
                timeout_seconds: Some(self.validate_timeout),
                ..ValidatingWebhook::default()
            }]),
        }
    }

    /// Both configurations as two YAML documents.
    ///
    /// # Errors
    ///
    /// Never with these types; the serializer's signature asks for it.
    pub(crate) fn to_yaml(&self) -> Result<String, serde_saphyr::SerializeError> {
        Ok(document(&self.mutating())? + &document(&self.validating())?)
    }

    fn match_conditions(&self, webhook: Webhook) -> Option<Vec<MatchCondition>> {
        let condition = MatchCondition {
            name: match_conditions::NAME.to_owned(),
            expression: match_conditions::expression(webhook, self.vocabulary),
        };
        (self.match_conditions == MatchConditions::On).then(|| vec![condition])
    }

    fn client_config(&self, webhook: Webhook) -> WebhookClientConfig {
        WebhookClientConfig {
            ca_bundle: self.ca.as_ref().map(|ca| ByteString(ca.pem().to_vec())),
            ..self.address.client_config(webhook)
        }
    }
}

fn metadata() -> ObjectMeta {
    let labels = [("app.kubernetes.io/name", "wfe-webhook")];
    ObjectMeta {
        name: Some(CONFIGURATION_NAME.to_owned()),
        labels: Some(
            labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        ),
        ..ObjectMeta::default()
    }
}

/// Every way to write a status arrives as `UPDATE`. Both groups are in one rule, since `Equivalent` does not link
/// them and a group without a CRD does no harm.
pub(crate) fn status_writes() -> RuleWithOperations {
    RuleWithOperations {
        api_groups: Some(GROUPS.map(str::to_owned).to_vec()),
        api_versions: Some(vec!["*".to_owned()]),
        operations: Some(vec!["UPDATE".to_owned()]),
        resources: Some(vec![format!("{RESOURCE}/status")]),
        scope: Some("Namespaced".to_owned()),
    }
}
