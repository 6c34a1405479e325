//! The webhook behind a real API server: what is stored, what clients see, what the API server itself counts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "../support/control_plane.rs"]
mod control_plane;
mod leftovers;
