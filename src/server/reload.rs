//! Serves the successors of a certificate without a restart.

use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;

use super::tls::{self, Renewals};
use crate::metrics::{Certificate, Metrics};

/// Follows the certificate's files as long as it is polled. New connections get the new certificate, old ones live on;
/// files that hold nothing to serve change nothing.
pub async fn follow(mut renewals: Renewals, config: RustlsConfig, metrics: Arc<Metrics>) {
    loop {
        let taken = renewals.next().await.and_then(|identity| {
            let not_after = identity.not_after;
            config.reload_from_config(Arc::new(identity.server_config()?));
            Ok(not_after)
        });
        metrics.reloaded(taken.is_ok());
        match taken {
            Ok(not_after) => {
                metrics.expires(Certificate::Leaf, not_after);
                let not_after = tls::time_text(not_after);
                tracing::info!(not_after, "serving the new certificate");
            }
            Err(error) => {
                tracing::warn!(%error, "the certificate's files have changed, but the one from before is still served");
            }
        }
    }
}
