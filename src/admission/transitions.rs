//! What changes with a write.

use crate::rules::Subject;
use crate::status::Condition;
use crate::vocabulary::Phase;

/// A change of the phase; `None` stands for a phase that no vocabulary knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseTransition {
    /// The stored phase.
    pub from: Option<Phase>,
    /// The written phase.
    pub to: Option<Phase>,
}

/// The conditions that stand for their type and whose status is not the stored one.
pub(super) fn of_conditions<'s>(subject: &Subject<'s>) -> Vec<&'s Condition<'s>> {
    subject
        .status
        .conditions()
        .filter(|(index, condition)| {
            let first = subject.current.get(&condition.condition_type);
            let stored = subject.stored_condition(&condition.condition_type);
            first.is_some_and(|(first, _)| first == *index)
                && stored.is_none_or(|stored| stored.status != condition.status)
        })
        .map(|(_, condition)| condition)
        .collect()
}

pub(super) fn of_phase(subject: &Subject<'_>) -> Option<PhaseTransition> {
    let (from, to) = (subject.stored_phase, subject.phase);
    (from != to).then_some(PhaseTransition { from, to })
}
