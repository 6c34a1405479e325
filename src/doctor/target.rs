//! Where the API server calls a webhook.

use axum::http::Uri;
use k8s_openapi::api::admissionregistration::v1::WebhookClientConfig;

use super::Options;
use crate::registration::WebhookAddress;

/// Where a webhook is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The name that the API server sends as SNI and looks for in the certificate.
    pub host: String,
    /// The port of the Service or of the URL.
    pub port: u16,
    /// The path of the request.
    pub path: String,
    /// Namespace and name of the Service, if it is one.
    pub service: Option<(String, String)>,
}

impl Target {
    /// Where the server is reached from here; nothing when the name of a Service leads nowhere.
    pub(super) fn address(&self, options: &Options) -> Option<String> {
        if let Some(address) = &options.address {
            return Some(address.clone());
        }
        let reachable = self.service.is_none() || options.in_cluster;
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        reachable.then(|| format!("{host}:{}", self.port))
    }
}

/// The path that a `clientConfig` has the API server call.
pub(super) fn called_path(client: &WebhookClientConfig) -> String {
    target(client).map_or_else(String::new, |target| target.path)
}

/// What a `clientConfig` names; nothing when it is no URL and no Service, which no API server stores.
pub(super) fn target(client: &WebhookClientConfig) -> Option<Target> {
    if let Some(service) = &client.service {
        return Some(Target {
            host: format!("{}.{}.svc", service.name, service.namespace),
            port: service
                .port
                .map_or(Some(WebhookAddress::SERVICE_PORT), |port| {
                    port.try_into().ok()
                })?,
            path: service.path.clone().unwrap_or_else(|| "/".to_owned()),
            service: Some((service.namespace.clone(), service.name.clone())),
        });
    }
    let uri: Uri = client.url.as_ref()?.parse().ok()?;
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    Some(Target {
        host,
        port: uri.port_u16().unwrap_or(WebhookAddress::SERVICE_PORT),
        path: uri.path().to_owned(),
        service: None,
    })
}
