//! What holds of every input, as plain functions: the fuzzers call them with what they make up, and `tests/garbage` with
//! the files of `corpus/`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    dead_code,
    reason = "a property that does not hold is a panic, and support is shared with tests that use other parts of it"
)]

#[path = "../../tests/support/answers.rs"]
mod answers;
#[path = "../../tests/support/completion_laws.rs"]
mod completion_laws;
#[path = "../../tests/support/hooks.rs"]
mod hooks;
#[path = "../../tests/support/oracle/mod.rs"]
mod oracle;
#[path = "../../tests/support/pieces.rs"]
mod pieces;
#[path = "../../tests/support/reviews.rs"]
mod reviews;

pub mod properties;
