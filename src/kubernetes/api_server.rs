//! How the API server is found and reached.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::Response;
use jiff::Timestamp;
use kube::client::ClientBuilder;
use kube::config::{Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use tower::util::MapResponseLayer;

use super::proxy::{self, Environment};
use super::{chain, kubeconfig, time};

/// Until a connection is established, by way of a proxy too.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long an answer may pause that a person waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Which API server to call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Access<'a> {
    /// The kubeconfig; without one it is found as kubectl finds it, or as a pod does.
    pub(crate) kubeconfig: Option<&'a Path>,
    /// The context of the kubeconfig instead of the current one.
    pub(crate) context: Option<&'a str>,
    /// How long an answer may pause.
    pub(crate) read_timeout: Option<Duration>,
}

/// A client for the API server.
#[derive(Clone)]
pub(crate) struct ApiServer {
    client: Client,
    url: String,
    /// The clock of the last answer, in seconds since 1970; 0 before the first one.
    clock: Arc<AtomicI64>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig cannot be used.
    #[error("{}", chain(.0))]
    Kubeconfig(#[source] Box<KubeconfigError>),
    /// The cluster's CA cannot be read.
    #[error("certificate-authority in the kubeconfig cannot be read: {0}")]
    CertificateAuthority(String),
    /// There is neither a kubeconfig nor a pod's service account.
    #[error("{}; this is not a pod either: {pod}", chain(.kubeconfig))]
    NotFound {
        /// What is wrong with the kubeconfig.
        #[source]
        kubeconfig: Box<KubeconfigError>,
        /// What a pod would have.
        pod: String,
    },
    /// The proxy cannot be used.
    #[error("{0}")]
    Proxy(#[from] proxy::Error),
    /// The client cannot be built.
    #[error("{}", chain(.0))]
    Client(#[source] Box<kube::Error>),
}

impl From<KubeconfigError> for ConnectError {
    fn from(error: KubeconfigError) -> Self {
        Self::Kubeconfig(Box::new(error))
    }
}

impl ApiServer {
    /// Finds the API server, and calls it through the proxy through which kubectl would.
    pub(crate) fn find(access: Access<'_>) -> Result<Self, ConnectError> {
        let config = match from_kubeconfig(access) {
            Err(ConnectError::Kubeconfig(kubeconfig))
                if access.kubeconfig.is_none() && access.context.is_none() =>
            {
                Config::incluster().map_err(|error| ConnectError::NotFound {
                    kubeconfig,
                    pod: chain(&error),
                })?
            }
            config => config?,
        };
        Self::with_config(config, access.read_timeout)
    }

    fn with_config(
        mut config: Config,
        read_timeout: Option<Duration>,
    ) -> Result<Self, ConnectError> {
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.read_timeout = read_timeout;
        let url = config.cluster_url.to_string();
        let clock = Arc::<AtomicI64>::default();
        let seen = Arc::clone(&clock);
        let client = ClientBuilder::try_from(config)
            .map_err(|error| ConnectError::Client(Box::new(error)))?
            .with_layer(&MapResponseLayer::new(move |answer: Response<_>| {
                if let Some(date) = time::date(answer.headers()) {
                    seen.store(date.as_second(), Ordering::Relaxed);
                }
                answer
            }))
            .build();
        Ok(Self { client, url, clock })
    }

    /// The client.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The API server's clock as of its last answer.
    pub(crate) fn clock(&self) -> Option<Timestamp> {
        let seconds = self.clock.load(Ordering::Relaxed);
        (seconds > 0)
            .then(|| Timestamp::from_second(seconds).ok())
            .flatten()
    }
}

fn from_kubeconfig(access: Access<'_>) -> Result<Config, ConnectError> {
    let read = match access.kubeconfig {
        Some(file) => Kubeconfig::read_from(file),
        None => Kubeconfig::read(),
    };
    let environment = Environment::read(|name| std::env::var(name).ok());
    kubeconfig::config(&read?, access.context, &environment)
}
