//! Serves certificates that this replica issues itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::lifecycle::{Lifecycle, Phase};
use super::tls::{Endpoint, Identity};
use crate::cluster;
use crate::cluster::authority::{Authority, Leaf};
use crate::cluster::keeper::Sink;
use crate::metrics::{Certificate, Metrics};

/// Takes new certificates into service; the first one makes the server ready.
#[derive(Debug)]
pub(super) struct Listener {
    /// What new connections are served with.
    pub endpoint: Arc<Endpoint>,
    /// Where expiries are counted.
    pub metrics: Arc<Metrics>,
    /// The server's life.
    pub lifecycle: Arc<Lifecycle>,
    /// When the certificate that is served expires, in seconds since 1970.
    pub expires: Arc<AtomicI64>,
}

impl Sink for Listener {
    fn serve(&self, leaf: Leaf, authority: &Authority) -> Result<(), cluster::Error> {
        let not_after = leaf.not_after;
        let identity = Identity::new(vec![leaf.certificate], leaf.key)?;
        self.endpoint.serve(identity)?;
        self.expires.store(not_after, Ordering::Release);
        self.metrics.expires(Certificate::Leaf, not_after);
        self.metrics.expires(Certificate::Ca, authority.not_after);
        self.lifecycle.advance(Phase::Ready);
        Ok(())
    }
}
