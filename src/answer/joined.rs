use std::fmt::{Display, Write};

/// Room for the words that sum up.
const SUMMARY_ROOM: usize = 32;

/// The entries of a list of `count` in one line of at most `most` bytes. Those that do not fit are summed up at
/// its end: `12 more`, where `more` describes them.
pub(super) fn joined(
    entries: impl Iterator<Item = impl Display>,
    count: usize,
    separator: &str,
    most: usize,
    more: &str,
) -> String {
    let mut text = String::new();
    for (at, entry) in entries.enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        let start = text.len();
        // Writing to a string does not fail.
        let _ = write!(text, "{entry}");
        if text.len() > most - SUMMARY_ROOM {
            text.truncate(start);
            let _ = write!(text, "{} {more}", count - at);
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{SUMMARY_ROOM, joined};

    #[test]
    fn what_has_no_room_is_summed_up() {
        let four = ["one", "two", "three", "four"];
        for (room, expected) in [
            (21, "one, two, three, four"),
            (20, "one, two, three, 6 more"),
            (8, "one, two, 7 more"),
            (7, "one, 8 more"),
            (2, "9 more"),
        ] {
            let text = joined(four.into_iter(), 9, ", ", room + SUMMARY_ROOM, "more");
            assert_eq!(text, expected, "{room}");
        }
    }
}
