//! Text from outside, made safe for a terminal and for one line of a log or an answer.

use std::borrow::Cow;

/// The most characters of one value in a log.
#[cfg(feature = "server")]
const VALUE_LIMIT: usize = 256;

/// Whether a terminal or a log would act on a character, or not show it: control characters, separators other than the
/// space, and characters that have no width or change the direction of writing.
#[must_use]
pub(crate) fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.escape_debug().len() > 1
}

/// `text` with everything hidden escaped.
#[must_use]
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    printable_start(text, usize::MAX)
}

/// The same, and cut at 256 characters: a client's text must not fill a log.
#[cfg(feature = "server")]
#[must_use]
pub(crate) fn printable_value(text: &str) -> Cow<'_, str> {
    printable_start(text, VALUE_LIMIT)
}

fn printable_start(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most && !text.contains(is_hidden) {
        return text.into();
    }
    let mut printed = String::with_capacity(text.len().min(most));
    let mut left = most;
    for character in text.chars() {
        let is_hidden = is_hidden(character);
        let needs = if is_hidden {
            character.escape_debug().len()
        } else {
            1
        };
        let Some(rest) = left.checked_sub(needs) else {
            printed.push_str("...");
            break;
        };
        left = rest;
        if is_hidden {
            printed.extend(character.escape_debug());
        } else {
            printed.push(character);
        }
    }
    printed.into()
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use super::{VALUE_LIMIT, printable, printable_value};
    use rstest::rstest;

    #[rstest]
    #[case("system:serviceaccount:a:b", "system:serviceaccount:a:b")]
    #[case("J\u{f6}rg, \"x\" '\\'", "J\u{f6}rg, \"x\" '\\'")]
    #[case("a\nb\r\tc", "a\\nb\\r\\tc")]
    #[case("\u{1b}[31m", "\\u{1b}[31m")]
    #[case(
        "\u{202e}\u{200b}\u{2028}\u{85}\u{7f}",
        "\\u{202e}\\u{200b}\\u{2028}\\u{85}\\u{7f}"
    )]
    fn nothing_hidden_is_left(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(printable(text), expected);
        assert_eq!(printable_value(text), expected);
    }

    #[rstest]
    #[case("x", 1)]
    #[case("\u{f6}", 1)]
    #[case("\n", 2)]
    fn a_long_value_is_cut_between_characters(#[case] character: &str, #[case] width: usize) {
        let fits = character.repeat(VALUE_LIMIT / width);
        let shown = printable(&fits).into_owned();
        assert_eq!(printable_value(&fits), shown);
        let long = fits + character;
        assert_eq!(printable_value(&long), format!("{shown}..."));
        assert!(!printable(&long).ends_with("..."));
    }
}
