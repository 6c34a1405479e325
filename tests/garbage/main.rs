//! What must hold of any bytes at all: the files that the fuzzers grew from and what they once found, and bodies made to
//! hurt.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use test_support::{answers, hostile, oracle, properties};

mod corpus;
mod large;
mod places;
mod twice;
