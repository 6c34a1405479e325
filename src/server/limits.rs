//! How much one client may cost the server.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::timed::Deadlines;

/// The largest body that is read: object and stored object at the API server's own limit of 3 MiB each, and the rest.
pub const BODY_LIMIT: usize = 7 * 1024 * 1024;

/// A body up to this size takes nothing of [`MEMORY_BUDGET`] and, with at most `SMALL_OBJECTS` objects, is judged on the
/// thread that read it. Others are judged elsewhere.
pub const SMALL_BODY: usize = 16 * 1024;

/// How many objects such a body has at most; reviews of the real controllers have about a hundred.
pub(super) const SMALL_OBJECTS: usize = 512;

/// The memory of all larger bodies, of their decoded copies and of answers; beyond it, 429.
pub const MEMORY_BUDGET: usize = 28 * 1024 * 1024;

/// The least speed at which a body is sent, in bytes a second, once half of the body timeout has passed.
pub const LEAST_SPEED: u32 = 8 * 1024;

/// The largest request head, and the size of the buffer that a connection reads into.
pub const HEAD_LIMIT: usize = 64 * 1024;

/// How long an API server keeps an idle connection. A server that closes first loses calls.
pub const CLIENT_IDLE: Duration = Duration::from_secs(90);

/// Limits that an operator may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests whose body is complete and that are being judged or answered; beyond them, 429.
    pub max_in_flight: NonZeroUsize,
    /// Open connections; beyond them, the one that has been idle longest is closed for a new one.
    pub max_connections: NonZeroUsize,
    /// For a TLS handshake.
    pub handshake_timeout: Duration,
    /// For a request's head, from its first byte, and for the first request of a connection.
    pub head_timeout: Duration,
    /// For a request's body, from the end of its head; beyond it, 408. An answer has as long to be taken by its client.
    pub body_timeout: Duration,
    /// For an idle connection.
    pub idle_timeout: Duration,
}

impl Limits {
    /// The default of [`Limits::max_in_flight`].
    pub const MAX_IN_FLIGHT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
    /// The default of [`Limits::max_connections`].
    pub const MAX_CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);
    /// The default of the handshake, head and body timeouts.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
    /// The default of [`Limits::idle_timeout`]: longer than [`CLIENT_IDLE`].
    pub const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

    /// The deadlines of a connection.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        Deadlines {
            head: self.head_timeout,
            idle: self.idle_timeout,
            write: self.body_timeout,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_in_flight: Self::MAX_IN_FLIGHT,
            max_connections: Self::MAX_CONNECTIONS,
            handshake_timeout: Self::TIMEOUT,
            head_timeout: Self::TIMEOUT,
            body_timeout: Self::TIMEOUT,
            idle_timeout: Self::IDLE_TIMEOUT,
        }
    }
}
