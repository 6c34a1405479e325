//! Which known name a misspelt one may have meant.

use strsim::osa_distance;

/// A longer word is not a misspelt name.
const MAX_LENGTH: usize = 64;
/// The shortest word that can be a part of a longer name.
const MIN_PART: usize = 5;

/// The nearest of `candidates` to `word`, where one is near: equal but for case and punctuation, a longer name that contains
/// `word`, or one that differs in at most a third of its letters.
pub(crate) fn closest<'c>(
    word: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    if word.len() > MAX_LENGTH {
        return None;
    }
    let letters = letters_of(word);
    let mut nearest: Option<(usize, &str)> = None;
    for candidate in candidates {
        let theirs = letters_of(candidate);
        let is_part = letters.len() >= MIN_PART && theirs.contains(&letters);
        let most = letters.len().max(theirs.len()) / 3;
        // At least as many edits as one word is longer than the other; comparing costs more than counting.
        if !is_part && letters.len().abs_diff(theirs.len()) > most {
            continue;
        }
        let edits = osa_distance(&letters, &theirs);
        let is_nearest = nearest.is_none_or(|(fewest, _)| edits < fewest);
        if is_nearest && (is_part || edits <= most) {
            nearest = Some((edits, candidate));
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// The letters and digits of a word, in lower case.
pub(crate) fn letters_of(word: &str) -> String {
    word.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn only_what_is_near_is_suggested() {
        let candidates = ["TaskFailed", "TargetResourceBusy", "Pending"];
        for (word, expected) in [
            ("TaskFail", Some("TaskFailed")),
            ("task_failed", Some("TaskFailed")),
            ("ResourceBusy", Some("TargetResourceBusy")),
            ("TaskF", Some("TaskFailed")),
            ("Task", None),
            ("pendnig", Some("Pending")),
            (&format!("{:-<64}", "Pending"), Some("Pending")),
            (&format!("{:-<65}", "Pending"), None),
            ("Zebra", None),
            ("", None),
            ("日本", None),
        ] {
            assert_eq!(closest(word, candidates.into_iter()), expected, "{word}");
        }
    }
}
