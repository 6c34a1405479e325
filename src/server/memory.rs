//! The memory of large requests: one budget for their bodies, decoded copies and answers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::{MEMORY_BUDGET, SMALL_BODY};
use super::refusal::Refusal;

/// The budget that all requests share, in KiB.
#[derive(Clone, Debug)]
pub(super) struct MemoryBudget(Arc<Semaphore>);

impl Default for MemoryBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MEMORY_BUDGET / 1024)))
    }
}

impl MemoryBudget {
    /// The share of a request that holds nothing so far.
    pub(super) fn share(&self) -> Share {
        Share {
            memory: Arc::clone(&self.0),
            held: None,
        }
    }
}

/// What one request holds of the budget. It goes back when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Takes or gives back so much that the share covers `bytes`. Up to the size of a small body nothing is counted: the
    /// number of connections bounds it.
    ///
    /// # Errors
    ///
    /// When the budget has not enough left.
    pub(super) fn resize(&mut self, bytes: usize) -> Result<(), Refusal> {
        let needed = if bytes <= SMALL_BODY {
            0
        } else {
            bytes.div_ceil(1024)
        };
        let held = self
            .held
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        if needed < held {
            drop(
                self.held
                    .as_mut()
                    .and_then(|held_permit| held_permit.split(held - needed)),
            );
            return Ok(());
        }
        let more = u32::try_from(needed - held).map_err(|_| Refusal::TooLarge)?;
        let more = Arc::clone(&self.memory)
            .try_acquire_many_owned(more)
            .map_err(|_| Refusal::Shed)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryBudget;
    use crate::server::limits::{MEMORY_BUDGET, SMALL_BODY};

    #[test]
    fn a_share_grows_and_shrinks_within_the_budget() {
        let memory = MemoryBudget::default();
        let (mut first, mut second) = (memory.share(), memory.share());
        assert!(first.resize(MEMORY_BUDGET).is_ok());
        assert!(
            second.resize(SMALL_BODY).is_ok(),
            "small bodies are not counted"
        );
        assert!(second.resize(SMALL_BODY + 1).is_err());
        assert!(first.resize(MEMORY_BUDGET / 2).is_ok());
        assert!(second.resize(MEMORY_BUDGET / 2).is_ok());
        assert!(first.resize(MEMORY_BUDGET / 2 + 1).is_err());
        drop(second);
        assert!(first.resize(MEMORY_BUDGET).is_ok());
    }
}
