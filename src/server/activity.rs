//! What a connection is doing: its deadlines and its eviction depend on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::metrics::{Ending, PortMetrics};

/// The requests of one connection: the count is odd while one is in flight.
#[derive(Debug)]
pub(super) struct Activity {
    count: AtomicU32,
    /// The length of the last request's body, in bytes; [`UNKNOWN_LENGTH`] where its head does not have it.
    body_length: AtomicU64,
    accepted: Instant,
    /// When the last request ended, in milliseconds since the connection was accepted.
    idle_since: AtomicU64,
    evicted: Notify,
    /// Whether the client has not taken the last answer so far.
    writing: AtomicBool,
    has_ended: AtomicBool,
    metrics: Arc<PortMetrics>,
}

const UNKNOWN_LENGTH: u64 = u64::MAX;

/// How much a connection is worth keeping; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Idle {
    /// It has never sent a request, and was accepted then.
    Unused(Instant),
    /// Its last request ended then.
    Since(Instant),
}

impl Idle {
    /// Since when.
    pub(super) const fn since(self) -> Instant {
        match self {
            Self::Unused(since) | Self::Since(since) => since,
        }
    }
}

impl Activity {
    /// Of a connection to the port of these metrics.
    pub(super) fn new(metrics: Arc<PortMetrics>) -> Self {
        Self {
            count: AtomicU32::new(0),
            body_length: AtomicU64::new(0),
            accepted: Instant::now(),
            idle_since: AtomicU64::new(0),
            evicted: Notify::new(),
            writing: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
            metrics,
        }
    }

    /// A request's head was read; the request ends when the returned value is dropped.
    pub(super) fn begin(&self, body_length: Option<u64>) -> InFlight<'_> {
        let body_length = body_length.unwrap_or(UNKNOWN_LENGTH);
        self.body_length.store(body_length, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::AcqRel);
        InFlight {
            activity: self,
            answered: false,
        }
    }

    /// The count so far.
    pub(super) fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// The length of the last request's body, where its head has it.
    pub(super) fn body_length(&self) -> Option<u64> {
        let length = self.body_length.load(Ordering::Relaxed);
        (length != UNKNOWN_LENGTH).then_some(length)
    }

    /// Since when the connection is idle; nothing while a request is in flight.
    pub(super) fn idle(&self) -> Option<Idle> {
        match self.count() {
            _ if self.writing.load(Ordering::Relaxed) => None,
            0 => Some(Idle::Unused(self.accepted)),
            count if count % 2 == 1 => None,
            _ => {
                let since = self.idle_since.load(Ordering::Relaxed);
                let since = std::time::Duration::from_millis(since);
                Some(Idle::Since(self.accepted + since))
            }
        }
    }

    /// Closes the connection to make room for another.
    pub(super) fn evict(&self) {
        self.ended(Ending::Evicted);
        self.evicted.notify_one();
    }

    /// Resolves when the connection has to make room.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    /// Whether bytes of an answer wait for the client to take them.
    pub(super) fn set_writing(&self, writing: bool) {
        self.writing.store(writing, Ordering::Relaxed);
    }

    /// The connection ends otherwise than by its client between two requests. The first reason is counted.
    pub(super) fn ended(&self, by: Ending) {
        if !self.has_ended.swap(true, Ordering::Relaxed) {
            self.metrics.ended(by);
        }
    }
}

/// A request that is in flight.
#[derive(Debug)]
pub(super) struct InFlight<'a> {
    activity: &'a Activity,
    answered: bool,
}

impl InFlight<'_> {
    /// There is an answer. Without one, the client has left.
    pub(super) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let since = self.activity.accepted.elapsed().as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.activity.idle_since.store(since, Ordering::Relaxed);
        self.activity.count.fetch_add(1, Ordering::AcqRel);
        if !self.answered {
            self.activity.ended(Ending::ClientClosed);
        }
    }
}
