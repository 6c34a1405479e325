//! What the writer may have meant.

use strsim::osa_distance;

use crate::rules::Subject;
use crate::status::ConditionStatus;
use crate::vocabulary::{
    FORMER_REASONS, FORMER_TYPES, FailureReason, Phase, Role, Term, creation_failure,
};

/// Longer words are no slip of the pen.
const MAX_LENGTH: usize = 64;
/// The shortest word that is taken for a part of a longer one.
const MIN_PART: usize = 5;

/// The type that an unknown one may have meant.
pub(super) fn condition_type<'s>(subject: &Subject<'s>, unknown: &str) -> Option<&'s str> {
    let vocabulary = subject.vocabulary;
    let type_of = |role: Role| vocabulary.term(role).map(|term| term.condition_type);
    let counterpart = || {
        let term = vocabulary.other().term_of_type(unknown)?;
        type_of(term.role)
    };
    let former = || {
        let (_, role) = FORMER_TYPES.iter().find(|(name, _)| *name == unknown)?;
        type_of(*role)
    };
    let known = vocabulary.terms.iter().map(|term| term.condition_type);
    let extra = subject.policy.extra_types.iter().map(String::as_str);
    counterpart()
        .or_else(former)
        .or_else(|| closest(unknown, known.chain(extra)))
}

/// The allowed reason that another one may have meant.
pub(super) fn reason(
    subject: &Subject<'_>,
    term: &Term,
    status: ConditionStatus,
    unknown: &str,
) -> Option<&'static str> {
    let allowed = term.reasons(status)?;
    let counterpart = || {
        let theirs = subject.vocabulary.other().term(term.role)?;
        let at = theirs
            .reasons(status)?
            .iter()
            .position(|reason| *reason == unknown)?;
        allowed.get(at).copied()
    };
    let of_details = || creation_failure(FailureReason::from_name(unknown)?);
    let former = || {
        let (_, now) = FORMER_REASONS.iter().find(|(name, _)| *name == unknown)?;
        Some(*now)
    };
    counterpart()
        .or_else(of_details)
        .or_else(former)
        .filter(|reason| allowed.contains(reason))
        .or_else(|| closest(unknown, allowed.iter().copied()))
}

/// The phase that an unknown one may have meant.
pub(super) fn phase(subject: &Subject<'_>, unknown: &str) -> Option<&'static str> {
    closest(
        unknown,
        subject
            .vocabulary
            .phases
            .iter()
            .map(|phase: &Phase| phase.name()),
    )
}

/// The nearest of `candidates` to `word`, where one is near: the same but for case and signs, a longer name that has
/// `word` in it, or one that few slips lead to.
fn closest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    if word.len() > MAX_LENGTH {
        return None;
    }
    let letters: String = letters_of(word).collect();
    let counts = Counts::of(word);
    let mut nearest: Option<(usize, &str)> = None;
    for candidate in candidates {
        let their_counts = Counts::of(candidate);
        let few = |slips: usize| slips * 3 <= letters.len().max(their_counts.all());
        let is_nearer = |slips: usize| nearest.is_none_or(|(fewest, _)| slips < fewest);
        // Counting tells of most candidates that they are too far off, and costs less than comparing does.
        let lacking = counts.beyond(&their_counts);
        let least = lacking.max(their_counts.beyond(&counts));
        if !is_nearer(least) || (lacking > 0 && !few(least)) {
            continue;
        }
        let theirs: String = letters_of(candidate).collect();
        let slips = osa_distance(&letters, &theirs);
        let is_part = letters.len() >= MIN_PART && theirs.contains(&letters);
        if is_nearer(slips) && (is_part || few(slips)) {
            nearest = Some((slips, candidate));
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// The letters and digits of a word, in lower case.
fn letters_of(word: &str) -> impl Iterator<Item = char> {
    word.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
}

/// How often a word has each letter and digit.
#[derive(Debug)]
struct Counts([u8; 36]);

impl Counts {
    fn of(word: &str) -> Self {
        let mut counts = [0_u8; 36];
        for place in letters_of(word).filter_map(|letter| letter.to_digit(36)) {
            let count = &mut counts[place as usize];
            *count = count.saturating_add(1);
        }
        Self(counts)
    }

    fn all(&self) -> usize {
        self.0.iter().copied().map(usize::from).sum()
    }

    /// How many of its letters the other lacks. So many slips at least are between the two.
    fn beyond(&self, other: &Self) -> usize {
        let pairs = self.0.iter().zip(&other.0);
        pairs
            .map(|(ours, theirs)| usize::from(ours.saturating_sub(*theirs)))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, MIN_PART, closest, letters_of};
    use crate::vocabulary::{EXECUTION, TEKTON};

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

    /// The names of both vocabularies, and each of them misspelled in some ways.
    fn words() -> Vec<String> {
        let terms = TEKTON.terms.iter().chain(EXECUTION.terms);
        let names = terms.flat_map(|term| {
            let reasons = term.reasons_true.iter().chain(term.reasons_false);
            reasons.chain([&term.condition_type])
        });
        let slipped = |name: &&str| {
            let (start, end) = name.split_at(name.len() / 2);
            [
                (*name).to_owned(),
                format!("{end}{start}"),
                format!("{start}x{end}"),
                format!("{}{end}", &start[1..]),
                name.to_uppercase(),
            ]
        };
        names.flat_map(slipped).collect()
    }

    /// The nearest by comparing all of them.
    fn closest_of_all<'c>(
        word: &str,
        candidates: impl Iterator<Item = &'c str>,
    ) -> Option<&'c str> {
        let letters: String = letters_of(word).collect();
        let near = candidates.filter_map(|candidate| {
            let theirs: String = letters_of(candidate).collect();
            let slips = strsim::osa_distance(&letters, &theirs);
            let is_part = letters.len() >= MIN_PART && theirs.contains(&letters);
            let is_near = is_part || slips * 3 <= letters.len().max(theirs.len());
            is_near.then_some((slips, candidate))
        });
        let nearest = near.min_by_key(|(slips, _)| *slips);
        nearest.map(|(_, candidate)| candidate)
    }

    #[test]
    fn what_is_not_compared_would_not_have_been_suggested() {
        let words = words();
        for word in &words {
            let others = || words.iter().map(String::as_str).filter(|it| it != word);
            assert_eq!(
                closest(word, others()),
                closest_of_all(word, others()),
                "{word}"
            );
        }
    }

    #[test]
    fn no_more_letters_are_lacking_than_there_are_slips() {
        let words = words();
        for (one, other) in words
            .iter()
            .flat_map(|one| words.iter().map(move |it| (one, it)))
        {
            let lacking = Counts::of(one).beyond(&Counts::of(other));
            let letters = |word: &str| letters_of(word).collect::<String>();
            let slips = strsim::osa_distance(&letters(one), &letters(other));
            assert!(lacking <= slips, "{one} {other}: {lacking} of {slips}");
        }
    }
}
