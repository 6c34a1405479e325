//! Takes what has changed in certificate files into use, without a restart.

use std::sync::Arc;

use super::tls::{self, AuthorityChanges, Endpoint, Renewals};
use crate::metrics::{Certificate, Metrics};

/// Follows the serving certificate's files as long as it is polled. Files that hold nothing to serve change nothing.
pub async fn follow_certificate(
    mut renewals: Renewals,
    endpoint: Arc<Endpoint>,
    metrics: Arc<Metrics>,
) {
    loop {
        let taken = renewals.next().await.and_then(|identity| {
            let not_after = identity.not_after;
            endpoint.serve(identity)?;
            Ok(not_after)
        });
        report(Certificate::Leaf, &taken, &metrics);
    }
}

/// The same for the clients' CAs.
pub async fn follow_client_ca(
    mut changes: AuthorityChanges,
    endpoint: Arc<Endpoint>,
    metrics: Arc<Metrics>,
) {
    loop {
        let taken = changes.next().await.and_then(|authority| {
            let not_after = authority.not_after;
            endpoint.accept(authority)?;
            Ok(not_after)
        });
        report(Certificate::ClientCa, &taken, &metrics);
    }
}

/// Counts and logs a change, which may have been taken: then until when it is valid.
fn report(certificate: Certificate, taken: &Result<i64, tls::Error>, metrics: &Metrics) {
    metrics.reloaded(taken.is_ok());
    let name = certificate.name();
    match taken {
        Ok(not_after) => {
            metrics.expires(certificate, *not_after);
            let not_after = tls::time_text(*not_after);
            tracing::info!(certificate = name, not_after, "using the new certificate");
        }
        Err(error) => {
            tracing::warn!(
                certificate = name, %error,
                "certificate files have changed, but what they held before is still used"
            );
        }
    }
}
