//! Helpers for controllers that write the conditions of a `WorkflowExecution`: set one, get one, check whether one is true.
//!
//! They work on the `Condition` of `k8s_openapi`, know no clock and no client, and take every name from a
//! [`Vocabulary`](crate::vocabulary::Vocabulary).
//!
//! ```
//! use wfe_webhook::conditions::{self, Reason, RunConditions};
//! use wfe_webhook::vocabulary::{FailureReason, TEKTON};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut list = Vec::new();
//! let now = "2025-12-11T10:15:00Z".parse()?;
//! let mut run = RunConditions::new(&TEKTON, &mut list, now).observing(Some(1));
//! run.set_created(true, Reason::Usual, "PipelineRun wfe-1 created")?;
//! run.set_running(true, "PipelineStarted", "Pipeline executing task 2 of 5")?;
//! run.set_complete(false, FailureReason::OOMKilled, "Task apply ran out of memory")?;
//!
//! assert!(conditions::is_true(&list, "TektonPipelineRunning"));
//! let complete = conditions::get(&list, "TektonPipelineComplete").ok_or("is there")?;
//! assert_eq!((complete.status.as_str(), complete.reason.as_str()), ("False", "OOMKilled"));
//! # Ok(())
//! # }
//! ```

mod error;
mod list;
mod reason;
mod run;

pub use error::Error;
pub use list::{get, is_false, is_true, new, remove, set};
pub use reason::Reason;
pub use run::RunConditions;

/// The most characters that the schema of `metav1.Condition` allows in a message.
pub const MESSAGE_LIMIT: usize = 32_768;

#[cfg(test)]
mod tests;
