//! Completes and guards the conditions of kubernaut's `WorkflowExecution`.
//!
//! Data flows one way: [`review`] reads the bytes, `status` is a view of one status, [`vocabulary`] has the names, [`rules`]
//! find faults, [`complete`] finds what is missing, and [`admission`] joins them into one judgement. Its readers, such as
//! [`answer`], know nothing of each other. None of these has a server, a runtime or a clock: they are what is left without
//! the feature `server`.
//!
//! What is hidden here is for the program itself and its tests.
//!
//! "Spec section N" in comments refers to `docs/spec.md`. Controllers that set conditions themselves
//! find helpers in [`conditions`].

// Dead code shows only where nothing is public without need.
#![deny(unreachable_pub)]

pub mod admission;
pub mod answer;
#[doc(hidden)]
pub mod check;
#[cfg(feature = "server")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "server")]
mod cluster;
pub mod complete;
pub mod conditions;
mod dns;
#[cfg(feature = "server")]
mod doctor;
#[cfg(feature = "server")]
mod events;
#[cfg(feature = "server")]
#[doc(hidden)]
pub mod explain;
mod json;
#[cfg(feature = "server")]
mod kubernetes;
#[cfg(feature = "server")]
mod manifest;
#[doc(hidden)]
pub mod match_conditions;
#[cfg(feature = "server")]
#[doc(hidden)]
pub mod metrics;
#[cfg(feature = "server")]
mod policies;
pub mod policy;
#[cfg(feature = "server")]
mod registration;
pub mod review;
pub mod rules;
#[cfg(feature = "server")]
#[doc(hidden)]
pub mod server;
mod spelling;
mod status;
mod text;
pub mod vocabulary;
