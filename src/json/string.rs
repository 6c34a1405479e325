//! The inside of JSON strings.

use std::fmt::Write;

/// How many bytes come before the first quote, backslash or control character.
///
/// Eight bytes are checked together: the lowest byte whose highest bit is left is the first match. With one
/// bit flipped, the quote follows directly after the control characters.
#[inline]
pub(super) fn plain_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let sought = is_below(word ^ (EACH * 0x02), 0x21) | is_below(word ^ (EACH * 0x5c), 0x01);
        if sought != 0 {
            return index * 8 + sought.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| !matches!(byte, 0..0x20 | b'"' | b'\\');
    words.len() * 8 + rest.iter().take_while(is_plain).count()
}

/// 1 in each byte.
const EACH: u64 = u64::MAX / 255;

/// The highest bit of the first byte that is below `limit`; bits of later ones mean nothing.
const fn is_below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & (EACH << 7)
}

/// The length of what comes after a backslash, if it is an escape.
pub(super) fn escape_length(text: &[u8]) -> Option<usize> {
    match text {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(1),
        [b'u', a, b, c, d, ..] if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) => Some(5),
        _ => None,
    }
}

/// Adds the escape of a quote, a backslash or a control character.
pub(super) fn escape(special: &str, json: &mut String) {
    json.push_str(match special {
        "\"" => "\\\"",
        "\\" => r"\\",
        "\u{8}" => r"\b",
        "\t" => r"\t",
        "\n" => r"\n",
        "\u{c}" => r"\f",
        "\r" => r"\r",
        control => {
            for byte in control.bytes() {
                // Writing to a string does not fail.
                let _ = write!(json, "\\u{byte:04x}");
            }
            return;
        }
    });
}

/// The string with `text` between its quotes; of one that is longer than `most` bytes, not less than these. A
/// surrogate without its partner is read as U+FFFD, as the API server does.
pub(super) fn decode(text: &str, most: usize) -> String {
    let mut decoded = String::with_capacity(text.len().min(most));
    let mut rest = text;
    while decoded.len() <= most {
        let Some((plain, escape)) = rest.split_once('\\') else {
            decoded.push_str(rest);
            break;
        };
        decoded.push_str(plain);
        rest = decode_escape(escape, &mut decoded);
    }
    decoded
}

/// Decodes what comes after a backslash, and gives the rest.
fn decode_escape<'t>(text: &'t str, decoded: &mut String) -> &'t str {
    let character = match text.as_bytes().first() {
        Some(b'u') => return decode_unicode(&text[1..], decoded),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(&byte) => char::from(byte),
        None => return text,
    };
    decoded.push(character);
    &text[1..]
}

fn decode_unicode<'t>(text: &'t str, decoded: &mut String) -> &'t str {
    let Some((unit, rest)) = hex(text) else {
        return text;
    };
    if let Some((low, after)) = rest.strip_prefix("\\u").and_then(hex)
        && let Some(Ok(pair)) = char::decode_utf16([unit, low]).next()
        && pair.len_utf16() == 2
    {
        decoded.push(pair);
        return after;
    }
    decoded.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn hex(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quoted(text: &str) -> String {
        format!("\"{text}\"")
    }

    #[test]
    fn escapes_are_decoded() {
        for (text, decoded) in [
            (r"a\u003cb\n", "a<b\n"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"\ud83d\ude80 \u00E9", "🚀 é"),
            ("é\\u0041", "éA"),
        ] {
            assert_eq!(decode(text, usize::MAX), decoded);
            assert_eq!(
                serde_json::from_str::<String>(&quoted(text)).unwrap(),
                decoded
            );
        }
    }

    #[test]
    fn a_surrogate_without_its_partner_is_replaced() {
        for (text, decoded) in [
            (r"x\ud800y", "x\u{fffd}y"),
            (r"\ud800\u0041", "\u{fffd}A"),
            (r"\ud800\ud800\udc00", "\u{fffd}\u{10000}"),
            (r"\udc00\ud800", "\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(decode(text, usize::MAX), decoded, "{text}");
        }
    }

    #[test]
    fn no_more_of_a_long_string_is_decoded_than_is_asked_for() {
        assert_eq!(decode(&r"\n".repeat(1000), 10), "\n".repeat(11));
        assert_eq!(decode(r"ab\ncd", 10), "ab\ncd");
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(text: String) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(decode(&json[1..json.len() - 1], usize::MAX), text);
        }

        #[test]
        fn the_plain_length_is_that_of_a_search_byte_by_byte(bytes: Vec<u8>) {
            let sought = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
            let expected = bytes.iter().position(sought).unwrap_or(bytes.len());
            prop_assert_eq!(plain_length(&bytes), expected);
        }
    }
}
