//! Properties that hold for every write, tried with random ones.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

#[path = "../support/answers.rs"]
mod answers;
#[path = "../support/completion_laws.rs"]
mod completion_laws;
#[path = "../support/hooks.rs"]
mod hooks;
#[path = "../support/oracle/mod.rs"]
mod oracle;
#[path = "../support/pieces.rs"]
mod pieces;
#[path = "../support/reviews.rs"]
mod reviews;

mod agreement;
mod completing;
mod lives;
mod spelling;
mod statuses;
mod totality;
mod writes;
