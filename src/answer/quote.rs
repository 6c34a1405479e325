use std::fmt::{self, Write};

use crate::json::Raw;
use crate::text::is_hidden;

/// A value from the object in text that leaves the server: in quotes, at most 64 characters, and nothing in it that a
/// terminal or a log would not show as it is (spec section 8).
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'t>(pub &'t str);

/// The longest value that is shown whole.
const MAX_CHARS: usize = 64;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let is_whole = write_printable(self.0, MAX_CHARS, f)?;
        f.write_str(if is_whole { "\"" } else { "\"..." })
    }
}

/// Writes `text` with everything unprintable escaped, up to `most` characters. Returns whether that was all.
pub(super) fn write_printable(
    text: &str,
    most: usize,
    f: &mut impl Write,
) -> Result<bool, fmt::Error> {
    // Most values are plain, and go at once.
    let is_plain = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if text.len() <= most && text.bytes().all(is_plain) {
        f.write_str(text)?;
        return Ok(true);
    }
    let mut left = most;
    for character in text.chars() {
        // An apostrophe needs no escape between double quotes.
        let is_plain = !is_hidden(character) && !matches!(character, '"' | '\\');
        let needs = if is_plain {
            1
        } else {
            character.escape_debug().len()
        };
        let Some(rest) = left.checked_sub(needs) else {
            return Ok(false);
        };
        left = rest;
        if is_plain {
            f.write_char(character)?;
        } else {
            write!(f, "{}", character.escape_debug())?;
        }
    }
    Ok(true)
}

/// A JSON value in text: a string as [`Quoted`], a number, boolean or null as received, anything else as quoted JSON.
pub(super) struct QuotedRaw<'t>(pub Raw<'t>);

impl fmt::Display for QuotedRaw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.text();
        match self.0.string_start(4 * MAX_CHARS) {
            Some(string) => Quoted(&string).fmt(f),
            None if text.len() <= MAX_CHARS && !text.starts_with(['[', '{']) => f.write_str(text),
            None => Quoted(text).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_not_show_is_escaped() {
        let unprintable = [
            '\0',
            '\n',
            '\t',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9f}',
            '\u{a0}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3000}',
            '\u{feff}',
            '\u{e0001}',
        ];
        for character in unprintable {
            let shown = Quoted(&format!("a{character}b")).to_string();
            assert!(!shown.contains(character), "{character:?} in {shown}");
            assert!(shown.starts_with("\"a\\"), "{shown}");
        }
    }

    #[test]
    fn what_is_printable_stays() {
        assert_eq!(
            Quoted("it's é 日本 🚀 ok").to_string(),
            "\"it's é 日本 🚀 ok\""
        );
        assert_eq!(Quoted("a\"b\\c").to_string(), r#""a\"b\\c""#);
    }

    #[test]
    fn a_value_is_cut_at_64_characters() {
        assert_eq!(
            Quoted(&"a".repeat(64)).to_string(),
            format!("\"{}\"", "a".repeat(64))
        );
        assert_eq!(
            Quoted(&"a".repeat(65)).to_string(),
            format!("\"{}\"...", "a".repeat(64))
        );
        let escaped = Quoted(&"\u{202e}".repeat(64)).to_string();
        assert_eq!(escaped, format!("\"{}\"...", "\\u{202e}".repeat(8)));
    }
}
