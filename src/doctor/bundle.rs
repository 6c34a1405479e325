//! What the API server trusts the webhook by.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::configuration::{Hook, resource};
use super::line::CheckLine;
use super::registered::about;
use super::validity::Validity;
use crate::registration::CaBundle;
use jiff::Timestamp;

/// What the server's certificate is checked against.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// The API server's own roots, which are known to it alone.
    System,
    /// These certificates.
    Bundle(Vec<CertificateDer<'static>>),
    /// Nothing: every call fails.
    Nothing,
}

/// Reads a webhook's `caBundle`.
pub(super) fn check(hook: &Hook, now: Timestamp) -> (Trust, CheckLine) {
    let about = about(hook, "caBundle");
    let pem = hook
        .client
        .ca_bundle
        .as_ref()
        .map(|bundle| bundle.0.as_slice());
    let fix = format!(
        "put the CA's certificate there: cert-manager's injector does it, and so does a server with --self-managed-tls, if it runs and is ready; by hand, wfe-webhook generate registration --ca FILE, or kubectl edit {} {}",
        resource(hook.webhook),
        hook.configuration
    );
    let Some(pem) = pem.filter(|pem| !pem.is_empty()) else {
        if hook.client.service.is_none() {
            return (
                Trust::System,
                CheckLine::warning(
                    about,
                    "is empty: the API server trusts the server by the roots of its own system, which are not checked here",
                    "nothing, if a public CA signed the certificate; else put its CA there",
                ),
            );
        }
        return (
            Trust::Nothing,
            CheckLine::error(
                about,
                "is empty: the API server trusts no certificate of a Service, and every call fails",
                fix,
            ),
        );
    };
    if let Err(problem) = CaBundle::new(pem.to_vec()) {
        return (
            Trust::Nothing,
            CheckLine::error(about, format!("{problem}; every call fails"), fix),
        );
    }
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(pem)
        .filter_map(Result::ok)
        .collect();
    let line = expiry(about, &certificates, now, fix);
    (Trust::Bundle(certificates), line)
}

/// A bundle may hold an old certificate beside a new one; it is wrong only when all have expired.
fn expiry(
    about: String,
    certificates: &[CertificateDer<'_>],
    now: Timestamp,
    fix: String,
) -> CheckLine {
    let all: Vec<Validity> = certificates
        .iter()
        .filter_map(|certificate| Validity::of(certificate))
        .collect();
    let Some(last) = all.iter().max_by_key(|validity| validity.not_after) else {
        return CheckLine::error(about, "no certificate in it can be read", fix);
    };
    let count = match certificates.len() {
        1 => "1 certificate".to_owned(),
        count => format!("{count} certificates"),
    };
    if last.is_expired(now) {
        return CheckLine::error(
            about,
            format!(
                "{count}, expired since {}; every call fails",
                last.not_after
            ),
            fix,
        );
    }
    if last.is_late(now) {
        return CheckLine::warning(
            about,
            format!("{count}, which expires soon, at {}", last.not_after),
            fix,
        );
    }
    if all.iter().any(|validity| validity.is_expired(now)) {
        return CheckLine::warning(
            about,
            format!("{count}, not all of which are still valid"),
            "remove the expired one, or wait until what manages the bundle does",
        );
    }
    CheckLine::ok(about, format!("{count}, valid until {}", last.not_after))
}
