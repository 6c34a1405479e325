//! The HTTPS server: TLS, routes, limits, probes, drain.

mod acceptor;
mod activity;
mod admin;
mod admin_thread;
mod body;
mod error;
mod gate;
mod lifecycle;
mod limits;
mod listeners;
mod log;
mod memory;
mod open_files;
mod refusal;
mod reload;
mod self_managed;
mod service;
mod timed;
pub mod tls;
mod webhook;

pub mod go_duration;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus::IntCounter;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use crate::cluster;
use crate::cluster::keeper::Keeper;
use crate::events::{EventSettings, Recorder, Recording};
use crate::metrics::{Certificate, Metrics, PortName};
use crate::policy::Policy;
use acceptor::{PlainAcceptor, TlsAcceptor};
use admin::Admin;
use admin_thread::AdminThread;
use lifecycle::{Lifecycle, Phase};
use listeners::Port;
use service::Connections;
use timed::Deadlines;
use tls::{CertificateSource, ClientAuthority, ClientSettings, Endpoint, Identity};
use webhook::Webhooks;

pub use error::Error;
pub use limits::{
    BODY_LIMIT, CLIENT_IDLE, HEAD_LIMIT, LEAST_SPEED, Limits, MEMORY_BUDGET, SMALL_BODY,
};
pub use webhook::Judge;

/// Connections to the admin port: probes, scrapes, and a few people.
const ADMIN_CONNECTIONS: usize = 256;

/// How long an idle one may keep its place: a probe that finds none would end the pod.
const ADMIN_IDLE: Duration = Duration::from_secs(15);

/// How many cores this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Everything that a server is started with.
#[derive(Debug)]
pub struct Settings {
    /// Where reviews are answered, by HTTPS.
    pub listen: SocketAddr,
    /// Where probes and metrics are answered, by HTTP.
    pub admin_listen: SocketAddr,
    /// The serving certificate.
    pub certificate: CertificateSource,
    /// Which clients are answered; all where there is nothing.
    pub clients: Option<ClientSettings>,
    /// How often the files of certificates are read again.
    pub reload_interval: Duration,
    /// What decides verdicts.
    pub policy: Policy,
    /// The function that judges: [`crate::admission::judge`], except in tests.
    pub judge: Judge,
    /// How much one client may cost.
    pub limits: Limits,
    /// How long to serve on after the signal to stop.
    pub drain_delay: Duration,
    /// How long to wait for what is in flight after that.
    pub drain_timeout: Duration,
    /// How Events are recorded, if they are.
    pub events: Option<EventSettings>,
    /// How many lines of the log could not be written; the writer of the log counts them.
    pub log_lines_lost: IntCounter,
}

/// A server whose ports are bound; it serves once it [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    https: Port,
    admin: Port,
    lifecycle: Arc<Lifecycle>,
    webhooks: Arc<Webhooks>,
    endpoint: Arc<Endpoint>,
    clients: Option<ClientSettings>,
    background: JoinSet<()>,
    recording: Option<Recording>,
    self_managed: Option<cluster::SelfManagedSettings>,
    ca_file: Option<PathBuf>,
    drain_delay: Duration,
    drain_timeout: Duration,
}

/// Makes a running server drain and end.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Lifecycle>);

impl Stop {
    /// Begins the drain. To call it again changes nothing.
    pub fn drain(&self) {
        self.0.advance(Phase::Draining);
    }
}

impl Server {
    /// Loads or makes the certificate, binds both ports, and writes the ephemeral CA's certificate.
    ///
    /// # Errors
    ///
    /// When there is no usable certificate, a port cannot be bound, or the CA's certificate cannot be written.
    pub fn bind(settings: Settings) -> Result<Self, Error> {
        let metrics = Arc::new(Metrics::new(settings.log_lines_lost)?);
        let lifecycle = Arc::new(Lifecycle::default());
        let (mut identity, renewals) =
            Identity::load(&settings.certificate, settings.reload_interval)?;
        let self_managed = match &settings.certificate {
            CertificateSource::SelfManaged(settings) => Some(settings.clone()),
            _ => None,
        };
        if self_managed.is_none() {
            metrics.expires(Certificate::Leaf, identity.not_after);
        }
        if identity.not_after < Timestamp::now().as_second() {
            tracing::warn!("the serving certificate has expired; API servers will refuse it");
        }
        let ca = identity.ca.take();
        let authority = match &settings.clients {
            Some(clients) => {
                let loaded = ClientAuthority::load(clients, settings.reload_interval)?;
                metrics.expires(Certificate::ClientCa, loaded.0.not_after);
                Some(loaded)
            }
            None => None,
        };
        let (authority, authority_changes) = authority.unzip();
        let endpoint = Endpoint::new(identity, authority).map_err(tls::Error::Tls)?;
        let endpoint = Arc::new(endpoint);
        let wanted = settings.limits.max_connections.get();
        let open_files = open_files::limit();
        let max_connections = open_files.map_or(wanted, |limit| open_files::fitting(wanted, limit));
        let https = Port::bind(PortName::Webhooks, settings.listen, max_connections)?;
        let admin = Port::bind(PortName::Admin, settings.admin_listen, ADMIN_CONNECTIONS)?;
        if max_connections < wanted {
            tracing::warn!(
                open_files,
                "only {max_connections} connections fit into the files that may be open, instead of the {wanted} of \
                 --max-connections; raise the limit (ulimit -n)"
            );
        }
        let mut ca_file = None;
        if let (CertificateSource::Ephemeral { directory, .. }, Some(ca)) =
            (&settings.certificate, ca)
        {
            metrics.expires(Certificate::Ca, ca.not_after);
            ca_file = Some(tls::write_ca(directory, &ca.pem)?);
        }
        let mut background = JoinSet::new();
        if let Some(renewals) = renewals {
            let metrics = Arc::clone(&metrics);
            background.spawn(reload::follow_certificate(
                renewals,
                Arc::clone(&endpoint),
                metrics,
            ));
        }
        if let Some(changes) = authority_changes {
            let metrics = Arc::clone(&metrics);
            background.spawn(reload::follow_client_ca(
                changes,
                Arc::clone(&endpoint),
                metrics,
            ));
        }
        let (events, recording) = settings
            .events
            .map(|settings| Recorder::start(settings, Arc::clone(&metrics)))
            .transpose()
            .map_err(Error::Events)?
            .unzip();
        let queue = (settings.limits.max_in_flight.get() * 3).div_ceil(4);
        let webhooks = Arc::new(Webhooks {
            judge: settings.judge,
            policy: settings.policy,
            limits: settings.limits,
            metrics,
            in_flight: Arc::default(),
            queue: Arc::new(Semaphore::new(queue)),
            judging: Arc::new(Semaphore::new(cores().div_ceil(2))),
            bodies: body::Bodies::default(),
            refusals: log::LineLimits::default(),
            events,
        });
        Ok(Self {
            https,
            admin,
            lifecycle,
            webhooks,
            endpoint,
            clients: settings.clients,
            background,
            recording,
            self_managed,
            ca_file,
            drain_delay: settings.drain_delay,
            drain_timeout: settings.drain_timeout,
        })
    }

    /// Where reviews are answered.
    #[must_use]
    pub fn https_address(&self) -> SocketAddr {
        self.https.address()
    }

    /// Where probes and metrics are answered.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// The file with the ephemeral CA's certificate, where there is one.
    #[must_use]
    pub fn ca_file(&self) -> Option<&std::path::Path> {
        self.ca_file.as_deref()
    }

    /// What the webhook manages its own certificates by, if it does.
    #[must_use]
    pub fn self_managed(&self) -> Option<&cluster::SelfManagedSettings> {
        self.self_managed.as_ref()
    }

    /// What ends the server.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop(Arc::clone(&self.lifecycle))
    }

    /// Serves until [`Stop::drain`] is called and the drain is over.
    ///
    /// # Errors
    ///
    /// When a listener fails for good, or a certificate of the webhook's own takes too long to come.
    pub async fn run(self) -> Result<(), Error> {
        let limits = &self.webhooks.limits;
        let deadlines = limits.deadlines();
        // What runs in the background ends with this function.
        let _background = self.background;
        let certificate_expires = Arc::new(AtomicI64::new(i64::MAX));
        let keeper = self.self_managed.map(|settings| {
            let listener = self_managed::Listener {
                endpoint: Arc::clone(&self.endpoint),
                metrics: Arc::clone(&self.webhooks.metrics),
                lifecycle: Arc::clone(&self.lifecycle),
                expires: Arc::clone(&certificate_expires),
            };
            Keeper::new(settings, listener)
        });
        let acceptor = TlsAcceptor {
            endpoint: self.endpoint,
            clients: self.clients.map(Arc::new),
            handshake_timeout: limits.handshake_timeout,
            deadlines,
            lifecycle: Arc::clone(&self.lifecycle),
            metrics: Arc::clone(&self.webhooks.metrics),
            failures: Arc::default(),
        };
        let admin_acceptor = PlainAcceptor {
            deadlines: Deadlines {
                idle: deadlines.idle.min(ADMIN_IDLE),
                ..deadlines
            },
            lifecycle: Arc::clone(&self.lifecycle),
        };
        let admin_routes = admin::routes(Arc::new(Admin {
            lifecycle: Arc::clone(&self.lifecycle),
            certificate_expires,
            metrics: Arc::clone(&self.webhooks.metrics),
            in_flight: Arc::clone(&self.webhooks.in_flight),
            scrapes: Arc::default(),
            waiting_scrapes: Semaphore::new(admin::MOST_WAITING_SCRAPES),
            last_scrape: Mutex::default(),
        }));
        let metrics = Arc::clone(&self.webhooks.metrics);
        let routes = webhook::routes(self.webhooks);
        let closes_at = Some(Phase::Stopped);
        let connections =
            |routes| Connections::new(routes, Arc::clone(&self.lifecycle), Arc::clone(&metrics));
        let mut https = self.https.serve(
            &Handle::current(),
            acceptor,
            connections(routes),
            &self.lifecycle,
            &metrics,
            closes_at,
        )?;
        // Probes and scrapes do not wait for reviews, nor reviews for them.
        let admin_thread = AdminThread::start()?;
        let mut admin = self.admin.serve(
            admin_thread.handle(),
            admin_acceptor,
            connections(admin_routes).of_one_request(),
            &self.lifecycle,
            &metrics,
            None,
        )?;
        let certificates = async {
            if let Some(keeper) = keeper {
                return keeper.run().await;
            }
            self.lifecycle.advance(Phase::Ready);
            std::future::pending().await
        };
        tokio::select! {
            () = self.lifecycle.reached(Phase::Draining) => {}
            ended = https.ended() => return Err(ended),
            ended = admin.ended() => return Err(ended),
            failed = certificates => return Err(failed.into()),
        }
        tracing::info!(delay = ?self.drain_delay, "draining: not ready, still serving");
        tokio::time::sleep(self.drain_delay).await;
        self.lifecycle.advance(Phase::Stopped);
        let connections = https.connections();
        tracing::info!(connections, timeout = ?self.drain_timeout, "no new connections; finishing what is in flight");
        if tokio::time::timeout(self.drain_timeout, https.closed())
            .await
            .is_err()
        {
            let connections = https.connections();
            tracing::warn!(connections, "the drain took too long; connections are cut");
        }
        if let Some(recording) = self.recording {
            recording.finish().await;
        }
        Ok(())
    }
}
