use std::borrow::Cow;

use super::string;

/// The text of one JSON value as it was received, without white space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Raw<'a> {
    text: &'a str,
    is_plain_string: bool,
}

impl<'a> Raw<'a> {
    pub(super) const fn new(text: &'a str, is_plain_string: bool) -> Self {
        Self {
            text,
            is_plain_string,
        }
    }

    /// The JSON text.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.text
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.text == "null"
    }

    /// Whether the value is `true`.
    #[must_use]
    pub fn is_true(self) -> bool {
        self.text == "true"
    }

    /// The decoded string, where the value is one. A surrogate without its partner is read as U+FFFD, as the API server
    /// does.
    #[must_use]
    pub fn string(self) -> Option<Cow<'a, str>> {
        self.string_start(usize::MAX)
    }

    /// The same; of a string that is longer than `most` bytes not less than these.
    #[must_use]
    pub fn string_start(self, most: usize) -> Option<Cow<'a, str>> {
        let quoted = self.text.strip_prefix('"')?.strip_suffix('"')?;
        Some(if self.is_plain_string {
            Cow::Borrowed(quoted)
        } else {
            Cow::Owned(string::decode(quoted, most))
        })
    }

    /// The decoded string, where the value is one that is not empty.
    #[must_use]
    pub fn non_empty_string(self) -> Option<Cow<'a, str>> {
        self.string().filter(|text| !text.is_empty())
    }

    /// The number, where the value is an integer from 0 to 2^63-1 without sign, fraction or exponent.
    #[must_use]
    pub fn natural(self) -> Option<i64> {
        let is_unsigned = self.text.starts_with(|first: char| first.is_ascii_digit());
        is_unsigned.then(|| self.text.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;

    fn raw(text: &str) -> Raw<'_> {
        Reader::new(text).raw().unwrap()
    }

    #[test]
    fn a_string_without_escapes_is_borrowed() {
        assert!(matches!(
            raw(r#" "Tekton" "#).string(),
            Some(Cow::Borrowed("Tekton"))
        ));
    }

    #[test]
    fn escapes_are_decoded_and_lone_surrogates_replaced() {
        assert_eq!(raw(r#""a\u003cb\n""#).string().unwrap(), "a<b\n");
        assert_eq!(raw(r#""x\ud800y""#).string().unwrap(), "x\u{fffd}y");
    }

    #[test]
    fn only_strings_are_strings() {
        for text in ["1", "true", "null", "[]", "{}", "1e999"] {
            assert_eq!(raw(text).string(), None, "{text}");
        }
    }

    #[test]
    fn natural_numbers_have_no_fraction_exponent_or_sign() {
        assert_eq!(raw("0").natural(), Some(0));
        assert_eq!(raw("9223372036854775807").natural(), Some(i64::MAX));
        for text in [
            "9223372036854775808",
            "-1",
            "-0",
            "1.0",
            "1e3",
            "\"1\"",
            "1e999",
            "true",
        ] {
            assert_eq!(raw(text).natural(), None, "{text}");
        }
    }
}
