//! Names as DNS has them (RFC 1123).

/// Whether this has the form of a label: lower-case letters, digits and `-`, a letter or digit at both ends. How long it
/// may be, the caller knows.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether this has the form of a subdomain: labels, with dots between them.
#[must_use]
pub fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{is_label, is_subdomain};

    #[rstest]
    #[case::letters("example", true)]
    #[case::one("a", true)]
    #[case::digits_at_the_ends("1-a-1", true)]
    #[case::of_any_length(&"a".repeat(300), true)]
    #[case::empty("", false)]
    #[case::upper_case("Example", false)]
    #[case::underscore("a_b", false)]
    #[case::beyond_ascii("bücher", false)]
    #[case::hyphen_first("-a", false)]
    #[case::hyphen_last("a-", false)]
    fn a_label_is_also_a_subdomain(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_label(text), expected);
        assert_eq!(is_subdomain(text), expected);
    }

    #[rstest]
    #[case::labels("x-1.example.com", true)]
    #[case::empty_label("a..com", false)]
    #[case::dot_first(".com", false)]
    #[case::dot_last("example.", false)]
    #[case::hyphen_in_the_middle("a.-b.c", false)]
    fn labels_have_dots_between_them(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_subdomain(text), expected);
        assert!(!is_label(text));
    }
}
