//! Lenient, borrowed JSON: what a rule reads is kept as the text that came, and everything else is passed over.
//!
//! Nothing here fails for the sake of a type, a number's size, a surrogate without its partner or a depth, so that a
//! strange status stays writable; only what is no JSON fails. One pass, without a copy, is also what makes a review
//! cheap: most of it is text that no rule looks at.

mod list;
mod nesting;
mod object;
mod raw;
mod reader;
mod string;
mod writer;

pub use list::{Items, List, MAX_ITEMS};
pub(crate) use object::fields;
pub use object::{Fields, Read};
pub use raw::Raw;
pub use reader::{Malformed, Reader};
pub use writer::Writer;
