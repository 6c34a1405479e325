//! The certificates that the API server trusts the webhook by.

use x509_parser::pem::Pem;

/// PEM text with at least one certificate, and nothing that must stay secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaBundle(Vec<u8>);

/// Why a text is no CA bundle. An API server accepts any text, and fails at the first call.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum CaBundleError {
    /// No block `CERTIFICATE`.
    #[error(
        "holds no certificate; expected PEM text with at least one block `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate,
    /// A block that cannot be read.
    #[error("PEM block {number} cannot be read: {problem}")]
    Block {
        /// Counted from one.
        number: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A private key, which every reader of the configuration would see.
    #[error(
        "PEM block {number} is a private key, which the configuration would publish; give a file with the CA's certificate alone"
    )]
    PrivateKey {
        /// Counted from one.
        number: usize,
    },
}

impl CaBundle {
    /// Checks the text of a PEM file and keeps it as it stands.
    ///
    /// # Errors
    ///
    /// When there is no certificate in it, a block that cannot be read, or a private key.
    pub(crate) fn new(pem: Vec<u8>) -> Result<Self, CaBundleError> {
        let mut certificates = 0;
        for (number, block) in (1..).zip(Pem::iter_from_buffer(&pem)) {
            let unreadable = |problem: &dyn ToString| CaBundleError::Block {
                number,
                problem: problem.to_string(),
            };
            let block = block.map_err(|error| unreadable(&error))?;
            if block.label.ends_with("PRIVATE KEY") {
                return Err(CaBundleError::PrivateKey { number });
            }
            if block.label == "CERTIFICATE" {
                block.parse_x509().map_err(|error| unreadable(&error))?;
                certificates += 1;
            }
        }
        if certificates == 0 {
            return Err(CaBundleError::NoCertificate);
        }
        Ok(Self(pem))
    }

    /// The PEM text.
    #[must_use]
    pub(crate) fn pem(&self) -> &[u8] {
        &self.0
    }
}
