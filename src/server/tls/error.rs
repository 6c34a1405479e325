use std::io;
use std::path::PathBuf;

/// Why there is no certificate to serve.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read the {what} {path:?}: {error}")]
    Read {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// A file has no block of the kind that is needed.
    #[error("{path:?} holds no {what}; expected a PEM block {expected}")]
    Missing {
        /// What the file should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The PEM labels that would do.
        expected: &'static str,
    },
    /// A PEM block is broken.
    #[error("{path:?} is no readable PEM file: {error}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: rustls::pki_types::pem::Error,
    },
    /// The key is encrypted.
    #[error(
        "the key in {path:?} is encrypted; decrypt it, for example with `openssl pkey -in FILE -out FILE`"
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// Certificate and key are of different pairs.
    #[error("the certificate in {certificate:?} and the key in {key:?} do not belong together")]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// Certificate or key cannot be used.
    #[error("cannot serve the certificate in {certificate:?} with the key in {key:?}: {error}")]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// The TLS library's reason.
        error: rustls::Error,
    },
    /// A new certificate has expired.
    #[error("the certificate in {path:?} expired at {not_after}")]
    Expired {
        /// The certificate's file.
        path: PathBuf,
        /// When it expired.
        not_after: String,
    },
    /// The clients' CA cannot be used.
    #[error("cannot use the client CA in {path:?}: {error}")]
    ClientCa {
        /// The CA's file.
        path: PathBuf,
        /// The TLS library's reason.
        error: String,
    },
    /// The ephemeral certificate could not be made.
    #[error("cannot make an ephemeral certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// The ephemeral certificate or the TLS settings were not taken.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The ephemeral CA's certificate could not be written.
    #[error(
        "cannot write the CA certificate {path:?}: {error}; name another folder with --certs-dir"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
}
