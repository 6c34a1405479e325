//! The tables of vocabularies and phases as CEL literals. A condition type is of one vocabulary, or has the same reasons in
//! both, so that one table of reasons does for all.

use crate::policy::Policy;
use crate::rules::demands;
use crate::vocabulary::{
    self, ConditionStatus, FailureReason, Phase, Role, SkipReason, Vocabulary, failure_agrees,
    lock_reasons,
};

pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(text).collect();
    format!("[{}]", texts.join(", "))
}

/// A map with an entry a line.
pub(super) fn map(entries: impl IntoIterator<Item = (String, String)>) -> String {
    let entries: Vec<String> = entries
        .into_iter()
        .map(|(key, value)| format!("  {}: {value}", text(&key)))
        .collect();
    format!("{{\n{}\n}}", entries.join(",\n"))
}

/// An object whose fields are of different types, which a literal may not be by itself. A `?` before a name: the value is
/// an optional one.
pub(super) fn object(fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| match name.strip_prefix('?') {
        Some(name) => format!("  ?{}: {value}", text(name)),
        None => format!("  {}: dyn({value})", text(name)),
    };
    let fields: Vec<String> = fields.iter().map(field).collect();
    format!("{{\n{}\n}}", fields.join(",\n"))
}

/// A list for each vocabulary, and the one of the object's vocabulary of them.
pub(super) fn by_vocabulary<'a, I: IntoIterator<Item = &'a str>>(
    of: impl Fn(&'static Vocabulary) -> I,
) -> String {
    let lists = vocabulary::ALL
        .into_iter()
        .map(|vocabulary| (vocabulary.name.to_owned(), list(of(vocabulary))));
    format!("{}[variables.vocabulary]", map(lists))
}

/// The types of a role in all vocabularies.
pub(super) fn types(role: Role) -> Vec<&'static str> {
    let terms = vocabulary::ALL
        .into_iter()
        .filter_map(|vocabulary| vocabulary.term(role));
    terms.map(|term| term.condition_type).collect()
}

/// Type and status to the allowed reasons.
pub(super) fn reasons(policy: &Policy) -> String {
    let mut entries: Vec<(String, String)> = Vec::new();
    for term in vocabulary::ALL.into_iter().flat_map(|it| it.terms) {
        for status in [ConditionStatus::True, ConditionStatus::False] {
            let key = format!("{}/{}", term.condition_type, status.name());
            let known = term.reasons(status).unwrap_or_default().iter().copied();
            let extra = policy.extra_reasons_of(term.condition_type);
            if !entries.iter().any(|(other, _)| *other == key) {
                entries.push((key, list(known.chain(extra))));
            }
        }
    }
    map(entries)
}

/// Phase, type and status that exclude each other.
pub(super) fn conflicts() -> String {
    let mut keys: Vec<String> = Vec::new();
    for phase in Phase::ALL {
        for term in vocabulary::ALL.into_iter().flat_map(|it| it.terms) {
            for status in ConditionStatus::ALL {
                let key = format!("{}/{}/{}", phase.name(), term.condition_type, status.name());
                if !demands(term.role, *phase, status) && !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
    }
    let of_a_phase = keys.chunk_by(|one, other| phase_of(one) == phase_of(other));
    let lines: Vec<String> = of_a_phase
        .map(|keys| {
            keys.iter()
                .map(|key| text(key))
                .collect::<Vec<_>>()
                .join(", ")
        })
        .collect();
    format!("[{}]", lines.join(",\n "))
}

fn phase_of(key: &str) -> Option<&str> {
    key.split('/').next()
}

/// Each phase to those that may follow it.
pub(super) fn next_phases() -> String {
    map(Phase::ALL.iter().map(|from| {
        let next = Phase::ALL.iter().filter(|to| from.may_become(**to));
        (from.name().to_owned(), list(next.map(|to| to.name())))
    }))
}

/// A reason of the failure enum to the reasons of a False *complete* that agree with it.
pub(super) fn failures() -> String {
    map(FailureReason::ALL.iter().map(|failure| {
        let complete = vocabulary::ALL
            .into_iter()
            .filter_map(|it| Some((it, it.term(Role::Complete)?)));
        let mut agreeing: Vec<&str> = complete
            .flat_map(|(vocabulary, term)| {
                let agrees = |reason: &&&str| failure_agrees(vocabulary, reason, *failure);
                term.reasons_false.iter().filter(agrees).copied()
            })
            .collect();
        agreeing.sort_unstable();
        agreeing.dedup();
        (failure.name().to_owned(), list(agreeing))
    }))
}

/// A reason of the skip enum to the reasons of a True *lock* that agree with it.
pub(super) fn skips() -> String {
    map(SkipReason::ALL.iter().map(|skip| {
        let agreeing = lock_reasons(*skip).iter().copied();
        (skip.name().to_owned(), list(agreeing))
    }))
}
