//! Reads and writes of the Secret and of the webhook configurations.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::Response;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::client::ClientBuilder;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::util::MapResponseLayer;

use super::authority::Authority;
use super::steps::{Seen, Trusted};
use super::stored::Stored;
use super::{Error, Settings, bundle};
use crate::http_date;

/// The owner of `caBundle` in `managedFields`, the same for every replica.
///
/// It owns by updates and not by server-side apply: an entry of the list of webhooks that two appliers own stays when one
/// of them leaves it out, here with its `caBundle` alone, and the API server refuses the whole manifest for that.
pub const FIELD_MANAGER: &str = "wfe-webhook-ca-bundle";

/// For one call of the API server.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A client for exactly what this replica may touch.
#[derive(Clone, Debug)]
pub struct Cluster {
    secrets: Api<Secret>,
    mutating: Api<MutatingWebhookConfiguration>,
    validating: Api<ValidatingWebhookConfiguration>,
    /// The API server's clock as of its last answer, in seconds since 1970; 0 before the first one.
    clock: Arc<AtomicI64>,
    settings: Settings,
}

/// What was read, and what is needed to write it without undoing what others do meanwhile.
#[derive(Debug)]
pub struct Look {
    /// For the decision.
    pub seen: Seen,
    /// The API server's clock, in seconds since 1970, where it told.
    pub clock: Option<i64>,
    secret: Option<Secret>,
    configurations: Vec<Configuration>,
}

/// A webhook configuration of either kind.
#[derive(Debug)]
struct Configuration {
    kind: Kind,
    metadata: ObjectMeta,
    /// The webhooks that call our Service, by name, with their bundles.
    webhooks: Vec<(String, Trusted)>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Mutating,
    Validating,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Mutating => "MutatingWebhookConfiguration",
            Self::Validating => "ValidatingWebhookConfiguration",
        }
    }
}

impl Cluster {
    /// Finds the API server: by `KUBECONFIG`, or as every pod does.
    ///
    /// # Errors
    ///
    /// When there is neither.
    pub async fn connect(settings: Settings) -> Result<Self, Error> {
        let mut config = kube::Config::infer()
            .await
            .map_err(|error| Error::Config(Box::new(error)))?;
        config.connect_timeout = Some(CALL_TIMEOUT / 2);
        let clock = Arc::<AtomicI64>::default();
        let told = Arc::clone(&clock);
        let client = ClientBuilder::try_from(config)
            .map_err(|error| Error::Client(Box::new(error)))?
            .with_layer(&MapResponseLayer::new(move |answer: Response<_>| {
                if let Some(date) = http_date::read(answer.headers()) {
                    told.store(date.as_second(), Ordering::Relaxed);
                }
                answer
            }))
            .build();
        Ok(Self {
            secrets: Api::namespaced(client.clone(), &settings.namespace),
            mutating: Api::all(client.clone()),
            validating: Api::all(client),
            clock,
            settings,
        })
    }

    /// Reads the Secret, and after it the configurations.
    ///
    /// # Errors
    ///
    /// When a call fails, or the configurations do not call our Service.
    pub async fn look(&self) -> Result<Look, Error> {
        let secret = get(&self.secrets, &self.settings.secret, self.secret_name()).await?;
        let configurations = self.configurations().await?;
        let stored = secret.as_ref().map_or_else(Stored::missing, |secret| {
            Stored::read(secret.data.as_ref().unwrap_or(&BTreeMap::new()))
        });
        let bundles = configurations
            .iter()
            .flat_map(|configuration| &configuration.webhooks)
            .map(|(_, trusted)| trusted.clone())
            .collect();
        Ok(Look {
            seen: Seen { stored, bundles },
            clock: Some(self.clock.load(Ordering::Relaxed)).filter(|&clock| clock > 0),
            secret,
            configurations,
        })
    }

    async fn configurations(&self) -> Result<Vec<Configuration>, Error> {
        let mut found = Vec::new();
        for name in &self.settings.configurations {
            let before = found.len();
            let object = |kind: Kind| format!("the {} {name}", kind.name());
            if let Some(one) = get(&self.mutating, name, object(Kind::Mutating)).await? {
                let webhooks = one.webhooks.unwrap_or_default();
                let webhooks = webhooks
                    .into_iter()
                    .map(|webhook| (webhook.name, webhook.client_config));
                found.push(self.configuration(Kind::Mutating, one.metadata, webhooks));
            }
            if let Some(one) = get(&self.validating, name, object(Kind::Validating)).await? {
                let webhooks = one.webhooks.unwrap_or_default();
                let webhooks = webhooks
                    .into_iter()
                    .map(|webhook| (webhook.name, webhook.client_config));
                found.push(self.configuration(Kind::Validating, one.metadata, webhooks));
            }
            if found.len() == before {
                return Err(Error::NoConfiguration(name.clone()));
            }
        }
        if found.iter().all(|one| one.webhooks.is_empty()) {
            return Err(Error::NotCalled {
                configurations: self.settings.configurations.join(", "),
                service: format!("{}/{}", self.settings.namespace, self.settings.service),
            });
        }
        Ok(found)
    }

    fn configuration(
        &self,
        kind: Kind,
        metadata: ObjectMeta,
        webhooks: impl Iterator<Item = (String, WebhookClientConfig)>,
    ) -> Configuration {
        let webhooks = webhooks
            .filter(|(_, client)| {
                client.service.as_ref().is_some_and(|service| {
                    service.namespace == self.settings.namespace
                        && service.name == self.settings.service
                })
            })
            .map(|(name, client)| {
                let pem = client.ca_bundle.unwrap_or_default().0;
                (name, bundle::read(&pem))
            })
            .collect();
        Configuration {
            kind,
            metadata,
            webhooks,
        }
    }

    /// Writes a bundle into every webhook that calls our Service, and nothing else.
    ///
    /// # Errors
    ///
    /// When a call fails, or somebody changed the configuration since [`Cluster::look`].
    pub async fn trust(&self, look: &Look, authorities: &[Authority]) -> Result<(), Error> {
        let pem = STANDARD.encode(bundle::write(authorities));
        for configuration in &look.configurations {
            if configuration.webhooks.is_empty() {
                continue;
            }
            let name = configuration.metadata.name.as_deref().unwrap_or_default();
            let patch = configuration.patch(&pem);
            let object = format!("caBundle in the {} {name}", configuration.kind.name());
            match configuration.kind {
                Kind::Mutating => patched(&self.mutating, name, &patch, object).await?,
                Kind::Validating => patched(&self.validating, name, &patch, object).await?,
            }
        }
        Ok(())
    }

    /// Writes the Secret, which is made if it was not there.
    ///
    /// # Errors
    ///
    /// When the call fails, or somebody changed or made the Secret since [`Cluster::look`].
    pub async fn store(&self, look: &Look, stored: &Stored) -> Result<(), Error> {
        let name = &self.settings.secret;
        let parameters = PostParams::default();
        if let Some(secret) = &look.secret {
            let mut secret = secret.clone();
            stored.write(secret.data.get_or_insert_default());
            let call = self.secrets.replace(name, &parameters, &secret);
            return answered("update", self.secret_name(), call).await.map(drop);
        }
        let mut data = BTreeMap::<String, ByteString>::new();
        stored.write(&mut data);
        let labels = [
            ("app.kubernetes.io/name", "wfe-webhook"),
            ("app.kubernetes.io/managed-by", "wfe-webhook"),
        ];
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                labels: Some(
                    labels
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                        .into(),
                ),
                ..ObjectMeta::default()
            },
            data: Some(data),
            type_: Some("Opaque".to_owned()),
            ..Secret::default()
        };
        let call = self.secrets.create(&parameters, &secret);
        answered("create", self.secret_name(), call).await.map(drop)
    }

    fn secret_name(&self) -> String {
        format!(
            "the Secret {}/{}",
            self.settings.namespace, self.settings.secret
        )
    }
}

impl Configuration {
    /// The strategic merge patch, by the webhooks' names. By the resourceVersion it fails on anything but what was read.
    fn patch(&self, bundle: &str) -> Value {
        let webhooks: Vec<Value> = self
            .webhooks
            .iter()
            .map(|(name, _)| json!({"name": name, "clientConfig": {"caBundle": bundle}}))
            .collect();
        json!({
            "metadata": {"resourceVersion": self.metadata.resource_version},
            "webhooks": webhooks,
        })
    }
}

async fn get<K>(api: &Api<K>, name: &str, object: String) -> Result<Option<K>, Error>
where
    K: Clone + DeserializeOwned + Debug,
{
    answered("get", object, api.get_opt(name)).await
}

async fn patched<K>(api: &Api<K>, name: &str, patch: &Value, object: String) -> Result<(), Error>
where
    K: Clone + DeserializeOwned + Debug,
{
    let parameters = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let patch = Patch::Strategic(patch);
    answered("patch", object, api.patch(name, &parameters, &patch))
        .await
        .map(drop)
}

/// Waits for the answer of one call, and says what was tried when it fails.
async fn answered<T>(
    verb: &'static str,
    object: String,
    call: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, Error> {
    let error = match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(Ok(answer)) => return Ok(answer),
        Ok(Err(error)) => error,
        Err(_) => {
            let message = format!("no answer within {CALL_TIMEOUT:?}");
            return Err(Error::Call {
                verb,
                object,
                message,
            });
        }
    };
    Err(match error {
        kube::Error::Api(status) if status.code == 409 => Error::Raced { object },
        kube::Error::Api(status) if matches!(status.code, 401 | 403) => Error::Forbidden {
            verb,
            object,
            message: status.message,
        },
        kube::Error::Api(status) => Error::Call {
            verb,
            object,
            message: status.message,
        },
        error => Error::Call {
            verb,
            object,
            message: chain(&error),
        },
    })
}

/// An error with its causes, which the client's errors leave out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
