//! Names as DNS has them (RFC 1123), and the lengths that Kubernetes allows.

/// The longest label.
#[cfg(feature = "server")]
pub(crate) const MAX_LABEL: usize = 63;
/// The longest name of an object.
#[cfg(feature = "server")]
const MAX_NAME: usize = 253;

/// Whether this has the form of a label: lower-case letters, digits and `-`, a letter or digit at both ends. The caller
/// knows how long it may be.
#[must_use]
pub(crate) fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether this has the form of a subdomain: labels, with dots between them.
#[must_use]
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// Whether a namespace or a Service can have this name.
#[cfg(feature = "server")]
#[must_use]
pub(crate) fn is_label_name(text: &str) -> bool {
    text.len() <= MAX_LABEL && is_label(text)
}

/// Whether most other objects can have this name.
#[cfg(feature = "server")]
#[must_use]
pub(crate) fn is_object_name(text: &str) -> bool {
    text.len() <= MAX_NAME && is_subdomain(text)
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

    #[cfg(feature = "server")]
    #[rstest]
    #[case::short("a", true, true)]
    #[case::longest_label(&"a".repeat(63), true, true)]
    #[case::longer_than_a_label(&"a".repeat(64), false, true)]
    #[case::longest_name(&"a".repeat(253), false, true)]
    #[case::longer_than_a_name(&"a".repeat(254), false, false)]
    #[case::with_a_dot("a.b", false, true)]
    fn names_of_objects_have_a_length(
        #[case] text: &str,
        #[case] label: bool,
        #[case] object: bool,
    ) {
        assert_eq!(super::is_label_name(text), label);
        assert_eq!(super::is_object_name(text), object);
    }
}
