//! The listener: no more connections than allowed, and a door that closes without losing who already stands in it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum_server::{AddrListener, Address};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};

use super::activity::Activity;
use super::lifecycle::{Lifecycle, Phase};
use crate::metrics::{Open, PortMetrics};

/// What a connection's service and its stream share; axum-server hands it out as the client's address.
#[derive(Clone, Debug)]
pub struct Peer {
    /// What the connection is doing.
    pub activity: Arc<Activity>,
}

/// An accepted connection.
#[derive(Debug)]
pub struct Accepted {
    /// The socket.
    pub socket: TcpStream,
    /// The same as in [`Peer`].
    pub activity: Arc<Activity>,
    /// Held as long as the connection lives.
    pub place: Place,
}

/// A connection's place among those that may be open.
#[derive(Debug)]
pub struct Place {
    _open: Open,
    _permit: OwnedSemaphorePermit,
}

impl Address for Peer {
    type Stream = Accepted;
    type Listener = Gate;
}

/// A bound listener that waits while all permits are taken: clients beyond them stay in the kernel's queue.
#[derive(Debug)]
pub struct Gate {
    listener: Mutex<Option<TcpListener>>,
    permits: Arc<Semaphore>,
    lifecycle: Arc<Lifecycle>,
    closes_at: Option<Phase>,
    closed: watch::Sender<bool>,
    max_connections: usize,
    told_full: AtomicBool,
    metrics: Arc<PortMetrics>,
}

impl Gate {
    /// Wraps a bound listener. It is closed when the server reaches `closes_at`, or with the process; the receiver tells
    /// when it is.
    pub fn new(
        listener: TcpListener,
        permits: Arc<Semaphore>,
        lifecycle: Arc<Lifecycle>,
        closes_at: Option<Phase>,
        metrics: Arc<PortMetrics>,
    ) -> (Self, watch::Receiver<bool>) {
        let max_connections = permits.available_permits();
        metrics.limited_to(max_connections);
        let (closed, receiver) = watch::channel(false);
        let gate = Self {
            listener: Mutex::new(Some(listener)),
            permits,
            lifecycle,
            closes_at,
            closed,
            max_connections,
            told_full: AtomicBool::new(false),
            metrics,
        };
        (gate, receiver)
    }

    fn is_closing(&self) -> bool {
        self.closes_at
            .is_some_and(|phase| self.lifecycle.phase() >= phase)
    }

    /// Tells of a full house once, until a good part of it is empty again.
    fn tell_when_full(&self) {
        let free = self.permits.available_permits();
        if free == 0 && !self.told_full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                connections = self.max_connections,
                "as many connections are open as allowed; further clients wait"
            );
        } else if free > self.max_connections / 10 {
            self.told_full.store(false, Ordering::Relaxed);
        }
    }

    async fn closing(&self) {
        match self.closes_at {
            Some(phase) => self.lifecycle.reached(phase).await,
            None => std::future::pending().await,
        }
    }

    /// The next connection, or `None` when the door is closed and nobody waits any more.
    async fn next(&self, listener: &TcpListener) -> io::Result<Option<(Accepted, Peer)>> {
        self.tell_when_full();
        let permit = tokio::select! {
            biased;
            permit = Arc::clone(&self.permits).acquire_owned() => permit.map_err(io::Error::other)?,
            () = self.closing() => return Ok(None),
        };
        // Accepting comes first: whoever is in the queue when the door closes is still served.
        let (socket, _) = tokio::select! {
            biased;
            accepted = listener.accept() => match accepted {
                Err(_) if self.is_closing() => return Ok(None),
                accepted => accepted?,
            },
            () = self.closing() => return Ok(None),
        };
        let activity = Arc::new(Activity::new(Arc::clone(&self.metrics)));
        let peer = Peer {
            activity: Arc::clone(&activity),
        };
        let accepted = Accepted {
            socket,
            activity,
            place: Place {
                _open: self.metrics.opened(),
                _permit: permit,
            },
        };
        Ok(Some((accepted, peer)))
    }
}

impl AddrListener<Accepted, Peer> for Gate {
    async fn bind_to(_: Peer) -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a gate is made from a bound listener",
        ))
    }

    async fn accept_stream(&self) -> io::Result<(Accepted, Peer)> {
        let mut slot = self.listener.lock().await;
        if let Some(listener) = slot.as_ref()
            && let Some(connection) = self.next(listener).await?
        {
            return Ok(connection);
        }
        *slot = None;
        self.closed.send_replace(true);
        std::future::pending().await
    }

    fn get_local_addr(&self) -> io::Result<Peer> {
        Ok(Peer {
            activity: Arc::new(Activity::new(Arc::clone(&self.metrics))),
        })
    }
}
