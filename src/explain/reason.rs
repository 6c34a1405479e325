use super::layout::wrapped;
use super::topic::unique;
use crate::vocabulary::{
    self, FORMER_REASONS, FailureReason, SkipReason, Term, creation_failure, equivalent_reasons,
    lock_reasons,
};

pub(super) fn explanation(name: &'static str) -> String {
    let mut text = format!("{name} is a reason.\n");
    let uses = [of_conditions(name), of_details(name)].concat();
    text.push_str(&section("It is", &uses));
    let equivalent = equivalent_reasons(name).iter().copied();
    let same = unique(
        equivalent
            .filter(|it| *it != name)
            .chain(creation_reasons(name)),
    );
    text.push_str(&section("The same is said by", &owned(&same)));
    let former: Vec<&str> = FORMER_REASONS
        .iter()
        .filter(|(_, now)| *now == name)
        .map(|(former, _)| *former)
        .collect();
    text.push_str(&section("Former names", &owned(&former)));
    text.push_str(
        "\nRules about it: reason-format, reason-not-allowed, failure-reason-mismatch, skip-reason-mismatch.\n",
    );
    text
}

/// A reason that documents used once.
pub(super) fn former(name: &str, now: &'static str) -> String {
    let text = format!(
        "{name} is a former reason, which no vocabulary has any more: today it is {now}.\n\n"
    );
    text + &explanation(now)
}

fn of_conditions(name: &str) -> Vec<String> {
    let mut uses = Vec::new();
    for vocabulary in vocabulary::ALL {
        for term in vocabulary.terms {
            for (status, reasons) in statuses(term) {
                if reasons.contains(&name) {
                    uses.push(format!(
                        "allowed for {} when {status} (vocabulary {})",
                        term.condition_type, vocabulary.name
                    ));
                }
            }
        }
    }
    uses
}

fn statuses(term: &Term) -> [(&'static str, &'static [&'static str]); 2] {
    [("True", term.reasons_true), ("False", term.reasons_false)]
}

fn of_details(name: &str) -> Vec<String> {
    let mut uses = Vec::new();
    if let Some(failure) = FailureReason::from_name(name) {
        let known = vocabulary::ALL.iter();
        let known = known.filter(|it| it.failure_reasons.contains(&failure));
        let names: Vec<&str> = known.map(|it| it.name).collect();
        uses.push(format!(
            "a value of status.failureDetails.reason (vocabulary {}): {}",
            names.join(" and "),
            uncapitalized(failure.meaning())
        ));
    }
    if let Some(skip) = SkipReason::from_name(name) {
        uses.push(format!(
            "a value of status.skipDetails.reason: {} It agrees with the lock reasons {}.",
            uncapitalized(skip.meaning()),
            lock_reasons(skip).join(", ")
        ));
    }
    uses
}

/// A reason of *created* and the reason of the details that mean the same.
fn creation_reasons(name: &str) -> impl Iterator<Item = &'static str> {
    let pairs = FailureReason::ALL
        .iter()
        .filter_map(|failure| Some((failure.name(), creation_failure(*failure)?)));
    pairs.filter_map(move |(failure, creation)| match name {
        _ if name == failure => Some(creation),
        _ if name == creation => Some(failure),
        _ => None,
    })
}

fn uncapitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn section(heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| wrapped(line, 4)).collect();
    format!("\n{heading}:\n\n{lines}")
}
