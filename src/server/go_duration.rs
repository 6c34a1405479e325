//! Durations as Go writes them: `3s`, `1m0s`, `2.5s`, `500ms`. API servers send them, and flags take them.

use std::time::Duration;

const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

/// The longest duration that is read: beyond it (292 years) Go has no durations either.
const MAX_NANOS: u128 = i64::MAX as u128;

/// Reads a duration that is not negative, or `None` when `text` is none.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut nanos = 0_u128;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit_length = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_length);
        let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        nanos += scaled(whole, fraction, scale)?;
        if nanos > MAX_NANOS {
            return None;
        }
        rest = after;
    }
    if text.is_empty() {
        return None;
    }
    let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
    let subsecond = u32::try_from(nanos % 1_000_000_000).ok()?;
    Some(Duration::new(seconds, subsecond))
}

fn digits(text: &str) -> (&str, &str) {
    let length = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(length)
}

fn scaled(whole: &str, fraction: &str, scale: u128) -> Option<u128> {
    let whole = match whole {
        "" => 0,
        digits => u128::from(digits.parse::<u64>().ok()?),
    };
    // What is below a nanosecond even in hours does not count.
    let fraction = &fraction[..fraction.len().min(15)];
    let part = match fraction {
        "" => 0,
        digits => {
            let power = u32::try_from(digits.len()).ok()?;
            u128::from(digits.parse::<u64>().ok()?) * scale / 10_u128.pow(power)
        }
    };
    Some(whole * scale + part)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use rstest::rstest;
    use std::time::Duration;

    #[rstest]
    #[case("3s", 3_000)]
    #[case("1m0s", 60_000)]
    #[case("500ms", 500)]
    #[case("2.5s", 2_500)]
    #[case(".5s", 500)]
    #[case("1.s", 1_000)]
    #[case("1h2m3s4ms", 3_723_004)]
    #[case("0", 0)]
    #[case("0s", 0)]
    #[case("+7s", 7_000)]
    #[case("30000us", 30)]
    fn reads_what_go_writes(#[case] text: &str, #[case] millis: u64) {
        assert_eq!(parse(text), Some(Duration::from_millis(millis)));
    }

    #[rstest]
    #[case("")]
    #[case("+")]
    #[case("3")]
    #[case("s")]
    #[case(".s")]
    #[case("-3s")]
    #[case("3 s")]
    #[case("3S")]
    #[case("3d")]
    #[case("1s2")]
    #[case("1e3s")]
    #[case("99999999999999999999s")]
    #[case("9999999999999999999h")]
    #[case("3s\u{0}")]
    fn refuses_what_go_refuses(#[case] text: &str) {
        assert_eq!(parse(text), None);
    }
}
