//! Certificates of the webhook's own behind a real API server: three replicas, one Secret, nothing lost.
//!
//! The tests take turns: they count every call, and one of them stops the API server for a while.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod balancer;
#[path = "../support/control_plane.rs"]
mod control_plane;
#[path = "../cluster/object.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod object;
mod probe;
mod repair;
mod replica;
mod rotation;
#[path = "../cluster/samples.rs"]
mod samples;
mod scene;
mod start;
mod trouble;
mod writes;
