//! Tables for every rule of the specification: what is refused, in which words, and what is just admitted.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking"
)]

use test_support::{answers, reviews};

mod actions;
mod conflicts;
mod details;
mod extra_reasons;
mod field;
mod history;
mod names;
mod order;
mod phases;
mod ratchet;
mod reasons;
mod registration;
mod shape;
mod verdicts;
mod vocabulary;
