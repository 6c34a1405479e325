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

use test_support::{control_plane, object, samples};

mod away;
mod balancer;
mod clock;
mod defaults;
mod events;
mod foreign;
mod manifests;
mod policy;
mod probe;
mod proxy;
mod repair;
mod replica;
mod rotation;
mod scene;
mod start;
mod trouble;
mod writes;
