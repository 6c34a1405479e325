//! The clock that an HTTP answer tells.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;

/// Reads the header `Date`, which is a date of RFC 2822 in that one's obsolete zone GMT.
#[must_use]
pub fn read(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(date.timestamp())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use rstest::rstest;

    use super::read;

    #[rstest]
    #[case::as_it_is_sent("Tue, 24 Nov 2026 23:59:58 GMT", Some("2026-11-24T23:59:58Z"))]
    #[case::no_date("yesterday", None)]
    fn a_date_is_read(#[case] text: &'static str, #[case] expected: Option<&str>) {
        let headers = HeaderMap::from_iter([(header::DATE, HeaderValue::from_static(text))]);
        let read = read(&headers).map(|date| date.to_string());
        assert_eq!(read.as_deref(), expected);
    }

    #[test]
    fn an_answer_without_a_date_tells_none() {
        assert_eq!(read(&HeaderMap::new()), None);
    }
}
