//! The listener: at most so many connections, room for new ones, and a way to close that loses no waiting client.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::activity::Activity;
use super::lifecycle::{Lifecycle, Phase};
use super::log::LineLimit;
use crate::metrics::{Open, PortMetrics};

/// The pause after a connection that could not be accepted: most often the files that may be open are used up, and the next
/// attempt would fail as well.
const RETRY: Duration = Duration::from_millis(50);

/// How long an accepted client may wait for its place once the listener is to be closed.
const LAST_CHANCE: Duration = Duration::from_secs(1);

/// How long to wait for a place before looking for another connection to evict.
const EVICTION_RETRY: Duration = Duration::from_millis(20);

/// How long an evicted connection has to end before another one is evicted.
const EVICTION_TIME: Duration = Duration::from_millis(100);

/// An accepted connection.
#[derive(Debug)]
pub(super) struct Accepted {
    /// The socket.
    pub socket: TcpStream,
    /// What the connection is doing.
    pub activity: Arc<Activity>,
    /// Held as long as the connection lives.
    pub slot: Slot,
}

/// A connection's share of those that may be open.
#[derive(Debug)]
pub(super) struct Slot {
    _open: Open,
    _permit: OwnedSemaphorePermit,
}

/// A bound listener. When as many connections are open as allowed, it closes the one that has been idle longest for a new
/// one, or else the one whose body has been incomplete longest; while all are being answered, further clients wait in the
/// kernel's queue.
#[derive(Debug)]
pub(super) struct Gate {
    listener: TcpListener,
    /// Accepted, and without a place so far.
    waiting: Option<TcpStream>,
    permits: Arc<Semaphore>,
    open: OpenConnections,
    lifecycle: Arc<Lifecycle>,
    closes_at: Option<Phase>,
    max_connections: usize,
    full: LineLimit,
    busy: LineLimit,
    failures: LineLimit,
    metrics: Arc<PortMetrics>,
}

impl Gate {
    /// Wraps a bound listener, which is to be closed when the server reaches `closes_at`.
    pub(super) fn new(
        listener: TcpListener,
        max_connections: usize,
        lifecycle: Arc<Lifecycle>,
        closes_at: Option<Phase>,
        metrics: Arc<PortMetrics>,
    ) -> Self {
        metrics.limited_to(max_connections);
        Self {
            listener,
            waiting: None,
            permits: Arc::new(Semaphore::new(max_connections)),
            open: OpenConnections::default(),
            lifecycle,
            closes_at,
            max_connections,
            full: LineLimit::default(),
            busy: LineLimit::default(),
            failures: LineLimit::default(),
            metrics,
        }
    }

    /// The next connection, or `None` when the listener is to be closed and no client waits. Dropping the future loses no
    /// connection.
    pub(super) async fn next(&mut self) -> Option<Accepted> {
        while self.waiting.is_none() {
            // Accepting comes first: a client in the queue when the listener is closed is still served.
            let accepted = tokio::select! {
                biased;
                accepted = self.listener.accept() => accepted,
                () = self.closing() => return None,
            };
            match accepted {
                Ok((socket, _)) => self.waiting = Some(socket),
                Err(_) if self.is_closing() => return None,
                Err(error) => {
                    self.log_failure(&error);
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
        let permit = tokio::select! {
            biased;
            permit = self.permit() => permit,
            () = self.last_chance() => return None,
        };
        self.waiting.take().map(|socket| self.admit(socket, permit))
    }

    /// A place for one more connection, once another has made room for it.
    async fn permit(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
                return permit;
            }
            self.make_room();
            let freed = Arc::clone(&self.permits).acquire_owned();
            // The inner result is never an error: the semaphore is not closed.
            if let Ok(Ok(permit)) = tokio::time::timeout(EVICTION_RETRY, freed).await {
                return permit;
            }
        }
    }

    fn admit(&self, socket: TcpStream, permit: OwnedSemaphorePermit) -> Accepted {
        let activity = Arc::new(Activity::new(Arc::clone(&self.metrics)));
        self.open.add(&activity);
        Accepted {
            socket,
            activity,
            slot: Slot {
                _open: self.metrics.opened(),
                _permit: permit,
            },
        }
    }

    fn is_closing(&self) -> bool {
        self.closes_at
            .is_some_and(|phase| self.lifecycle.phase() >= phase)
    }

    async fn closing(&self) {
        match self.closes_at {
            Some(phase) => self.lifecycle.reached(phase).await,
            None => std::future::pending().await,
        }
    }

    /// A while after the listener is to be closed: an accepted client whose place is just being made is still served.
    async fn last_chance(&self) {
        self.closing().await;
        tokio::time::sleep(LAST_CHANCE).await;
    }

    /// Closes a connection for the one that waits, where there is one to close.
    fn make_room(&self) {
        let connections = self.max_connections;
        match self.open.evict() {
            Eviction::Done => {
                if let Some(evicted) = self.full.pass() {
                    tracing::warn!(
                        connections,
                        evicted,
                        "connection limit reached; for each new client the connection that has been idle longest is closed"
                    );
                }
            }
            Eviction::Pending => {}
            Eviction::AllBusy => {
                if self.busy.pass().is_some() {
                    tracing::warn!(
                        connections,
                        "connection limit reached, and no connection is idle; new clients wait"
                    );
                }
            }
        }
    }

    fn log_failure(&self, error: &io::Error) {
        self.metrics.accept_failed();
        if let Some(failures) = self.failures.pass() {
            let address = self.listener.local_addr().ok();
            let address = address.map(tracing::field::display);
            tracing::warn!(address, %error, failures, "cannot accept a connection");
        }
    }
}

/// The connections that may be evicted.
#[derive(Debug, Default)]
struct OpenConnections(Mutex<Evictable>);

#[derive(Debug, Default)]
struct Evictable {
    connections: Vec<Weak<Activity>>,
    /// When one was evicted for a connection that has no place so far.
    evicted: Option<Instant>,
}

/// What became of an eviction.
enum Eviction {
    Done,
    /// The last one is still being closed.
    Pending,
    /// Each connection is being answered, or may have a request on the way.
    AllBusy,
}

impl OpenConnections {
    fn add(&self, activity: &Arc<Activity>) {
        let mut open = self.lock();
        open.evicted = None;
        let connections = &mut open.connections;
        if connections.len() == connections.capacity() {
            connections.retain(|activity| activity.strong_count() > 0);
        }
        connections.push(Arc::downgrade(activity));
    }

    /// Closes the connection that is worth least: the one that has been idle longest, first one that never sent a request, last
    /// one whose body is incomplete. None that is being answered, and no second one while the first is being closed.
    fn evict(&self) -> Eviction {
        let mut open = self.lock();
        if open
            .evicted
            .is_some_and(|evicted| evicted.elapsed() < EVICTION_TIME)
        {
            return Eviction::Pending;
        }
        let connections = &mut open.connections;
        connections.retain(|activity| activity.strong_count() > 0);
        let idle = |activity: &Weak<Activity>| {
            let idle = activity.upgrade()?.idle()?;
            idle.is_evictable().then_some(idle)
        };
        let longest = connections
            .iter()
            .enumerate()
            .filter_map(|(at, activity)| Some((idle(activity)?, at)))
            .min();
        if let Some((_, at)) = longest
            && let Some(activity) = connections.swap_remove(at).upgrade()
        {
            activity.evict();
            open.evicted = Some(Instant::now());
            return Eviction::Done;
        }
        Eviction::AllBusy
    }

    /// The list is whole after each statement, so that a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Evictable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
