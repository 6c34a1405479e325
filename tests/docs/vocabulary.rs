//! Section 2 of the specification has the names of the program.

use std::collections::BTreeSet;

use wfe_webhook::vocabulary::{self, FailureReason, Phase, SkipReason, Vocabulary};

use crate::pages;

fn section() -> String {
    let page = pages::read("docs/spec.md");
    let mut sections = page.split("\n## ");
    let section = sections.find(|section| section.starts_with("2. "));
    section.expect("a section 2").to_owned()
}

/// The rows of the table of one vocabulary: role, type, reasons when True, reasons when False.
fn rows<'s>(section: &'s str, vocabulary: &Vocabulary) -> Vec<Vec<&'s str>> {
    let head = format!("| role | `{}` type |", vocabulary.name);
    let (_, table) = section
        .split_once(&head)
        .unwrap_or_else(|| panic!("{head}"));
    let rows = table.lines().skip(2);
    rows.map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").collect())
        .collect()
}

#[test]
fn the_tables_of_the_vocabularies_are_those_of_the_program() {
    let section = section();
    for vocabulary in vocabulary::ALL {
        let expected: Vec<Vec<String>> = vocabulary
            .terms
            .iter()
            .map(|term| {
                let is_failure = |reason: &&str| vocabulary.failure_reason(reason).is_some();
                let mut reasons_false = term.reasons_false.to_vec();
                if reasons_false.iter().any(is_failure) {
                    reasons_false.retain(|reason| !is_failure(reason));
                    reasons_false.push("and each member of the failure enum");
                }
                vec![
                    term.role.to_string(),
                    term.condition_type.to_owned(),
                    term.reasons_true.join(", "),
                    reasons_false.join(", "),
                ]
            })
            .collect();
        assert_eq!(rows(&section, vocabulary), expected, "{}", vocabulary.name);
    }
}

/// The names in the sentence that starts with `start`.
fn names<'s>(section: &'s str, start: &str) -> BTreeSet<&'s str> {
    let (_, rest) = section
        .split_once(start)
        .unwrap_or_else(|| panic!("{start}"));
    let end = rest.find("\n\n").unwrap_or(rest.len());
    let sentence = rest[..end].split(['.', '(']).next().unwrap_or_default();
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        .collect()
}

#[test]
fn the_enums_are_those_of_the_program() {
    let section = section();
    let failures = FailureReason::ALL.iter().map(|reason| reason.name());
    let skips = SkipReason::ALL.iter().map(|reason| reason.name());
    let phases = Phase::ALL.iter().map(|phase| phase.name());
    assert_eq!(
        names(&section, "(`status.failureDetails.reason`): "),
        failures.collect()
    );
    assert_eq!(
        names(&section, "(`status.skipDetails.reason`): "),
        skips.collect()
    );
    assert_eq!(names(&section, "\nPhases: "), phases.collect());
}
