//! Values of flags, each with an error that names what is allowed.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use rustls::pki_types::ServerName;

use crate::dns;
use crate::registration::{WebhookAddress, WebhookAddressError};
use crate::server::go_duration;

/// More connections or requests than this no process has.
const MAX_COUNT: usize = 1_000_000;

/// An address to listen on, with its port.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "expected an IP address and a port, such as 127.0.0.1:8443, or [::]:8443 for every interface".to_owned()
    })
}

/// A duration, zero included.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    go_duration::parse(text)
        .ok_or_else(|| "expected a duration such as 500ms, 10s or 1m30s".to_owned())
}

/// A duration that is not zero.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("expected a duration above 0, such as 500ms or 10s".to_owned()),
        timeout => Ok(timeout),
    }
}

/// A number of connections or requests.
pub(super) fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|count: &NonZeroUsize| count.get() <= MAX_COUNT)
        .ok_or_else(|| format!("expected a number from 1 to {MAX_COUNT}"))
}

/// A name that a certificate can be for.
pub(super) fn tls_name(text: &str) -> Result<String, String> {
    // An address is kept in the one form that a certificate has it in.
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    match ServerName::try_from(text) {
        Ok(ServerName::DnsName(name)) => Ok(name.as_ref().to_owned()),
        _ => Err("expected a DNS name or an IP address".to_owned()),
    }
}

/// A name that a client's certificate can have.
pub(super) fn client_name(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("expected a name, for example kube-apiserver".to_owned());
    }
    Ok(text.to_owned())
}

/// A Service, as its namespace and name.
pub(super) fn service(text: &str) -> Result<(String, String), String> {
    match WebhookAddress::from_service(text) {
        Ok(WebhookAddress::Service {
            namespace, name, ..
        }) if !text.contains(':') => Ok((namespace, name)),
        Err(error @ WebhookAddressError::Label { .. }) => Err(error.to_string()),
        _ => Err("expected NAMESPACE/NAME, for example wfe-webhook/wfe-webhook".to_owned()),
    }
}

/// A name that a Secret or a webhook configuration can have.
pub(super) fn object_name(text: &str) -> Result<String, String> {
    let valid = dns::is_object_name(text);
    valid.then(|| text.to_owned()).ok_or_else(|| {
        "expected at most 253 lower-case letters, digits, `-` and `.`, a letter or digit at both ends"
            .to_owned()
    })
}
