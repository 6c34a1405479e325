//! `events_total`.

use prometheus::{Error, IntCounter, Registry};

use super::counters;

/// What became of a rule that was to be told by an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventResult {
    /// It is in an Event.
    Recorded,
    /// It is counted for the next Event of its object and rule, or another replica told it.
    Aggregated,
    /// There were too many.
    Dropped,
    /// The API server did not take it.
    Failed,
}

impl EventResult {
    const ALL: [Self; 4] = [
        Self::Recorded,
        Self::Aggregated,
        Self::Dropped,
        Self::Failed,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Aggregated => "aggregated",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug)]
pub(super) struct Events([IntCounter; EventResult::ALL.len()]);

impl Events {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let total = counters(
            registry,
            "events_total",
            "Rules that refused a write or warned of it, under --events, by whether an Event was recorded, counted in another Event (aggregated), not sent as there were too many (dropped), or refused by the API server (failed).",
            &["result"],
        )?;
        Ok(Self(
            EventResult::ALL.map(|result| total.with_label_values(&[result.name()])),
        ))
    }

    pub(super) fn count(&self, result: EventResult) {
        for (known, counter) in EventResult::ALL.iter().zip(&self.0) {
            if *known == result {
                counter.inc();
            }
        }
    }
}
