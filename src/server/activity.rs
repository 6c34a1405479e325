//! What a connection is doing: its deadlines and its eviction depend on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::metrics::{Ending, PortMetrics};

/// The requests of one connection: the count is odd while one is in flight.
#[derive(Debug)]
pub(super) struct Activity {
    count: AtomicU32,
    /// The length of the last request's body, in bytes; [`UNKNOWN_LENGTH`] where its head does not have it.
    body_length: AtomicU64,
    /// How many bytes have been received after the last request's head.
    received: AtomicU64,
    accepted: Instant,
    /// When the last request began or ended, in milliseconds since the connection was accepted.
    changed: AtomicU64,
    evicted: Notify,
    /// Whether the client has not taken the last answer so far.
    writing: AtomicBool,
    has_ended: AtomicBool,
    metrics: Arc<PortMetrics>,
}

const UNKNOWN_LENGTH: u64 = u64::MAX;

/// A connection is not evicted before it has been idle for so long: its request may be on the way.
const EVICTABLE_AFTER: Duration = Duration::from_millis(100);

/// Nor before its body has been incomplete for so long. API servers send head and body together.
const SLOW_BODY: Duration = Duration::from_secs(1);

/// How much a connection is worth keeping; the least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Idle {
    /// It has never sent a request, and was accepted then.
    Unused(Instant),
    /// Its last request ended then.
    Since(Instant),
    /// The head of its request was read then, and the body is not there yet.
    Reading(Instant),
}

impl Idle {
    /// Whether it has been so for long enough to be evicted.
    pub(super) fn is_evictable(self) -> bool {
        match self {
            Self::Unused(since) | Self::Since(since) => since.elapsed() >= EVICTABLE_AFTER,
            Self::Reading(since) => since.elapsed() >= SLOW_BODY,
        }
    }
}

impl Activity {
    /// Of a connection to the port of these metrics.
    pub(super) fn new(metrics: Arc<PortMetrics>) -> Self {
        Self {
            count: AtomicU32::new(0),
            body_length: AtomicU64::new(0),
            received: AtomicU64::new(0),
            accepted: Instant::now(),
            changed: AtomicU64::new(0),
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
        self.change();
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

    /// So many bytes have been received after the head of the request that is being read.
    pub(super) fn received(&self, bytes: u64) {
        self.received.store(bytes, Ordering::Relaxed);
    }

    /// Since when nothing but the client is waited for; nothing while a request is judged or answered.
    pub(super) fn idle(&self) -> Option<Idle> {
        let count = self.count();
        let changed = Duration::from_millis(self.changed.load(Ordering::Relaxed));
        let changed = self.accepted + changed;
        match count {
            _ if self.writing.load(Ordering::Relaxed) => None,
            0 => Some(Idle::Unused(self.accepted)),
            count if count % 2 == 0 => Some(Idle::Since(changed)),
            _ => {
                let length = self.body_length.load(Ordering::Relaxed);
                let is_reading = self.received.load(Ordering::Relaxed) < length;
                is_reading.then_some(Idle::Reading(changed))
            }
        }
    }

    fn change(&self) {
        let since = u64::try_from(self.accepted.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.changed.store(since, Ordering::Relaxed);
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
        self.activity.change();
        self.activity.count.fetch_add(1, Ordering::AcqRel);
        if !self.answered {
            self.activity.ended(Ending::ClientClosed);
        }
    }
}
