//! The webhook behind a real API server: what is stored, what clients see, what the API server itself counts.
//!
//! All tests share one control plane. Each has a namespace, a server process and webhook configurations of its own, which
//! select that namespace alone, so they run in parallel.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use test_support::{control_plane, object, samples};

mod completing;
mod controllers;
mod counters;
mod dashboard;
mod demo;
mod errors;
mod events;
mod fixtures;
mod foretold;
mod leftovers;
mod limits;
mod lives;
mod match_conditions;
mod modes;
mod operators;
mod outage;
mod overload;
mod policies;
mod ratchet;
mod refusals;
mod registration;
mod scene;
mod stored_objects;
mod vocabularies;
mod writes;
