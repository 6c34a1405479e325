use std::fmt::Write as _;

use super::layout::{Table, wrapped};
use super::phase_table::phases_of;
use crate::rules::Rule;
use crate::vocabulary::{self, FailureReason, SkipReason};

/// Everything that can be explained.
#[must_use]
pub fn list() -> String {
    let mut text = String::from("Rules, and what happens to what breaks them:\n\n");
    let mut table = Table::new(&[]);
    for rule in Rule::ALL {
        table.row(&[&format!("    {rule}"), rule.default_action().name()]);
    }
    text.push_str(table.text().trim_start_matches('\n'));
    for vocabulary in vocabulary::ALL {
        let _ = write!(
            text,
            "\nCondition types of the vocabulary {}, with their reasons when True and when False:\n\n",
            vocabulary.name
        );
        for term in vocabulary.terms {
            let _ = writeln!(text, "    {}", term.condition_type);
            for reasons in [term.reasons_true, term.reasons_false] {
                text.push_str(&wrapped(&reasons.join(", "), 8));
            }
        }
        let _ = writeln!(text, "\n    phases: {}", phases_of(vocabulary).join(", "));
    }
    let failures: Vec<&str> = FailureReason::ALL.iter().map(|it| it.name()).collect();
    let skips: Vec<&str> = SkipReason::ALL.iter().map(|it| it.name()).collect();
    for (field, names) in [("failureDetails", failures), ("skipDetails", skips)] {
        let _ = write!(text, "\nReasons of status.{field}:\n\n");
        text.push_str(&wrapped(&names.join(", "), 4));
    }
    text.push_str("\n`wfe-webhook explain NAME` explains one of them.\n");
    text
}
