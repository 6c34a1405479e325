//! A list that is written item by item: all items as JSON values at once would be many times as large as what is printed.

use serde::{Serialize, Serializer};

/// The items that a function gives.
pub(super) struct Streamed<F>(pub F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Streamed<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// A document as text. Only a key that is not text could make it fail, and there is none.
pub(super) fn pretty(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
