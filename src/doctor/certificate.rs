//! The certificate that a server shows: its time, its names, and who signed it.

use jiff::Timestamp;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, RootCertStore};
use x509_parser::extensions::GeneralName;

use super::bundle::Trust;
use super::line::CheckLine;
use super::validity::Validity;
use crate::server::tls;

/// What the API server would hold against a chain, as three checks: time, names, signature.
///
/// `about` begins the lines, `host` is the name that must be in the leaf.
pub(super) fn check(
    about: &str,
    chain: &[CertificateDer<'_>],
    trust: &Trust,
    host: &str,
    now: Timestamp,
) -> Vec<CheckLine> {
    let about = format!("{about} certificate");
    let renew = "renew it: cert-manager does by itself; by hand, as in certs/README.md";
    let parsed = chain
        .first()
        .and_then(|leaf| Some((leaf, Validity::of(leaf)?)));
    let Some((leaf, validity)) = parsed else {
        return vec![CheckLine::error(about, "cannot be read", renew)];
    };
    vec![
        time(&about, validity, now, renew),
        names(&about, leaf, host),
        signature(&about, chain, trust, validity, now),
    ]
}

fn time(about: &str, validity: Validity, now: Timestamp, renew: &str) -> CheckLine {
    let Validity {
        not_before,
        not_after,
    } = validity;
    if validity.is_expired(now) {
        CheckLine::error(
            about,
            format!("expired at {not_after}; every call fails"),
            renew,
        )
    } else if validity.is_early(now) {
        CheckLine::error(
            about,
            format!("is not valid before {not_before}; every call fails until then"),
            "compare the clocks of this machine and of the one that issued it",
        )
    } else if validity.is_late(now) {
        CheckLine::warning(about, format!("expires soon, at {not_after}"), renew)
    } else {
        CheckLine::ok(about, format!("valid until {not_after}"))
    }
}

fn names(about: &str, leaf: &CertificateDer<'_>, host: &str) -> CheckLine {
    let verified = ServerName::try_from(host.to_owned())
        .ok()
        .zip(ParsedCertificate::try_from(leaf).ok())
        .is_some_and(|(name, leaf)| verify_server_name(&leaf, &name).is_ok());
    if verified {
        return CheckLine::ok(about, format!("is for {host}"));
    }
    let names = subject_names(leaf);
    let instead = if names.is_empty() {
        "no name: it has no subjectAltName, and a common name does not count".to_owned()
    } else {
        names.join(", ")
    };
    CheckLine::error(
        about,
        format!(
            "is not for {host}, which the API server calls, but for {instead}; every call fails"
        ),
        format!("issue it for {host} (dnsNames of the Certificate, or --tls-name)"),
    )
}

fn subject_names(leaf: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, leaf)) = x509_parser::parse_x509_certificate(leaf) else {
        return Vec::new();
    };
    let Ok(Some(names)) = leaf.subject_alternative_name() else {
        return Vec::new();
    };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => address(bytes),
        other => other.to_string(),
    };
    names.value.general_names.iter().map(text).collect()
}

fn address(bytes: &[u8]) -> String {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        std::net::Ipv4Addr::from(bytes).to_string()
    } else if let Ok(bytes) = <[u8; 16]>::try_from(bytes) {
        std::net::Ipv6Addr::from(bytes).to_string()
    } else {
        "an address that cannot be read".to_owned()
    }
}

fn signature(
    about: &str,
    chain: &[CertificateDer<'_>],
    trust: &Trust,
    validity: Validity,
    now: Timestamp,
) -> CheckLine {
    // The time is another check's.
    let at = now.clamp(validity.not_before, validity.not_after);
    match trust {
        Trust::System => CheckLine::warning(
            about,
            "its signature is not checked: there is no caBundle",
            "look at the API server's log for \"failed calling webhook\"",
        ),
        Trust::Nothing => CheckLine::error(
            about,
            "no caBundle to check it by",
            "fix the caBundle first",
        ),
        Trust::Bundle(bundle) => match signed_by(chain, bundle, at) {
            Ok(()) => CheckLine::ok(about, "is trusted by the caBundle"),
            Err(error) => CheckLine::error(
                about,
                format!(
                    "is not trusted by the caBundle ({}); every call fails",
                    words(&error)
                ),
                "put the CA that signed it into the caBundle, or serve a certificate of the CA that is there, with its intermediates",
            ),
        },
    }
}

fn words(error: &rustls::Error) -> String {
    match error {
        // The second where another authority has the trusted one's name: a CA that was created again.
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => "signed by another authority".to_owned(),
        rustls::Error::InvalidCertificate(error) => error.to_string(),
        error => error.to_string(),
    }
}

fn signed_by(
    chain: &[CertificateDer<'_>],
    bundle: &[CertificateDer<'static>],
    at: Timestamp,
) -> Result<(), rustls::Error> {
    let unreadable = || rustls::Error::InvalidCertificate(CertificateError::BadEncoding);
    let (leaf, intermediates) = chain.split_first().ok_or_else(unreadable)?;
    // As the API server has it: what is in the bundle itself is trusted, CA or not.
    if bundle.iter().any(|trusted| trusted == leaf) {
        return Ok(());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(bundle.iter().cloned());
    let since = u64::try_from(at.as_second()).unwrap_or_default();
    verify_server_cert_signed_by_trust_anchor(
        &ParsedCertificate::try_from(leaf)?,
        &roots,
        intermediates,
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(since)),
        tls::provider().signature_verification_algorithms.all,
    )
}
