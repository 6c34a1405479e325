//! Lenient, borrowed JSON: what a rule reads is kept as the text that was received, and everything else is ignored.
//!
//! It exists for leniency. A wrong type, a number of any size, a surrogate without its partner, a duplicate key or ten
//! thousand levels of nesting must not make a status unwritable, so nothing here fails but text that is not valid JSON.
//!
//! What was tried instead: `serde_json::Value` costs five times as much, and typed structs or `RawValue` of `serde_json` cannot
//! skip a value of a wrong type, an unrepresentable number or a lone surrogate in the same pass. One pass without a copy is
//! also what makes a review cheap: most of its text is never read by a rule.
//!
//! It is held to be right by properties and a fuzzer that compare it with `serde_json` on valid, broken and hostile text,
//! and by a second formulation of the rules that reads every test's review by `serde_json`.

mod list;
mod nesting;
mod object;
mod raw;
mod reader;
mod string;
mod writer;

pub(crate) use list::{Items, List, MAX_ITEMS};
pub(crate) use object::fields;
pub(crate) use object::{Fields, Read};
pub(crate) use raw::Raw;
pub(crate) use reader::{Malformed, Reader};
pub(crate) use writer::Writer;
