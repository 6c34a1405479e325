//! Certificates of the webhook's own behind a real API server: three replicas, one Secret, nothing lost.
//!
//! Most tests take turns: they count every call, with lifetimes that leave a loaded machine little time. Those that mostly
//! wait do so beside the others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod away;
mod balancer;
mod clock;
#[path = "../support/control_plane.rs"]
mod control_plane;
mod defaults;
mod manifests;
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
