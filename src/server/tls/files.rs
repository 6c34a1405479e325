//! A certificate and a key from PEM files.

use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Error, Identity};

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private key";

/// Loads the pair and checks that it is one.
pub(super) fn load(certificate: &Path, key: &Path) -> Result<Identity, Error> {
    let chain = read_chain(certificate)?;
    let private = read_key(key)?;
    Identity::new(chain, private).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => Error::Mismatch {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        },
        error => Error::Unusable {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            error,
        },
    })
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = read(CERTIFICATE, path)?;
    let chain = CertificateDer::pem_slice_iter(&text)
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

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let text = read(KEY, path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let path = path.to_owned();
        match error {
            pem::Error::NoItemsFound if is_encrypted(&text) => Error::Encrypted { path },
            pem::Error::NoItemsFound => Error::Missing {
                what: KEY,
                path,
                expected: "PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY",
            },
            error => Error::Pem { path, error },
        }
    })
}

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::Read {
        what,
        path: path.to_owned(),
        error,
    })
}

fn is_encrypted(pem: &[u8]) -> bool {
    String::from_utf8_lossy(pem).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}
