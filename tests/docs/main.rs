//! The documentation against the program: what README and docs say is there and does what they say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must end with a message"
)]

use test_support::{guarded, reviews, webhook_server};

mod architecture;
mod errors_page;
mod example;
#[path = "../monitoring/exported.rs"]
mod exported;
mod metrics;
mod names;
mod numbers;
mod pages;
mod policies_page;
mod regions;
mod rules_page;
mod setup;
mod try_it;
mod vocabulary;
