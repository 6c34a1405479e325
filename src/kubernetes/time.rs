//! Times as HTTP headers and logs have them.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;

/// The server's clock: the header `Date`, a date of RFC 2822 in its obsolete zone GMT.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(date.timestamp())
}

/// Seconds since 1970 as people read them.
pub(crate) fn text(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use rstest::rstest;

    use super::{date, text};

    #[rstest]
    #[case::as_it_is_sent("Tue, 24 Nov 2026 23:59:58 GMT", Some("2026-11-24T23:59:58Z"))]
    #[case::no_date("yesterday", None)]
    fn a_date_is_read(#[case] text: &'static str, #[case] expected: Option<&str>) {
        let headers = HeaderMap::from_iter([(header::DATE, HeaderValue::from_static(text))]);
        let read = date(&headers).map(|date| date.to_string());
        assert_eq!(read.as_deref(), expected);
    }

    #[test]
    fn an_answer_without_a_date_has_none() {
        assert_eq!(date(&HeaderMap::new()), None);
    }

    #[test]
    fn seconds_beyond_the_calendar_stay_a_number() {
        assert_eq!(text(1_800_000_000), "2027-01-15T08:00:00Z");
        assert_eq!(text(i64::MAX), i64::MAX.to_string());
    }
}
