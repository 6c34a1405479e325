//! Properties that hold for every write, tried with random ones.

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

mod agreement;
mod completing;
mod hooks;
mod lives;
mod spelling;
mod statuses;
mod totality;
mod writes;
