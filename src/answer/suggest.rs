//! What the writer may have meant.

use strsim::damerau_levenshtein;

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
    let letters = letters_of(word);
    if word.len() > MAX_LENGTH {
        return None;
    }
    candidates
        .filter_map(|candidate| {
            let theirs = letters_of(candidate);
            let slips = damerau_levenshtein(&letters, &theirs);
            let is_part = letters.len() >= MIN_PART && theirs.contains(&letters);
            let is_near = is_part || slips * 3 <= letters.len().max(theirs.len());
            is_near.then_some((slips, candidate))
        })
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

fn letters_of(word: &str) -> String {
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
