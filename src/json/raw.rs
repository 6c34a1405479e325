use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Key;

/// The text of one JSON value as it came, without white space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Raw<'a>(&'a str);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(|raw| Self(raw.get()))
    }
}

impl<'a> Raw<'a> {
    /// The JSON text.
    #[must_use]
    pub const fn text(self) -> &'a str {
        self.0
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether the value is `true`.
    #[must_use]
    pub fn is_true(self) -> bool {
        self.0 == "true"
    }

    /// The decoded string, where the value is one. A surrogate without its partner is read as U+FFFD, as the API server
    /// does.
    #[must_use]
    pub fn string(self) -> Option<Cow<'a, str>> {
        let quoted = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !quoted.contains('\\') {
            return Some(Cow::Borrowed(quoted));
        }
        let decoded = Key::deserialize(&mut serde_json::Deserializer::from_str(self.0)).ok()?;
        Some(Cow::Owned(
            String::from_utf8_lossy(decoded.bytes()).into_owned(),
        ))
    }

    /// The decoded string, where the value is one that is not empty.
    #[must_use]
    pub fn non_empty_string(self) -> Option<Cow<'a, str>> {
        self.string().filter(|text| !text.is_empty())
    }

    /// The number, where the value is an integer from 0 to 2^63-1 without sign, fraction or exponent.
    #[must_use]
    pub fn natural(self) -> Option<i64> {
        let is_unsigned = self.0.starts_with(|first: char| first.is_ascii_digit());
        is_unsigned.then(|| self.0.parse().ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw<'_> {
        serde_json::from_str(text).unwrap()
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
        assert!(raw(r#""x\ud800y""#).string().unwrap().contains('\u{fffd}'));
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
