//! When `/mutate` has nothing to do: nothing is implied, or all that is implied is there and not the webhook's own.

use super::list;
use crate::complete::roles_implied_in;
use crate::json::MAX_ITEMS;
use crate::policy::VocabularyChoice;
use crate::status::MARK;
use crate::vocabulary::{self, EXECUTION, FIRST_GROUP, Phase, TEKTON, Vocabulary};

/// Of a list that is too long nothing is read, which bounds the cost. No condition counts as there then.
pub(super) fn expression(choice: VocabularyChoice) -> String {
    let incomplete = match choice.pinned() {
        Some(vocabulary) => incomplete(vocabulary, "        "),
        None => by_vocabulary(),
    };
    format!(
        "\
[type(object) == map && has(object.status) && type(object.status) == map ? object.status : {{}}].exists(status,
  [has(status.conditions) && type(status.conditions) == list && size(status.conditions) <= {MAX_ITEMS}
    ? status.conditions.filter(item, type(item) == map) : []].exists(items,
    items.exists(item, has(item.message) && type(item.message) == string && item.message.endsWith('{MARK}'))
    || [has(status.phase) ? status.phase : ''].exists(phase,
      [items.filter(item, has(item.type)).map(item, item.type)].exists(types,
{incomplete}))))"
    )
}

/// Whether a condition is missing that the phase may imply, where the details do.
fn incomplete(vocabulary: &Vocabulary, indent: &str) -> String {
    let mut by_types: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for &phase in vocabulary.phases {
        let types = implied_types(vocabulary, phase);
        match by_types.iter_mut().find(|(known, _)| *known == types) {
            _ if types.is_empty() => {}
            Some((_, phases)) => phases.push(phase.name()),
            None => by_types.push((types, vec![phase.name()])),
        }
    }
    let cases: Vec<String> = by_types
        .into_iter()
        .map(|(types, phases)| {
            format!(
                "phase in {} && !{}.all(name, name in types)",
                list(phases),
                list(types)
            )
        })
        .collect();
    format!("{indent}{}", cases.join(&format!("\n{indent}|| ")))
}

fn implied_types(vocabulary: &Vocabulary, phase: Phase) -> Vec<&'static str> {
    let roles = roles_implied_in(phase).iter();
    roles
        .filter_map(|role| Some(vocabulary.term(*role)?.condition_type))
        .collect()
}

/// The same for the vocabulary that `auto` decides on, by section 2 of the spec.
fn by_vocabulary() -> String {
    let cases: Vec<String> = vocabulary::ALL
        .into_iter()
        .map(|vocabulary| {
            format!(
                "vocabulary == '{}' && (\n{})",
                vocabulary.name,
                incomplete(vocabulary, "            ")
            )
        })
        .collect();
    format!(
        "        \
        [{vocabulary}].exists(vocabulary,
          {cases})",
        vocabulary = vocabulary_of("status", "types").replace('\n', "\n          "),
        cases = cases.join("\n          || "),
    )
}

/// The name of the vocabulary that `auto` decides on, or an empty one where nothing shows it.
pub(super) fn vocabulary_of(status: &str, types: &str) -> String {
    let is_object =
        |field: &&str| format!("has({status}.{field}) && type({status}.{field}) == map");
    let any_object = |fields: &[&str]| {
        let fields: Vec<String> = fields.iter().map(is_object).collect();
        fields.join("\n  || ")
    };
    let has_type_of = |vocabulary: &Vocabulary| {
        let names = vocabulary.terms.iter().map(|term| term.condition_type);
        let alone = names.filter(|condition_type| vocabulary.has_alone(condition_type));
        format!("{types}.exists(name, name in {})", list(alone))
    };
    format!(
        "\
request.resource.group == '{FIRST_GROUP}' ? '{tekton}'
: {execution_objects} ? '{execution}'
: {tekton_objects}
  || has({status}.phase) && {status}.phase == '{skipped}' ? '{tekton}'
: {execution_types} ? '{execution}'
: {tekton_types} ? '{tekton}'
: has({status}.observedGeneration) && {status}.observedGeneration != null ? '{execution}' : ''",
        tekton = TEKTON.name,
        execution = EXECUTION.name,
        skipped = Phase::Skipped.name(),
        execution_objects = any_object(&["executionRef", "executionStatus"]),
        tekton_objects = any_object(&["pipelineRunRef", "pipelineRunStatus", "skipDetails"]),
        execution_types = has_type_of(&EXECUTION),
        tekton_types = has_type_of(&TEKTON),
    )
}
