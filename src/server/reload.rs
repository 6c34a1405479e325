//! Takes what has changed in certificate files into use, without a restart.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::tls::{self, AuthorityChanges, Endpoint, Renewals};
use crate::metrics::{Certificate, Metrics};

/// How long the wall clock goes unwatched: it may jump, and the machine may sleep.
const CLOCK_CHECK: Duration = Duration::from_secs(30);

/// Follows the serving certificate's files as long as it is polled. Files that hold nothing to serve change nothing; a
/// certificate that expires is still served, and logged.
pub(super) async fn follow_certificate(
    mut renewals: Renewals,
    endpoint: Arc<Endpoint>,
    metrics: Arc<Metrics>,
) {
    let mut not_after = renewals.not_after;
    // What had expired before it was served was logged at the start.
    let mut is_logged = not_after < Timestamp::now().as_second();
    loop {
        let renewed = tokio::select! {
            renewed = renewals.next() => renewed,
            () = expiry(not_after), if !is_logged => {
                is_logged = true;
                tracing::warn!(
                    "the serving certificate has expired, and no newer one is in its files; API servers will refuse it"
                );
                continue;
            }
        };
        let taken = renewed.and_then(|identity| {
            let not_after = identity.not_after;
            endpoint.serve(identity)?;
            Ok(not_after)
        });
        if let Ok(renewed) = taken {
            not_after = renewed;
            is_logged = false;
        }
        report(Certificate::Leaf, &taken, &metrics);
    }
}

/// The same for the clients' CAs.
pub(super) async fn follow_client_ca(
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

/// Waits until a time, in seconds since 1970, has passed by the wall clock.
async fn expiry(time: i64) {
    loop {
        let left = time - Timestamp::now().as_second();
        let Ok(left) = u64::try_from(left) else {
            return;
        };
        // Never at once: up to a second of the last one is left.
        let left = Duration::from_secs(left.max(1));
        tokio::time::sleep(left.min(CLOCK_CHECK)).await;
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
