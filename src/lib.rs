//! Completes and guards the conditions of kubernaut's `WorkflowExecution`.
//!
//! Data flows one way: [`review`] reads the bytes, [`status`] views one status, [`vocabulary`] has the names,
//! [`rules`] find faults, [`complete`] finds what is missing, [`answer`] says it; [`admission`] joins them. None of these
//! knows a server, a runtime or a clock: they are what is left without the feature `server`.
//!
//! What is called the spec, with the number of a section, is `docs/spec.md`. Controllers that set conditions themselves
//! find helpers in [`conditions`].

pub mod admission;
pub mod answer;
pub mod check;
#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "server")]
pub mod cluster;
pub mod complete;
pub mod conditions;
pub mod dns;
#[cfg(feature = "server")]
pub mod doctor;
#[cfg(feature = "server")]
pub mod http_date;
pub mod json;
#[cfg(feature = "server")]
pub mod metrics;
pub mod policy;
#[cfg(feature = "server")]
pub mod registration;
pub mod review;
pub mod rule;
pub mod rules;
#[cfg(feature = "server")]
pub mod server;
pub mod status;
pub mod text;
pub mod vocabulary;
