//! The server as its clients meet it: the real program, over real TLS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

use test_support::{client, guarded, reviews, server, webhook_server};

mod answers;
mod certificates;
mod client_certificates;
mod deadlines;
mod decisions;
mod drain;
mod embedded;
mod evictions;
mod files;
mod heads;
mod limits;
mod log;
mod metrics;
mod renewal;
mod startup;
mod tls;
