//! What a phase asks of a condition, asked of the core.

use super::layout::Table;
use super::trial::agrees;
use crate::vocabulary::{Term, Vocabulary};

/// What a phase asks of a condition: `-` is absent or Unknown, `not True` forbids only that status, and nothing is said
/// where anything is allowed.
#[must_use]
pub fn allowed(vocabulary: &'static Vocabulary, term: &Term, phase: &str) -> &'static str {
    let refused = |status, reasons: &[&str]| {
        let reason = reasons.first().copied().unwrap_or_default();
        agrees(vocabulary, phase, term.condition_type, status, reason) == Some(false)
    };
    match (
        refused("True", term.reasons_true),
        refused("False", term.reasons_false),
    ) {
        (true, true) => "-",
        (true, false) => "not True",
        (false, true) => "not False",
        (false, false) => "",
    }
}

/// The same in words.
pub(super) fn asks(vocabulary: &'static Vocabulary, term: &Term, phase: &str) -> &'static str {
    match allowed(vocabulary, term, phase) {
        "" => "anything",
        "-" => "Unknown, or none",
        other => other,
    }
}

/// The names of a vocabulary's phases.
#[must_use]
pub fn phases_of(vocabulary: &Vocabulary) -> Vec<&'static str> {
    vocabulary.phases.iter().map(|phase| phase.name()).collect()
}

/// The whole table of a vocabulary.
pub(super) fn table(vocabulary: &'static Vocabulary) -> String {
    let phases = phases_of(vocabulary);
    let head = [vec![vocabulary.name], phases.clone()].concat();
    let mut table = Table::new(&head);
    for term in vocabulary.terms {
        let cells = phases.iter().map(|phase| allowed(vocabulary, term, phase));
        let row: Vec<&str> = std::iter::once(term.condition_type).chain(cells).collect();
        table.row(&row);
    }
    table.text()
}
