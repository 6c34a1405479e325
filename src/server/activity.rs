//! What one connection is doing: the service tells, the stream looks.

use std::sync::atomic::{AtomicU32, Ordering};

/// Counts the beginnings and ends of requests on one connection: odd while one is being answered.
#[derive(Debug, Default)]
pub struct Activity(AtomicU32);

impl Activity {
    /// A request's head was read; the request ends when the returned value is dropped.
    pub fn begin(&self) -> Answering<'_> {
        self.0.fetch_add(1, Ordering::AcqRel);
        Answering(self)
    }

    /// The count so far.
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub struct Answering<'a>(&'a Activity);

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::AcqRel);
    }
}
