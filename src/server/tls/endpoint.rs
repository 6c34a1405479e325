//! What new connections are served. Either part may be replaced while the server runs; connections that stand live on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;

use super::clients::ClientAuthority;
use super::{Identity, provider};

/// The TLS side of a port.
#[derive(Debug)]
pub struct Endpoint(Mutex<Served>);

#[derive(Debug)]
struct Served {
    parts: Parts,
    config: Arc<ServerConfig>,
}

/// What a configuration is made of.
#[derive(Clone, Debug)]
struct Parts {
    key: Arc<SingleCertAndKey>,
    clients: Arc<dyn ClientCertVerifier>,
}

impl Endpoint {
    /// Serves a certificate, to clients of an authority where there is one.
    ///
    /// # Errors
    ///
    /// When the crypto provider does not support TLS 1.2 and 1.3, which ring can.
    pub fn new(
        identity: Identity,
        clients: Option<ClientAuthority>,
    ) -> Result<Self, rustls::Error> {
        let parts = Parts {
            key: Arc::new(identity.certified.into()),
            clients: clients.map_or_else(WebPkiClientVerifier::no_client_auth, |clients| {
                clients.verifier
            }),
        };
        let config = Arc::new(parts.config()?);
        Ok(Self(Mutex::new(Served { parts, config })))
    }

    /// What the next handshake is held by.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.served().config)
    }

    /// Serves another certificate.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::new`].
    pub fn serve(&self, identity: Identity) -> Result<(), rustls::Error> {
        self.change(|parts| parts.key = Arc::new(identity.certified.into()))
    }

    /// Takes clients of another authority.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::new`].
    pub fn accept(&self, clients: ClientAuthority) -> Result<(), rustls::Error> {
        self.change(|parts| parts.clients = clients.verifier)
    }

    fn change(&self, change: impl FnOnce(&mut Parts)) -> Result<(), rustls::Error> {
        // The lock is held to the end, so that the last change is the one that is served.
        let mut served = self.served();
        let mut parts = served.parts.clone();
        change(&mut parts);
        let config = Arc::new(parts.config()?);
        *served = Served { parts, config };
        Ok(())
    }

    fn served(&self) -> MutexGuard<'_, Served> {
        // What is served is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    fn config(&self) -> Result<ServerConfig, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_client_cert_verifier(Arc::clone(&self.clients))
            .with_cert_resolver(self.key.clone());
        // An API server takes HTTP/2 where it is offered, but HTTP/2's floods are not worth it here.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // An API server never resumes a session, so tickets and caches would be bytes for nothing.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(config)
    }
}
