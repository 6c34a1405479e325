//! A CA and a serving certificate that live in memory, for a desk without certificates.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::PrivateKeyDer;
use time::{Duration, OffsetDateTime};

use super::{EphemeralCa, Error, Identity};

/// The file that the CA's certificate is written to.
pub const CA_FILE: &str = "ca.crt";

/// Names that the certificate has always.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Both certificates are valid from a little earlier, for clients whose clock is late.
const BACKDATED: Duration = Duration::hours(1);
const LIFETIME: Duration = Duration::days(365);

/// Makes a CA, and a certificate for the local host and `names` that it has signed. The CA's key is dropped.
pub(super) fn make(names: &[String]) -> Result<Identity, Error> {
    let issuer = CertifiedIssuer::self_signed(ca_params(), KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = leaf_params(names)?.signed_by(&key, &issuer)?;
    let private = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut identity = Identity::new(vec![leaf.der().clone()], private)?;
    let not_after = super::not_after(issuer.der()).unwrap_or(identity.not_after);
    identity.ca = Some(EphemeralCa {
        pem: issuer.pem(),
        not_after,
    });
    Ok(identity)
}

fn ca_params() -> CertificateParams {
    let mut params = params("wfe-webhook ephemeral CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut all: Vec<String> = LOCAL_NAMES.map(str::to_owned).to_vec();
    for name in names {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    let mut params = params("wfe-webhook");
    params.subject_alt_names = CertificateParams::new(all)?.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.not_before = OffsetDateTime::now_utc() - BACKDATED;
    params.not_after = params.not_before + LIFETIME;
    params
}

/// Writes the CA's certificate to [`CA_FILE`] in `directory`, which is made if need be, and gives the file's path.
///
/// Readers see the old file or the new one, never a part.
///
/// # Errors
///
/// When the folder cannot be made or written to.
pub fn write_ca(directory: &Path, pem: &str) -> Result<PathBuf, Error> {
    let path = directory.join(CA_FILE);
    match replace(directory, &path, pem) {
        Ok(()) => Ok(path),
        Err(error) => Err(Error::Write { path, error }),
    }
}

fn replace(directory: &Path, path: &Path, pem: &str) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    // The process id keeps two servers with one folder from writing the same temporary file.
    let temporary = directory.join(format!(".{CA_FILE}.{}", std::process::id()));
    let written = write_whole(&temporary, pem).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
