use std::io;
use std::net::SocketAddr;

use super::tls;

/// Why a server cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no certificate to serve.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// A port cannot be bound.
    #[error("cannot listen on {address}: {error}; choose another with {flag}")]
    Bind {
        /// The flag that names the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        error: io::Error,
    },
    /// The thread of the admin port cannot be started.
    #[error("cannot start the thread of --admin-listen: {0}")]
    AdminThread(#[source] io::Error),
    /// A listener failed for good.
    #[error("cannot accept connections on {address}: {error}")]
    Listener {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        error: io::Error,
    },
    /// The webhook's own certificates could not be set up.
    #[error(transparent)]
    SelfManaged(#[from] crate::cluster::Error),
    /// Events cannot be recorded. Its text has the causes.
    #[error(
        "--events needs an API server to call: {0}; run in a cluster, or name a kubeconfig by KUBECONFIG"
    )]
    Events(crate::kubernetes::ConnectError),
    /// The metrics contradict each other.
    #[error("cannot set up metrics: {0}")]
    Metrics(#[from] prometheus::Error),
}
