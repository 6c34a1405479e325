//! Whole answers as they go over the wire, and every derivation with its message, time and generation.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

#[path = "../support/answers.rs"]
mod answers;
#[path = "../support/oracle/json_patch.rs"]
mod json_patch;
#[path = "../support/reviews.rs"]
mod reviews;

mod completed;
mod limits;
mod messages;
mod restored;
mod times;
mod whole;
