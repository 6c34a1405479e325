//! Webhook configurations of both kinds in one form.

use std::fmt::Debug;

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhook, MutatingWebhookConfiguration, ValidatingWebhook,
    ValidatingWebhookConfiguration,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ApiServer;
use crate::admission::Webhook;

/// A webhook configuration of either kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WebhookConfiguration {
    /// Its kind: mutating or validating.
    pub(crate) kind: Webhook,
    /// Its metadata.
    pub(crate) metadata: ObjectMeta,
    /// Its webhooks; a mutating one has all fields of a validating one.
    pub(crate) webhooks: Vec<MutatingWebhook>,
}

impl WebhookConfiguration {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }

    /// What the API calls this kind.
    pub(crate) const fn kind_name(kind: Webhook) -> &'static str {
        match kind {
            Webhook::Mutate => "MutatingWebhookConfiguration",
            Webhook::Validate => "ValidatingWebhookConfiguration",
        }
    }
}

impl From<MutatingWebhookConfiguration> for WebhookConfiguration {
    fn from(from: MutatingWebhookConfiguration) -> Self {
        Self {
            kind: Webhook::Mutate,
            metadata: from.metadata,
            webhooks: from.webhooks.unwrap_or_default(),
        }
    }
}

impl From<ValidatingWebhookConfiguration> for WebhookConfiguration {
    fn from(from: ValidatingWebhookConfiguration) -> Self {
        let webhooks = from.webhooks.unwrap_or_default();
        Self {
            kind: Webhook::Validate,
            metadata: from.metadata,
            webhooks: webhooks.into_iter().map(with_all_fields).collect(),
        }
    }
}

fn with_all_fields(webhook: ValidatingWebhook) -> MutatingWebhook {
    MutatingWebhook {
        admission_review_versions: webhook.admission_review_versions,
        client_config: webhook.client_config,
        failure_policy: webhook.failure_policy,
        match_conditions: webhook.match_conditions,
        match_policy: webhook.match_policy,
        name: webhook.name,
        namespace_selector: webhook.namespace_selector,
        object_selector: webhook.object_selector,
        reinvocation_policy: None,
        rules: webhook.rules,
        side_effects: webhook.side_effects,
        timeout_seconds: webhook.timeout_seconds,
    }
}

/// The configurations of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct WebhookConfigurations {
    mutating: Api<MutatingWebhookConfiguration>,
    validating: Api<ValidatingWebhookConfiguration>,
}

impl WebhookConfigurations {
    /// Those of this API server.
    pub(crate) fn of(server: &ApiServer) -> Self {
        Self {
            mutating: Api::all(server.client()),
            validating: Api::all(server.client()),
        }
    }

    /// All of both kinds.
    pub(crate) async fn list(&self) -> kube::Result<Vec<WebhookConfiguration>> {
        let all = ListParams::default();
        let mutating = self.mutating.list(&all).await?;
        let validating = self.validating.list(&all).await?;
        let mutating = mutating.into_iter().map(WebhookConfiguration::from);
        Ok(mutating
            .chain(validating.into_iter().map(WebhookConfiguration::from))
            .collect())
    }

    /// One of them, if it is there.
    pub(crate) async fn get(
        &self,
        kind: Webhook,
        name: &str,
    ) -> kube::Result<Option<WebhookConfiguration>> {
        Ok(match kind {
            Webhook::Mutate => self.mutating.get_opt(name).await?.map(Into::into),
            Webhook::Validate => self.validating.get_opt(name).await?.map(Into::into),
        })
    }

    /// Applies a strategic merge patch as this field manager.
    pub(crate) async fn patch(
        &self,
        kind: Webhook,
        name: &str,
        patch: &Value,
        field_manager: &str,
    ) -> kube::Result<()> {
        match kind {
            Webhook::Mutate => patched(&self.mutating, name, patch, field_manager).await,
            Webhook::Validate => patched(&self.validating, name, patch, field_manager).await,
        }
    }
}

async fn patched<K>(
    api: &Api<K>,
    name: &str,
    patch: &Value,
    field_manager: &str,
) -> kube::Result<()>
where
    K: Clone + DeserializeOwned + Debug,
{
    let parameters = PatchParams {
        field_manager: Some(field_manager.to_owned()),
        ..PatchParams::default()
    };
    api.patch(name, &parameters, &Patch::Strategic(patch))
        .await
        .map(drop)
}
