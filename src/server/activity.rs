//! What one connection is doing: the service tells, the stream looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::metrics::{Ending, PortMetrics};

/// Counts the beginnings and ends of requests on one connection: odd while one is being answered.
#[derive(Debug)]
pub struct Activity {
    count: AtomicU32,
    metrics: Arc<PortMetrics>,
}

impl Activity {
    /// Of a connection to the port of these metrics.
    pub fn new(metrics: Arc<PortMetrics>) -> Self {
        Self {
            count: AtomicU32::new(0),
            metrics,
        }
    }

    /// A request's head was read; the request ends when the returned value is dropped.
    pub fn begin(&self) -> Answering<'_> {
        self.count.fetch_add(1, Ordering::AcqRel);
        Answering {
            activity: self,
            answered: false,
        }
    }

    /// The count so far.
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// The connection ends otherwise than by its client between two requests.
    pub fn ended(&self, by: Ending) {
        self.metrics.ended(by);
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub struct Answering<'a> {
    activity: &'a Activity,
    answered: bool,
}

impl Answering<'_> {
    /// There is an answer. Without one, the client has left.
    pub fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.activity.count.fetch_add(1, Ordering::AcqRel);
        if !self.answered {
            self.activity.ended(Ending::ClientClosed);
        }
    }
}
