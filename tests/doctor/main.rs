//! `wfe-webhook doctor` before a real API server and a real server: everything fine, and each thing that can be wrong.
//!
//! The tests take turns: a registration sees the writes of all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

use test_support::control_plane;

mod certificates;
mod fine;
mod in_cluster;
mod installation;
mod network;
mod permissions;
mod policies;
mod proxy;
mod registration;
mod unreachable;
