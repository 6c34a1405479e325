//! The chart in `deploy/`: what it renders agrees with itself and with the program, an API server accepts it, and wrong
//! values are refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

use test_support::control_plane;

mod api_server;
mod arguments;
mod by_hand;
mod certificate;
mod client_certificates;
mod commands;
mod events;
mod files;
mod helm_test;
mod legal_values;
mod metrics;
mod monitoring;
mod names;
mod network_policy;
mod notes;
mod policies;
mod policy;
mod refused_values;
mod release;
mod rendered;
mod replicas;
mod self_managed;
mod values;
mod webhooks;
