//! Judges documents from files with the core that serves: completes them as `/mutate` does, then judges what came out
//! as `/validate` does.
//!
//! Documents are kept as JSON text, and only what lies on the way to `status.conditions` is ever taken apart: numbers,
//! duplicate keys and deep nesting reach the core as they were written.

mod completion;
mod document;
mod json;
mod node;
mod review;
mod stored;
mod verdict;

pub use completion::CompletionError;
pub use document::{
    Document, Format, Item, ItemResult, Object, Subject, SyntaxError, Unusable, read,
};
pub use review::Review;
pub use stored::{Stored, StoredError};
pub use verdict::{Change, JudgeError, Verdict, judge};
