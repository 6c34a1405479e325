//! Every combination of phase, conditions and details, within reach, held against the second formulation.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use test_support::{match_conditions, oracle, space};

mod completion;
mod details;
mod names;
mod roles;
mod tally;
