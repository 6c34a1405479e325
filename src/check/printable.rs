//! Text from documents, made fit for a terminal.

use std::borrow::Cow;

/// Escapes what a terminal would act on or hide: control characters, and characters that have no width or turn the
/// direction of writing.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut printed = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            printed.extend(character.escape_debug());
        } else {
            printed.push(character);
        }
    }
    printed.into()
}

fn is_hidden(character: char) -> bool {
    !matches!(character, '"' | '\'' | '\\') && character.escape_debug().len() > 1
}
