//! Properties that hold for every write, tried with random ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use test_support::{answers, completion_laws, hooks, oracle, pieces, reviews};

mod agreement;
mod completing;
mod lives;
mod match_conditions;
mod places;
mod spelling;
mod statuses;
mod totality;
mod writes;
