use std::fmt::Write as _;

use super::layout::Table;
use super::phase_table::asks;
use crate::vocabulary::{self, Phase};

pub(super) fn explanation(phase: Phase) -> String {
    let name = phase.name();
    let mut text = format!("{name} is a phase. {}\n", phase.meaning());
    let next: Vec<&str> = Phase::ALL
        .iter()
        .filter(|next| **next != phase && phase.may_become(**next))
        .map(|next| next.name())
        .collect();
    let next = match next[..] {
        [] => "A run that has it keeps it.".to_owned(),
        _ => format!("It may become {}.", next.join(", ")),
    };
    let _ = writeln!(text, "{next}");
    for vocabulary in vocabulary::ALL.iter().filter(|it| it.has_phase(phase)) {
        let _ = write!(
            text,
            "\nWhat it asks of conditions in the vocabulary {}:\n\n",
            vocabulary.name
        );
        let mut table = Table::new(&[]);
        for term in vocabulary.terms {
            let asks = asks(vocabulary, term, name);
            table.row(&[&format!("    {}", term.condition_type), asks]);
        }
        text.push_str(table.text().trim_start_matches('\n'));
    }
    text.push_str("\nRules about it: phase-unknown, phase-transition, phase-conflict, failure-details-phase, skip-details-phase.\n");
    text
}

/// What other APIs call a phase.
pub(super) fn synonym(name: &str, phase: Phase) -> String {
    format!(
        "{name} is no phase of a WorkflowExecution: here it is {}.\n\n{}",
        phase.name(),
        explanation(phase)
    )
}
