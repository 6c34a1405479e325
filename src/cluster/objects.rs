//! Reads and writes of the Secret and of the webhook configurations.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};

use super::authority::Authority;
use super::steps::{Seen, Trusted};
use super::stored::StoredCa;
use super::{Error, SelfManagedSettings, bundle};
use crate::admission::Webhook;
use crate::kubernetes::{Access, ApiServer, WebhookConfiguration, WebhookConfigurations, chain};

/// The owner of `caBundle` in `managedFields`, the same for every replica.
///
/// It owns by updates and not by server-side apply: an entry of the list of webhooks that two appliers own stays when one
/// of them leaves it out, here with its `caBundle` alone, and the API server refuses the whole manifest for that.
pub(super) const FIELD_MANAGER: &str = "wfe-webhook-ca-bundle";

/// For one call of the API server.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The objects that this replica reads and writes.
#[derive(Clone)]
pub(super) struct ManagedObjects {
    server: ApiServer,
    secrets: Api<Secret>,
    configurations: WebhookConfigurations,
    settings: SelfManagedSettings,
}

/// What was read, and what is needed to write it without undoing concurrent changes.
#[derive(Debug)]
pub(super) struct Look {
    /// For the decision.
    pub(super) seen: Seen,
    /// The API server's clock, in seconds since 1970, where its answers have it.
    pub(super) clock: Option<i64>,
    secret: Option<Secret>,
    configurations: Vec<ManagedConfiguration>,
}

/// A webhook configuration of either kind.
#[derive(Debug)]
struct ManagedConfiguration {
    kind: Webhook,
    metadata: ObjectMeta,
    /// The webhooks that call our Service, by name, with their bundles.
    webhooks: Vec<(String, Trusted)>,
}

impl ManagedObjects {
    /// Finds the API server: by `KUBECONFIG`, or as every pod does.
    ///
    /// # Errors
    ///
    /// When there is neither.
    pub(super) fn connect(settings: SelfManagedSettings) -> Result<Self, Error> {
        let server = ApiServer::find(Access::default())?;
        Ok(Self {
            secrets: Api::namespaced(server.client(), &settings.namespace),
            configurations: WebhookConfigurations::of(&server),
            server,
            settings,
        })
    }

    /// Reads the Secret, the configurations, and the Secret once more: a CA comes into the Secret before it comes into a
    /// bundle, so only between two equal looks at the Secret a CA in a bundle can be called unknown.
    ///
    /// # Errors
    ///
    /// When a call fails, the configurations do not call our Service, or the Secret changes meanwhile.
    pub(super) async fn look(&self) -> Result<Look, Error> {
        let secret = self.secret().await?;
        let configurations = self.configurations().await?;
        if version(self.secret().await?.as_ref()) != version(secret.as_ref()) {
            return Err(Error::Raced {
                object: self.secret_name(),
            });
        }
        let stored = secret.as_ref().map_or_else(StoredCa::missing, |secret| {
            StoredCa::read(secret.data.as_ref().unwrap_or(&BTreeMap::new()))
        });
        let bundles = configurations
            .iter()
            .flat_map(|configuration| &configuration.webhooks)
            .map(|(_, trusted)| trusted.clone())
            .collect();
        Ok(Look {
            seen: Seen { stored, bundles },
            clock: self.server.clock().map(jiff::Timestamp::as_second),
            secret,
            configurations,
        })
    }

    async fn secret(&self) -> Result<Option<Secret>, Error> {
        let call = self.secrets.get_opt(&self.settings.secret);
        answered("get", self.secret_name(), call).await
    }

    async fn configurations(&self) -> Result<Vec<ManagedConfiguration>, Error> {
        let mut found = Vec::new();
        for name in &self.settings.configurations {
            let before = found.len();
            for kind in Webhook::ALL {
                let object = format!("the {} {name}", WebhookConfiguration::kind_name(kind));
                let call = self.configurations.get(kind, name);
                let configuration = answered("get", object, call).await?;
                found.extend(configuration.map(|one| self.managed(one)));
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

    fn managed(&self, configuration: WebhookConfiguration) -> ManagedConfiguration {
        let webhooks = configuration.webhooks.into_iter();
        ManagedConfiguration {
            kind: configuration.kind,
            metadata: configuration.metadata,
            webhooks: webhooks
                .map(|webhook| (webhook.name, webhook.client_config))
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
                .collect(),
        }
    }

    /// Writes a bundle into every webhook that calls our Service, and nothing else.
    ///
    /// # Errors
    ///
    /// When a call fails, or the configuration has changed since [`ManagedObjects::look`].
    pub(super) async fn trust(&self, look: &Look, authorities: &[Authority]) -> Result<(), Error> {
        let pem = STANDARD.encode(bundle::write(authorities));
        for configuration in &look.configurations {
            if configuration.webhooks.is_empty() {
                continue;
            }
            let name = configuration.metadata.name.as_deref().unwrap_or_default();
            let patch = configuration.patch(&pem);
            let kind = WebhookConfiguration::kind_name(configuration.kind);
            let object = format!("caBundle in the {kind} {name}");
            let call = self
                .configurations
                .patch(configuration.kind, name, &patch, FIELD_MANAGER);
            answered("patch", object, call).await?;
        }
        Ok(())
    }

    /// Writes the Secret, which is created if it was not there.
    ///
    /// # Errors
    ///
    /// When the call fails, or the Secret has changed since [`ManagedObjects::look`].
    pub(super) async fn store(&self, look: &Look, stored: &StoredCa) -> Result<(), Error> {
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

impl ManagedConfiguration {
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

/// What distinguishes two states of the Secret; `None` when it does not exist.
fn version(secret: Option<&Secret>) -> Option<(Option<&str>, Option<&str>)> {
    let metadata = &secret?.metadata;
    Some((
        metadata.uid.as_deref(),
        metadata.resource_version.as_deref(),
    ))
}

/// Waits for the answer of one call; the error names what was tried.
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
