use std::fmt::Write as _;

use super::layout::{Table, wrapped};
use super::phase_table::{asks, phases_of};
use super::trial::added;
use crate::vocabulary::{self, FORMER_TYPES, Role, Term, Vocabulary};

pub(super) fn explanation(name: &str) -> String {
    let mut text = format!("{name} is a condition type.\n");
    for vocabulary in vocabulary::ALL {
        if let Some(term) = vocabulary.term_of_type(name) {
            text.push('\n');
            of_vocabulary(&mut text, vocabulary, term);
        }
    }
    let role = vocabulary::ALL.iter().find_map(|it| it.term_of_type(name));
    if let Some(role) = role.map(|term| term.role) {
        names_of(&mut text, name, role);
    }
    let _ = write!(
        text,
        "\nOne more reason for it:\n\n    flag         --extra-reason {name}=NodeLost\n    \
         chart value  policy.extraReasons.{name}={{NodeLost}}\n\
         \nRules about it: condition-unknown-type, reason-not-allowed, phase-conflict, condition-missing.\n"
    );
    text
}

/// A type that documents used once.
pub(super) fn former(name: &str, role: Role) -> String {
    let mut text =
        format!("{name} is a former condition type, which no vocabulary has any more.\n");
    names_of(&mut text, name, role);
    text.push_str("\nA write of it breaks the rule condition-unknown-type.\n");
    text
}

fn of_vocabulary(text: &mut String, vocabulary: &'static Vocabulary, term: &Term) {
    let head = format!(
        "Vocabulary {}, role {}: {}",
        vocabulary.name,
        term.role,
        meaning(term.role)
    );
    text.push_str(&wrapped(&head, 0));
    text.push('\n');
    for (status, reasons) in [("True", term.reasons_true), ("False", term.reasons_false)] {
        let line = format!("reasons when {status}: {}", reasons.join(", "));
        text.push_str(&wrapped(&line, 4));
    }
    text.push_str("    reasons when Unknown: any\n\n");
    let mut table = Table::new(&["    phase", "asks for", "added where it is missing"]);
    for phase in phases_of(vocabulary) {
        let asks = asks(vocabulary, term, phase);
        let added = added(vocabulary, phase, term.condition_type);
        let added = added.map(|(status, reason)| format!("{status}, {reason}"));
        let phase = format!("    {phase}");
        table.row(&[&phase, asks, added.as_deref().unwrap_or("-")]);
    }
    text.push_str(&table.text());
}

/// What the same condition is or was called elsewhere.
fn names_of(text: &mut String, name: &str, role: Role) {
    let mut lines = Vec::new();
    for vocabulary in vocabulary::ALL {
        if let Some(term) = vocabulary.term(role).filter(|it| it.condition_type != name) {
            lines.push(format!(
                "{} in the vocabulary {}",
                term.condition_type, vocabulary.name
            ));
        }
    }
    let former = FORMER_TYPES.iter();
    let former = former.filter(|(former, of)| *of == role && *former != name);
    lines.extend(former.map(|(former, _)| format!("{former} formerly")));
    if !lines.is_empty() {
        let _ = write!(
            text,
            "\nThe same is called:\n\n    {}\n",
            lines.join("\n    ")
        );
    }
}

const fn meaning(role: Role) -> &'static str {
    match role {
        Role::Created => "whether the resource that runs the workflow was created.",
        Role::Running => "whether the run has started.",
        Role::Complete => {
            "whether the run has ended; True when it succeeded, False when it failed."
        }
        Role::Audit => "whether the audit event of the last transition was recorded.",
        Role::Lock => "whether the target was locked, so that the run was skipped.",
        Role::Ready => "the summary of an ended run; True when it succeeded.",
        Role::Token => "whether the token of the run lives shorter than was asked for.",
    }
}
