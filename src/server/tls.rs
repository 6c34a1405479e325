//! The TLS side: one crypto provider, TLS 1.2 and 1.3, HTTP/1.1 alone, no resumption.

mod clients;
mod endpoint;
mod ephemeral;
mod error;
mod files;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::cluster;

pub use clients::{AuthorityChanges, ClientAuthority, ClientSettings, UnauthorizedClient};
pub use endpoint::Endpoint;
pub use ephemeral::{CA_FILE, write_ca};
pub use error::Error;
pub use files::Renewals;

/// Where the serving certificate comes from.
#[derive(Clone, Debug)]
pub enum CertificateSource {
    /// A certificate (chain) and its key, as PEM files.
    Files {
        /// The leaf first, then its intermediates.
        certificate: PathBuf,
        /// PKCS#8, PKCS#1 or SEC1.
        key: PathBuf,
    },
    /// A CA and a certificate of its own, made in memory; the CA's certificate is written to `directory`.
    Ephemeral {
        /// Where [`CA_FILE`] goes.
        directory: PathBuf,
        /// DNS names and IP addresses beyond those of the local host.
        names: Vec<String>,
    },
    /// Certificates that the webhook issues itself, by an authority that it shares with its other replicas.
    SelfManaged(cluster::SelfManagedSettings),
}

/// A serving certificate, checked against its key.
#[derive(Debug)]
pub struct Identity {
    certified: CertifiedKey,
    /// When the leaf expires, in seconds since 1970.
    pub not_after: i64,
    /// The ephemeral CA, if the certificate is of one.
    pub ca: Option<EphemeralCa>,
}

/// A CA that lives as long as the process; its key is already gone.
#[derive(Debug)]
pub struct EphemeralCa {
    /// Its certificate.
    pub pem: String,
    /// When it expires, in seconds since 1970.
    pub not_after: i64,
}

/// The crypto provider of the whole program: ring, which needs no long first random number.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    // The installed one is the same; taking it avoids a second copy of its tables.
    CryptoProvider::get_default().map_or_else(
        || Arc::new(rustls::crypto::ring::default_provider()),
        Arc::clone,
    )
}

impl Identity {
    /// Loads or makes the certificate. Files are read again every `interval`, by the returned [`Renewals`].
    ///
    /// # Errors
    ///
    /// When a file cannot be read, has nothing to serve, or certificate and key do not belong together.
    pub fn load(
        source: &CertificateSource,
        interval: Duration,
    ) -> Result<(Self, Option<Renewals>), Error> {
        match source {
            CertificateSource::Files { certificate, key } => {
                let (identity, renewals) = files::load(certificate, key, interval)?;
                Ok((identity, Some(renewals)))
            }
            CertificateSource::Ephemeral { names, .. } => Ok((ephemeral::make(names)?, None)),
            // Until the first one is issued the server is not ready, and no client trusts what it serves.
            CertificateSource::SelfManaged(_) => Ok((ephemeral::make(&[])?, None)),
        }
    }

    /// Reads a certificate (chain) and its key from PEM files.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or they do not belong together.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, Error> {
        files::load_once(certificate, key)
    }

    /// The certificate with its key.
    #[must_use]
    pub fn into_certified(self) -> CertifiedKey {
        self.certified
    }

    /// Checks that `chain` and `key` belong together.
    ///
    /// # Errors
    ///
    /// When they do not, or cannot be read.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, rustls::Error> {
        let not_after = chain
            .first()
            .and_then(not_after)
            .ok_or(rustls::CertificateError::BadEncoding)?;
        Ok(Self {
            certified: CertifiedKey::from_der(chain, key, &provider())?,
            not_after,
            ca: None,
        })
    }
}

/// A time in seconds since 1970, as people read it.
#[must_use]
pub fn time_text(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// When a certificate expires, in seconds since 1970; `None` when it cannot be read.
fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}
