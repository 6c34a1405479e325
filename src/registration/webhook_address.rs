//! Where the API server reaches the webhook.

use std::str::FromStr;

use axum::http::Uri;
use k8s_openapi::api::admissionregistration::v1::{ServiceReference, WebhookClientConfig};

use crate::admission::Webhook;
use crate::dns;
use crate::kubernetes::paths;

/// Where the API server reaches the webhook: the two forms of a webhook's `clientConfig`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookAddress {
    /// An HTTPS URL to which `/mutate` and `/validate` are appended.
    Url(String),
    /// A Service of the cluster.
    Service {
        /// The Service's namespace.
        namespace: String,
        /// The Service's name.
        name: String,
        /// The Service's port.
        port: u16,
    },
}

/// Why a text is not an address that an API server accepts.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum WebhookAddressError {
    /// Not `https`.
    #[error("an API server calls webhooks over https only; expected https://HOST[:PORT][/PATH]")]
    NotHttps,
    /// A part that the API server refuses.
    #[error("a webhook's URL must not have a {0}; expected https://HOST[:PORT][/PATH]")]
    Forbidden(&'static str),
    /// No host, or another syntax error.
    #[error("not a URL: {0}; expected https://HOST[:PORT][/PATH]")]
    Syntax(String),
    /// A port out of range.
    #[error("not a port: {0:?}; expected a number from 1 to 65535")]
    Port(String),
    /// `/mutate` or `/validate` at the end.
    #[error("leave {0} out: /mutate and /validate are appended")]
    WebhookPath(&'static str),
    /// Namespace or name is missing.
    #[error(
        "expected NAMESPACE/NAME or NAMESPACE/NAME:PORT, for example wfe-webhook/wfe-webhook:443"
    )]
    Service,
    /// A namespace or name that no object can have.
    #[error(
        "{value:?} is not a valid name of a {part}; expected at most 63 lower-case letters, digits and `-`, a letter or digit at both ends"
    )]
    Label {
        /// `namespace` or `Service`.
        part: &'static str,
        /// What was given.
        value: String,
    },
}

impl WebhookAddress {
    /// Port of a Service when none is named.
    pub const SERVICE_PORT: u16 = 443;

    /// Reads `https://HOST[:PORT][/PATH]`, with the API server's own rules for a webhook's URL.
    ///
    /// # Errors
    ///
    /// When the API server would refuse the URL, or it already ends in the path of a webhook.
    pub fn from_url(text: &str) -> Result<Self, WebhookAddressError> {
        // Before the parse: the parser drops a fragment.
        for (mark, part) in [('#', "fragment"), ('?', "query")] {
            if text.contains(mark) {
                return Err(WebhookAddressError::Forbidden(part));
            }
        }
        let uri =
            Uri::from_str(text).map_err(|error| WebhookAddressError::Syntax(error.to_string()))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(WebhookAddressError::NotHttps);
        };
        if scheme != "https" {
            return Err(WebhookAddressError::NotHttps);
        }
        let authority = authority.as_str();
        if authority.contains('@') {
            return Err(WebhookAddressError::Forbidden("user name"));
        }
        // A colon before the last bracket belongs to an IPv6 address.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if host.is_empty() {
            return Err(WebhookAddressError::Syntax(
                "the host is missing".to_owned(),
            ));
        }
        if let Some(port) = port {
            parse_port(port)?;
        }
        let base = text.trim_end_matches('/');
        for webhook in Webhook::ALL {
            if base.ends_with(paths::webhook(webhook)) {
                return Err(WebhookAddressError::WebhookPath(paths::webhook(webhook)));
            }
        }
        Ok(Self::Url(base.to_owned()))
    }

    /// Reads `NAMESPACE/NAME[:PORT]`.
    ///
    /// # Errors
    ///
    /// When a part is missing or no Service can have it.
    pub fn from_service(text: &str) -> Result<Self, WebhookAddressError> {
        let (namespace, rest) = text.split_once('/').ok_or(WebhookAddressError::Service)?;
        let (name, port) = match rest.split_once(':') {
            Some((name, port)) => (name, parse_port(port)?),
            None => (rest, Self::SERVICE_PORT),
        };
        for (part, value) in [("namespace", namespace), ("Service", name)] {
            if !dns::is_label_name(value) {
                let value = value.to_owned();
                return Err(WebhookAddressError::Label { part, value });
            }
        }
        Ok(Self::Service {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            port,
        })
    }

    /// The `clientConfig` of one webhook, without a CA bundle.
    #[must_use]
    pub fn client_config(&self, webhook: Webhook) -> WebhookClientConfig {
        let path = paths::webhook(webhook);
        match self {
            Self::Url(base) => WebhookClientConfig {
                url: Some(format!("{base}{path}")),
                ..WebhookClientConfig::default()
            },
            Self::Service {
                namespace,
                name,
                port,
            } => WebhookClientConfig {
                service: Some(ServiceReference {
                    namespace: namespace.clone(),
                    name: name.clone(),
                    path: Some(path.to_owned()),
                    port: Some(i32::from(*port)),
                }),
                ..WebhookClientConfig::default()
            },
        }
    }
}

fn parse_port(text: &str) -> Result<u16, WebhookAddressError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if port > 0 && digits => Ok(port),
        _ => Err(WebhookAddressError::Port(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{WebhookAddress, WebhookAddressError};
    use crate::dns::MAX_LABEL;

    #[rstest]
    #[case::short("a", None)]
    #[case::longest(&"a".repeat(MAX_LABEL), None)]
    #[case::too_long(&"a".repeat(MAX_LABEL + 1), Some("a"))]
    #[case::dot("a.b", Some("a.b"))]
    #[case::upper_case("Hook", Some("Hook"))]
    #[case::hyphen_last("hook-", Some("hook-"))]
    fn namespace_and_service_are_one_dns_label(#[case] name: &str, #[case] refused: Option<&str>) {
        for (text, wrong) in [
            (format!("{name}/hook"), "namespace"),
            (format!("hooks/{name}"), "Service"),
        ] {
            match (WebhookAddress::from_service(&text), refused) {
                (Ok(_), None) => {}
                (Err(WebhookAddressError::Label { part, value }), Some(start)) => {
                    assert_eq!(part, wrong);
                    assert!(value.starts_with(start));
                }
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
    }
}
