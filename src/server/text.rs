//! Text of other people's making, fit for one line of a log or an answer.

use std::borrow::Cow;

use crate::answer::write_printable;

/// The most characters of one value.
const LIMIT: usize = 256;

/// `value` with everything unprintable escaped, and cut where it is too long.
#[must_use]
pub fn printable(value: &str) -> Cow<'_, str> {
    if value.len() <= LIMIT && value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(LIMIT);
    // Writing to a string does not fail.
    if let Ok(false) = write_printable(value, LIMIT, &mut text) {
        text.push_str("...");
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, printable};
    use rstest::rstest;

    #[rstest]
    #[case("system:serviceaccount:a:b", "system:serviceaccount:a:b")]
    #[case("J\u{f6}rg", "J\u{f6}rg")]
    #[case("\"x\" \\", "\"x\" \\")]
    #[case("a\nb\r\tc", "a\\nb\\r\\tc")]
    #[case("\u{1b}[31m", "\\u{1b}[31m")]
    #[case(
        "\u{202e}\u{200b}\u{2028}\u{85}\u{7f}",
        "\\u{202e}\\u{200b}\\u{2028}\\u{85}\\u{7f}"
    )]
    fn nothing_unprintable_is_left(#[case] value: &str, #[case] expected: &str) {
        assert_eq!(printable(value), expected);
    }

    #[test]
    fn long_values_are_cut() {
        let text = printable(&"x".repeat(LIMIT + 1)).into_owned();
        assert_eq!(text, format!("{}...", "x".repeat(LIMIT)));
        assert_eq!(printable(&"x".repeat(LIMIT)).len(), LIMIT);
    }
}
