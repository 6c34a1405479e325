//! The listener: no more connections than allowed, and a door that closes without losing who already stands in it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::activity::Activity;
use super::lifecycle::{Lifecycle, Phase};
use crate::metrics::{Open, PortMetrics};

/// The pause after a connection that could not be accepted, or until one ends: most often the files that may be open are used up, and the next
/// try would fail as well.
const RETRY: Duration = Duration::from_millis(50);

/// An accepted connection.
#[derive(Debug)]
pub struct Accepted {
    /// The socket.
    pub socket: TcpStream,
    /// What the connection is doing.
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

/// A bound listener that waits while all permits are taken: clients beyond them stay in the kernel's queue.
#[derive(Debug)]
pub struct Gate {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    lifecycle: Arc<Lifecycle>,
    closes_at: Option<Phase>,
    max_connections: usize,
    told_full: bool,
    metrics: Arc<PortMetrics>,
}

impl Gate {
    /// Wraps a bound listener, which is to be closed when the server reaches `closes_at`.
    pub fn new(
        listener: TcpListener,
        max_connections: usize,
        lifecycle: Arc<Lifecycle>,
        closes_at: Option<Phase>,
        metrics: Arc<PortMetrics>,
    ) -> Self {
        metrics.limited_to(max_connections);
        Self {
            listener,
            permits: Arc::new(Semaphore::new(max_connections)),
            lifecycle,
            closes_at,
            max_connections,
            told_full: false,
            metrics,
        }
    }

    /// The next connection, or `None` when the door is closed and nobody waits any more. To drop the future loses nobody.
    pub async fn next(&mut self) -> Option<Accepted> {
        let permit = tokio::select! {
            biased;
            // Never an error: the semaphore is not closed.
            permit = Arc::clone(&self.permits).acquire_owned() => permit.ok()?,
            () = self.closing() => return None,
        };
        loop {
            // Accepting comes first: whoever is in the queue when the door closes is still served.
            let accepted = tokio::select! {
                biased;
                accepted = self.listener.accept() => accepted,
                () = self.closing() => return None,
            };
            match accepted {
                Ok((socket, _)) => return Some(self.admit(socket, permit)),
                Err(_) if self.is_closing() => return None,
                Err(error) => {
                    self.tell_of_failure(&error);
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    fn admit(&mut self, socket: TcpStream, permit: OwnedSemaphorePermit) -> Accepted {
        self.tell_when_full();
        Accepted {
            socket,
            activity: Arc::new(Activity::new(Arc::clone(&self.metrics))),
            place: Place {
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

    /// Tells of a full house once, until a good part of it is empty again.
    fn tell_when_full(&mut self) {
        let free = self.permits.available_permits();
        if free == 0 && !self.told_full {
            self.told_full = true;
            tracing::warn!(
                connections = self.max_connections,
                "as many connections are open as allowed; further clients wait"
            );
        } else if free > self.max_connections / 10 {
            self.told_full = false;
        }
    }

    fn tell_of_failure(&self, error: &io::Error) {
        self.metrics.accept_failed();
        let address = self.listener.local_addr().ok();
        let address = address.map(tracing::field::display);
        tracing::warn!(address, %error, "cannot accept a connection");
    }
}
