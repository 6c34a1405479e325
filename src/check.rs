//! Checks documents from files with the core that serves: completes them as `/mutate` does, then judges the result as
//! `/validate` does.
//!
//! Documents are kept as JSON text, and only what is on the way to `status.conditions` is ever parsed: numbers, duplicate keys
//! and deep nesting reach the core as they were written.

mod completion;
mod document;
mod fields;
mod json;
mod locator;
mod node;
mod review;
mod stored;
mod write;

pub use completion::{CompletedObject, CompletionError};
pub use document::{
    Document, DocumentItem, Format, ItemContent, ItemResult, ObjectText, SyntaxError, Unusable,
    read, text,
};
pub use fields::UnknownField;
pub use locator::{Found, ItemPlace, Locator, Step};
pub use review::ReviewFrame;
pub use stored::{StoredError, StoredObjects};
pub use write::{CheckError, CheckedChange, CheckedFinding, CheckedWrite, check, would_complete};
