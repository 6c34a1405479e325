//! A certificate and a key from PEM files, and their successors.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::watch::{Source, Watch};
use super::{Error, Identity};

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private key";

/// The files of a certificate and its key.
#[derive(Clone, Debug)]
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

/// What the files hold.
#[derive(Hash)]
struct PairText {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Source for Pair {
    type Content = PairText;

    fn read(&self) -> Result<PairText, Error> {
        Ok(PairText {
            certificate: read(CERTIFICATE, &self.certificate)?,
            key: read(KEY, &self.key)?,
        })
    }
}

impl Pair {
    /// Checks that this is a pair.
    fn identity(&self, text: &PairText) -> Result<Identity, Error> {
        let chain = parse_chain(&self.certificate, &text.certificate)?;
        let private = parse_key(&self.key, &text.key)?;
        Identity::new(chain, private).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => Error::Mismatch {
                certificate: self.certificate.clone(),
                key: self.key.clone(),
            },
            error => Error::Unusable {
                certificate: self.certificate.clone(),
                key: self.key.clone(),
                error,
            },
        })
    }
}

/// Waits for the successors of a certificate that was loaded from files.
#[derive(Debug)]
pub struct Renewals {
    watch: Watch<Pair>,
    /// When the certificate that was loaded first expires, in seconds since 1970.
    pub not_after: i64,
}

/// Loads the pair and checks that it is one.
pub(super) fn load(
    certificate: &Path,
    key: &Path,
    interval: Duration,
) -> Result<(Identity, Renewals), Error> {
    let pair = Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
    };
    let (watch, text) = Watch::new(pair, interval)?;
    let identity = watch.source().identity(&text)?;
    let not_after = identity.not_after;
    Ok((identity, Renewals { watch, not_after }))
}

/// Loads the pair as it is now.
pub(super) fn load_once(certificate: &Path, key: &Path) -> Result<Identity, Error> {
    let pair = Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
    };
    pair.identity(&pair.read()?)
}

impl Renewals {
    /// Waits until the files have changed, and gives what they hold now.
    ///
    /// # Errors
    ///
    /// When that is nothing to serve: no pair, not readable, or expired. Waiting again goes on from there.
    pub async fn next(&mut self) -> Result<Identity, Error> {
        let text = self.watch.changed().await?;
        let pair = self.watch.source();
        let identity = pair.identity(&text)?;
        if identity.not_after < Timestamp::now().as_second() {
            return Err(Error::Expired {
                path: pair.certificate.clone(),
                not_after: super::time_text(identity.not_after),
            });
        }
        Ok(identity)
    }
}

/// All certificates of a PEM file, of which there is at least one.
pub(super) fn parse_chain(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let chain = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::Pem {
            path: path.to_owned(),
            error,
        })?;
    if chain.is_empty() {
        return Err(Error::Missing {
            what: CERTIFICATE,
            path: path.to_owned(),
            expected: "CERTIFICATE",
        });
    }
    Ok(chain)
}

fn parse_key(path: &Path, text: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        let path = path.to_owned();
        match error {
            pem::Error::NoItemsFound if is_encrypted(text) => Error::Encrypted { path },
            pem::Error::NoItemsFound => Error::Missing {
                what: KEY,
                path,
                expected: "PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY",
            },
            error => Error::Pem { path, error },
        }
    })
}

/// Reads a file that should hold `what`.
pub(super) fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::Read {
        what,
        path: path.to_owned(),
        error,
    })
}

fn is_encrypted(pem: &[u8]) -> bool {
    String::from_utf8_lossy(pem).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}
