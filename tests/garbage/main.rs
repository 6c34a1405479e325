//! What must hold of any bytes at all: the files that the fuzzers grew from and what they once found, and bodies made to
//! hurt.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "tests fail by panicking, and support is shared with tests that use other parts of it"
)]

#[path = "../support/answers.rs"]
mod answers;
#[path = "../support/completion_laws.rs"]
mod completion_laws;
#[path = "../support/hooks.rs"]
mod hooks;
#[path = "../support/hostile.rs"]
mod hostile;
#[path = "../support/oracle/mod.rs"]
mod oracle;
#[path = "../support/pieces.rs"]
mod pieces;
#[path = "../../fuzz/src/properties/mod.rs"]
mod properties;
#[path = "../support/reviews.rs"]
mod reviews;

mod corpus;
mod large;
mod places;
mod twice;
