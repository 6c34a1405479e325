use tokio::runtime::{Builder, Handle, Runtime};

use super::Error;

/// A thread with a runtime of its own, for the admin port: probes and scrapes do not wait for reviews, nor reviews for them.
#[derive(Debug)]
pub(super) struct AdminThread {
    handle: Handle,
    /// Until it is dropped.
    runtime: Option<Runtime>,
}

impl AdminThread {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When the thread cannot be started.
    pub(super) fn start() -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("admin")
            .enable_all()
            .build()
            .map_err(Error::AdminThread)?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Where to run tasks on it.
    pub(super) const fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for AdminThread {
    /// A runtime that is dropped within another one must not wait for its threads.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
