//! The documentation against the program: what README and docs say is there and does what they say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must end with a message"
)]

mod example;
mod setup;
