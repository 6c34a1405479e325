//! A certificate authority, and what it signs.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use x509_parser::prelude::X509Certificate;

use super::Error;

/// The name of the authorities that replicas create, and of the one that cert-manager creates for the chart: when one
/// takes over the Secret, it goes on with the same authority.
const COMMON_NAME: &str = "wfe-webhook self-managed CA";

/// Certificates are valid from a little earlier, for clocks that are late.
pub(super) const BACKDATED: Duration = Duration::from_secs(60 * 60);

/// A certificate authority; two are equal when their certificates and keys are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Authority {
    /// When it expires, in seconds since 1970.
    pub not_after: i64,
    /// From when on it is valid, in seconds since 1970.
    pub not_before: i64,
    der: Vec<u8>,
    key: Option<String>,
}

impl fmt::Debug for Authority {
    /// Never shows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .field("has_key", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

/// A serving certificate with its key.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// From when on it is valid, in seconds since 1970.
    pub not_before: i64,
    /// When it expires, in seconds since 1970: never later than its authority.
    pub not_after: i64,
}

impl Authority {
    /// Puts one together; for tests of what needs no real certificates, and for readers.
    #[must_use]
    pub(crate) fn from_parts(
        der: Vec<u8>,
        key: Option<String>,
        not_before: i64,
        not_after: i64,
    ) -> Self {
        Self {
            not_after,
            not_before,
            der,
            key,
        }
    }

    /// Creates one that expires `lifetime` after `now`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// When the clock is out of range, or the crypto library fails.
    pub(crate) fn mint(now: i64, lifetime: Duration) -> Result<Self, Error> {
        let key = KeyPair::generate()?;
        let (not_before, not_after) = (now - seconds(BACKDATED), now + seconds(lifetime));
        let mut params = params();
        params.not_before = instant(not_before)?;
        params.not_after = instant(not_after)?;
        let certificate = params.self_signed(&key)?;
        Ok(Self::from_parts(
            certificate.der().to_vec(),
            Some(key.serialize_pem()),
            not_before,
            not_after,
        ))
    }

    /// Reads a certificate, if it is an authority of our name that signed itself.
    #[must_use]
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let ours = rest.is_empty()
            && certificate.is_ca()
            && certificate.subject() == certificate.issuer()
            && is_ours(&certificate)
            && certificate.verify_signature(None).is_ok();
        let validity = certificate.validity();
        ours.then(|| {
            Self::from_parts(
                der.to_vec(),
                None,
                validity.not_before.timestamp(),
                validity.not_after.timestamp(),
            )
        })
    }

    /// This authority with its key, if the key is the one of the certificate.
    #[must_use]
    pub(crate) fn with_key(self, pem: &str) -> Option<Self> {
        let key = KeyPair::from_pem(pem).ok()?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&self.der).ok()?;
        let fits = *certificate.public_key().subject_public_key.data == *key.public_key_raw();
        fits.then(|| Self {
            key: Some(pem.to_owned()),
            ..self
        })
    }

    /// This authority as one that is only trusted.
    #[must_use]
    pub(crate) fn without_key(&self) -> Self {
        Self {
            key: None,
            ..self.clone()
        }
    }

    /// Its serial number, as `openssl x509 -serial` prints it with colons in between.
    #[must_use]
    pub(crate) fn serial(&self) -> String {
        x509_parser::parse_x509_certificate(&self.der)
            .map_or_else(|_| String::new(), |(_, read)| read.raw_serial_as_string())
    }

    /// Its certificate, which identifies it.
    #[must_use]
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its certificate as a PEM block.
    #[must_use]
    pub(crate) fn pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (index, letter) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// Its key as a PEM block, where it is known.
    #[must_use]
    pub(crate) fn key_pem(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Signs a serving certificate for `name` that expires `lifetime` after `now`, or with the authority.
    ///
    /// # Errors
    ///
    /// When the key is not known or the crypto library fails.
    pub(crate) fn issue(&self, name: &str, now: i64, lifetime: Duration) -> Result<Leaf, Error> {
        self.issue_for(name, now - seconds(BACKDATED), now + seconds(lifetime))
    }

    /// The same, valid between two moments in seconds since 1970, and no longer than the authority.
    ///
    /// # Errors
    ///
    /// As [`Authority::issue`].
    pub(crate) fn issue_for(
        &self,
        name: &str,
        not_before: i64,
        not_after: i64,
    ) -> Result<Leaf, Error> {
        let signing = KeyPair::from_pem(self.key.as_deref().unwrap_or_default())?;
        // The name as the certificate encodes it: clients compare the bytes.
        let issuer = Issuer::from_ca_cert_der(&CertificateDer::from(self.der.as_slice()), signing)?;
        let not_after = self.not_after.min(not_after);
        let mut leaf = CertificateParams::new([name.to_owned(), "localhost".to_owned()])?;
        leaf.distinguished_name.remove(DnType::CommonName);
        leaf.distinguished_name
            .push(DnType::CommonName, "wfe-webhook");
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        leaf.not_before = instant(not_before)?;
        leaf.not_after = instant(not_after)?;
        let key = KeyPair::generate()?;
        let certificate = leaf.signed_by(&key, &issuer)?;
        Ok(Leaf {
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            not_before,
            not_after,
        })
    }
}

fn is_ours(certificate: &X509Certificate<'_>) -> bool {
    certificate
        .subject()
        .iter_common_name()
        .any(|name| name.as_str() == Ok(COMMON_NAME))
}

pub(super) fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    // The encoding that Go chooses for it. With the same name and key, what this authority signed is trusted by the
    // certificate that cert-manager gives it, and the other way round.
    let name = PrintableString::try_from(COMMON_NAME)
        .map_or_else(|_| COMMON_NAME.into(), DnValue::PrintableString);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn instant(seconds: i64) -> Result<OffsetDateTime, Error> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Error::Clock(seconds))
}

/// Whole seconds, as certificates count.
pub(super) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 4)
}
