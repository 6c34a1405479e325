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

/// The days from 1 March of the year 0 to 1970.
const EPOCH: i64 = 719_468;

impl Instant {
    /// Reads `YYYY-MM-DDTHH:MM:SS[.digits](Z or +HH:MM or -HH:MM)` by the rule `condition-shape` of spec section 3:
    /// upper-case, a real date and time, and not what Go takes for "no time". Digits after the ninth are ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (moment, rest) = text.as_bytes().split_at_checked(19)?;
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if separators.iter().any(|&(at, byte)| moment[at] != byte) {
            return None;
        }
        let year = number(&moment[..4])?;
        let days = days(year, two(moment, 5)?, two(moment, 8)?)?;
        let seconds = seconds(two(moment, 11)?, two(moment, 14)?, two(moment, 17)?)?;
        let (nanoseconds, zone) = fraction(rest)?;
        let local = days * 86_400 + seconds;
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

/// The days from 1970 to a real date, in the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let in_month = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=in_month).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at the end, and months whose lengths follow a straight line.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let before_year = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_month = (153 * month + 2) / 5;
    Some(before_year + before_month + day - 1 - EPOCH)
}

/// The seconds of a day up to a real time of day.
fn seconds(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60).then_some((hour * 60 + minute) * 60 + second)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i64::from(byte - b'0'))
    })
}

fn two(bytes: &[u8], at: usize) -> Option<i64> {
    number(bytes.get(at..at + 2)?)
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
    let seconds = hours * 3600 + minutes * 60;
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
    fn every_day_is_counted_as_the_calendar_does() {
        let first = jiff::civil::date(1, 1, 1);
        let last = jiff::civil::date(9999, 12, 31);
        let epoch = jiff::civil::date(1970, 1, 1);
        for (date, since) in first.series(jiff::Span::new().days(1)).zip(-719_162..) {
            let [year, month, day] = [date.year().into(), date.month().into(), date.day().into()];
            assert_eq!(days(year, month, day), Some(since), "{date}");
            assert_eq!(
                days(year, month, day + 1).is_none(),
                date == date.last_of_month()
            );
        }
        assert_eq!(epoch.duration_since(first).as_secs() / 86_400, 719_162);
        assert_eq!(
            days(9999, 12, 31),
            Some(last.duration_since(epoch).as_secs() / 86_400)
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
