//! What the writer may have meant.

use crate::rules::Subject;
use crate::spelling::{closest, letters_of};
use crate::status::ConditionStatus;
use crate::vocabulary::{
    FORMER_REASONS, FORMER_TYPES, FailureReason, PHASE_SYNONYMS, Role, Term, creation_failure,
    equivalent_reasons,
};

/// The type that an unknown one may have meant.
pub(super) fn condition_type<'s>(subject: &Subject<'s>, unknown: &str) -> Option<&'s str> {
    let vocabulary = subject.vocabulary;
    let type_of = |role: Role| vocabulary.term(role).map(|term| term.condition_type);
    let counterpart = || {
        let mut others = vocabulary.others();
        type_of(others.find_map(|other| other.term_of_type(unknown))?.role)
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
pub(super) fn reason<'s>(
    subject: &Subject<'s>,
    term: &Term,
    status: ConditionStatus,
    unknown: &str,
) -> Option<&'s str> {
    let allowed = term.reasons(status)?;
    let counterparts = equivalent_reasons(unknown).iter().copied();
    let of_details = FailureReason::from_name(unknown).and_then(creation_failure);
    let former = FORMER_REASONS.iter().filter(|(name, _)| *name == unknown);
    let extra = subject.policy.extra_reasons_of(term.condition_type);
    counterparts
        .chain(of_details)
        .chain(former.map(|(_, now)| *now))
        .find(|reason| allowed.contains(reason))
        .or_else(|| closest(unknown, allowed.iter().copied().chain(extra)))
}

/// The phase that an unknown one may have meant.
pub(super) fn phase(subject: &Subject<'_>, unknown: &str) -> Option<&'static str> {
    let phases = subject.vocabulary.phases;
    let unknown_letters = letters_of(unknown);
    let synonym = PHASE_SYNONYMS
        .iter()
        .find(|(name, _)| letters_of(name) == unknown_letters)
        .map(|(_, phase)| phase);
    synonym
        .filter(|phase| phases.contains(phase))
        .map(|phase| phase.name())
        .or_else(|| closest(unknown, phases.iter().map(|phase| phase.name())))
}

/// The status that another value may have meant.
pub(super) fn status(value: &str) -> Option<&'static str> {
    closest(
        value,
        ConditionStatus::ALL.map(ConditionStatus::name).into_iter(),
    )
}
