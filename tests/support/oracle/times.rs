//! Times as the specification spells them, with a calendar of their own.

/// A moment, to the nanosecond.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// The digits of the fraction without zeros at the end, so that they compare as text.
    fraction: String,
}

impl Moment {
    /// Reads `YYYY-MM-DDTHH:MM:SS[.digits](Z or +HH:MM or -HH:MM)`; `None` for anything else, for a date that is none,
    /// and for what Go reads as "no time".
    pub fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !text.is_ascii() || bytes.len() < 20 {
            return None;
        }
        for (at, separator) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
            if bytes[at] != separator {
                return None;
            }
        }
        let year = number(&text[0..4])?;
        let month = number(&text[5..7])?;
        let day = number(&text[8..10])?;
        let (hour, minute, second) = (
            number(&text[11..13])?,
            number(&text[14..16])?,
            number(&text[17..19])?,
        );
        if year < 1 || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut rest = &text[19..];
        let mut fraction = "";
        if let Some(after) = rest.strip_prefix('.') {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            (fraction, rest) = after.split_at(digits);
        }
        let offset = if rest == "Z" {
            0
        } else {
            let sign = match rest.bytes().next()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            if rest.len() != 6 || rest.as_bytes()[3] != b':' {
                return None;
            }
            let (hours, minutes) = (number(&rest[1..3])?, number(&rest[4..6])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            sign * (hours * 3600 + minutes * 60)
        };
        let moment = Self {
            seconds: days_before(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
                - offset,
            // Go, and so every client, reads nanoseconds and drops what is finer.
            fraction: fraction[..fraction.len().min(9)]
                .trim_end_matches('0')
                .to_owned(),
        };
        let no_time = Self {
            seconds: days_before(1, 1, 1) * 86_400,
            fraction: String::new(),
        };
        (moment != no_time).then_some(moment)
    }

    /// The moment this many seconds later.
    pub fn later(&self, seconds: i64) -> Self {
        Self {
            seconds: self.seconds + seconds,
            ..self.clone()
        }
    }

    /// Its second, rounded down.
    pub fn second(&self) -> i64 {
        self.seconds
    }

    /// Its second, rounded up.
    pub fn next_second(&self) -> i64 {
        self.seconds + i64::from(!self.fraction.is_empty())
    }
}

/// A second as UTC text.
pub fn write(seconds: i64) -> String {
    let (mut days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += days_of_year(year);
    }
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_in(year, month) {
        days -= days_in(year, month);
        month += 1;
    }
    format!(
        "{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        days + 1,
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

fn number(digits: &str) -> Option<i64> {
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// Days from 1970-01-01 to a date.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let whole_years = |year: i64| {
        let before = year - 1;
        before * 365 + before / 4 - before / 100 + before / 400
    };
    let months: i64 = (1..month).map(|earlier| days_in(year, earlier)).sum();
    whole_years(year) - whole_years(1970) + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_agrees_with_known_days() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00+01:00", 951_822_000),
            ("2026-11-23T10:00:00.5Z", 1_795_428_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(Moment::read(text).expect(text).seconds, seconds, "{text}");
        }
        assert_eq!(write(951_822_000), "2000-02-29T11:00:00Z");
        assert_eq!(write(-1), "1969-12-31T23:59:59Z");
    }
}
