//! The command line, run as a program: input in; exit code, standard output and standard error out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

use test_support::{judged, reviews};

mod check;
mod explain;
mod generate;
mod policies;
mod program;
mod registration;
