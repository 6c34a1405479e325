//! Whole answers as they go over the wire, and every derivation with its message, time and generation.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use test_support::oracle::json_patch;
use test_support::{answers, reviews};

mod completed;
mod limits;
mod messages;
mod own;
mod restored;
mod times;
mod whole;
