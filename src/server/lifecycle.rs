//! The life of a server: starting, ready, draining, stopped. It only moves forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// Where a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Phase {
    /// Certificates and listeners are being prepared.
    Starting,
    /// Reviews are answered.
    Ready,
    /// Reviews are still answered, each with `Connection: close`, so that clients go elsewhere.
    Draining,
    /// No new connection and no new request on an idle one; what is in flight is finished.
    Stopped,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Starting, Self::Ready, Self::Draining, Self::Stopped];

    /// The word that `/readyz` answers with while it is no success.
    #[must_use]
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::Stopped => "stopped",
        }
    }
}

/// The phase, readable by every request without a lock, and a bell that rings at each change.
#[derive(Debug)]
pub(super) struct Lifecycle {
    phase: AtomicU8,
    changed: Arc<Notify>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Starting as u8),
            changed: Arc::default(),
        }
    }
}

impl Lifecycle {
    /// The phase now.
    #[must_use]
    pub(super) fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Ordering::Acquire)).min(Phase::ALL.len() - 1)]
    }

    /// Moves on to `phase`; an earlier one changes nothing.
    pub(super) fn advance(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    /// Resolves at the next change of phase, also one that happens before the first poll.
    pub(super) fn next_change(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// Waits until `phase` is reached or passed.
    pub(super) async fn reached(&self, phase: Phase) {
        loop {
            let change = self.next_change();
            if self.phase() >= phase {
                return;
            }
            change.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lifecycle, Phase};

    #[test]
    fn never_goes_back() {
        let lifecycle = Lifecycle::default();
        assert_eq!(lifecycle.phase(), Phase::Starting);
        lifecycle.advance(Phase::Draining);
        lifecycle.advance(Phase::Ready);
        assert_eq!(lifecycle.phase(), Phase::Draining);
    }

    #[tokio::test]
    async fn waiting_for_a_phase_that_was_passed_ends_at_once() {
        let lifecycle = Lifecycle::default();
        lifecycle.advance(Phase::Stopped);
        lifecycle.reached(Phase::Draining).await;
    }
}
