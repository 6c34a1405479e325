//! Events on the objects of writes that were refused or warned of, so that `kubectl describe` shows why.
//!
//! No review waits for it. What is to be told goes into a bounded queue, or is dropped and counted; one task tells the API
//! server, one Event at a time. `occurrence` is what goes into the queue, `aggregation` and `budget` decide and know no
//! cluster, `recorder` joins them.

mod aggregation;
mod budget;
mod occurrence;
mod recorder;

use std::time::Duration;

pub(crate) use recorder::{Recorder, Recording};

/// How Events are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSettings {
    /// How long repetitions for one object and rule are only counted, from one Event to the next.
    pub interval: Duration,
}
