//! The manifests in `deploy/`: that they agree with each other and with the program, and that an API server accepts them.
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
mod manifests;
mod operations;
mod policy;
mod self_managed;
mod webhooks;
