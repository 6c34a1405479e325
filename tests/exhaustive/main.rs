//! Every combination of phase, conditions and details, within reach, held against the second formulation.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

#[path = "../support/answers.rs"]
mod answers;
#[path = "../support/oracle/mod.rs"]
mod oracle;
#[path = "../support/reviews.rs"]
mod reviews;

mod completion;
mod details;
mod roles;
mod tally;
