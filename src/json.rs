//! Lenient, borrowed JSON: what a rule reads is kept as the text that came, and everything else is passed over.
//!
//! Nothing here fails for the sake of a wrong type, so that a strange status stays writable. What is passed over is only
//! checked to be balanced JSON: its UTF-8, its numbers and its depth are not.

mod object;
mod raw;

pub(crate) use object::fields;
pub use object::{Field, Fields, Key, MAX_ITEMS, Object, Odd, skip};
pub use raw::Raw;
