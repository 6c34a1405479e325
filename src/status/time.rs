use jiff::civil::{Date, DateTime, Time};

/// A point in time of the API: RFC 3339 as Go reads it, to the nanosecond.
///
/// Reaches further than [`jiff::Timestamp`], which cannot hold the last hours of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Seconds since 1970.
    seconds: i64,
    /// Nanoseconds on top.
    nanoseconds: u32,
}

/// What Go takes for "no time".
const GO_ZERO: Instant = Instant {
    seconds: -62_135_596_800,
    nanoseconds: 0,
};

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Instant {
    /// Reads `YYYY-MM-DDTHH:MM:SS[.digits](Z or +HH:MM or -HH:MM)` by the rule `condition-shape` of spec section 3:
    /// upper-case, a real date and time, and not what Go takes for "no time". Digits after the ninth are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (moment, rest) = text.as_bytes().split_at_checked(19)?;
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if separators.iter().any(|&(at, byte)| moment[at] != byte) {
            return None;
        }
        let year = i16::try_from(number(&moment[..4])?).ok()?;
        let date = Date::new(year, two(moment, 5)?, two(moment, 8)?).ok()?;
        let time = Time::new(two(moment, 11)?, two(moment, 14)?, two(moment, 17)?, 0).ok()?;
        let (nanoseconds, zone) = fraction(rest)?;
        let local = date.to_datetime(time).duration_since(EPOCH).as_secs();
        let instant = Self {
            seconds: local - offset(zone)?,
            nanoseconds,
        };
        (year >= 1 && instant != GO_ZERO).then_some(instant)
    }

    /// The last whole second at or before this instant.
    #[must_use]
    pub const fn floor(self) -> Self {
        Self {
            nanoseconds: 0,
            ..self
        }
    }

    /// The first whole second at or after this instant.
    #[must_use]
    pub const fn ceil(self) -> Self {
        Self {
            seconds: self.seconds + (self.nanoseconds > 0) as i64,
            nanoseconds: 0,
        }
    }

    /// This instant, `seconds` later.
    #[must_use]
    pub const fn after(self, seconds: i64) -> Self {
        Self {
            seconds: self.seconds + seconds,
            ..self
        }
    }

    /// As a timestamp, where that can hold it.
    #[must_use]
    pub fn timestamp(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::new(self.seconds, i32::try_from(self.nanoseconds).ok()?).ok()
    }

    /// Whether the whole second, written in UTC, is a time that [`Instant::parse`] reads.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.seconds > GO_ZERO.seconds
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(timestamp: jiff::Timestamp) -> Self {
        let nanoseconds = i64::from(timestamp.subsec_nanosecond());
        let (seconds, nanoseconds) = if nanoseconds < 0 {
            (timestamp.as_second() - 1, nanoseconds + 1_000_000_000)
        } else {
            (timestamp.as_second(), nanoseconds)
        };
        Self {
            seconds,
            nanoseconds: u32::try_from(nanoseconds).unwrap_or_default(),
        }
    }
}

fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i32::from(byte - b'0'))
    })
}

fn two(bytes: &[u8], at: usize) -> Option<i8> {
    i8::try_from(number(bytes.get(at..at + 2)?)?).ok()
}

/// The nanoseconds of a fraction, if there is one, and what stands behind it.
fn fraction(rest: &[u8]) -> Option<(u32, &[u8])> {
    let Some(digits) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, zone) = digits.split_at(count);
    let nanoseconds = (0..9).fold(0, |value, at| {
        value * 10 + digits.get(at).map_or(0, |digit| u32::from(digit - b'0'))
    });
    (count > 0).then_some((nanoseconds, zone))
}

/// The seconds that a zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    if zone == b"Z" {
        return Some(0);
    }
    if zone.len() != 6 || zone[3] != b':' {
        return None;
    }
    let (hours, minutes) = (two(zone, 1)?, two(zone, 4)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    match zone[0] {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for text in [
            "2026-11-23T10:00:00Z",
            "2026-11-23T10:00:00.5Z",
            "2026-11-23T10:00:00.123456789012Z",
            "2024-02-29T23:59:59+23:59",
            "0001-01-01T00:00:01Z",
            "0001-01-01T00:00:00.5Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            assert!(Instant::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn refuses_what_go_or_its_peers_cannot_read() {
        for text in [
            "",
            "2026-11-23",
            "2026-11-23T10:00:00",
            "2026-11-23t10:00:00Z",
            "2026-11-23T10:00:00z",
            "2026-11-23 10:00:00Z",
            "2026-11-23T10:00:00,5Z",
            "2026-11-23T10:00:00.Z",
            "2026-11-23T10:00:60Z",
            "2026-11-23T24:00:00Z",
            "2026-02-30T10:00:00Z",
            "2025-02-29T10:00:00Z",
            "2026-11-23T10:00:00+24:00",
            "2026-11-23T10:00:00+02:60",
            "2026-11-23T10:00:00+0200",
            "2026-11-23T10:00:00ZZ",
            "2026-11-23T10:00:0\u{662}Z",
            "+026-11-23T10:00:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "0001-01-01T01:00:00+01:00",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_instant_is_equal_in_any_zone() {
        assert_eq!(
            Instant::parse("2026-11-23T10:00:00+02:00"),
            Instant::parse("2026-11-23T08:00:00.000Z")
        );
    }

    #[test]
    fn agrees_with_the_timestamp_of_the_clock() {
        for text in ["2026-11-23T10:00:00.25Z", "1969-12-31T23:59:59.75Z"] {
            let timestamp: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(Instant::from(timestamp), Instant::parse(text).unwrap());
            assert_eq!(Instant::from(timestamp).timestamp(), Some(timestamp));
        }
    }
}
