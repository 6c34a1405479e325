//! The second formulation has tables of its own. It knows every name that the program knows, and so does the custom resource
//! definition that API servers are tested with.

use std::collections::BTreeSet;

use serde_json::Value;
use wfe_webhook::vocabulary::{self, CURRENT_GROUP};

use crate::space::Names;

#[test]
fn the_second_formulation_has_the_names_of_the_program() {
    let known = Names::BOTH.map(|names| names.vocabulary().name);
    let all = vocabulary::ALL.map(|vocabulary| vocabulary.name);
    assert_eq!(known[..], all[..]);
    for names in Names::BOTH {
        let (vocabulary, words) = (names.vocabulary(), names.words());
        let rows = vocabulary.terms.iter().map(|term| {
            let role = term.role.to_string();
            (
                role,
                term.condition_type,
                term.reasons_true,
                term.reasons_false,
            )
        });
        let own_rows = words.rows.iter().map(|row| {
            let (role, condition_type, reasons_true, reasons_false) = *row;
            (role.to_owned(), condition_type, reasons_true, reasons_false)
        });
        assert_eq!(own_rows.collect::<Vec<_>>(), rows.collect::<Vec<_>>());
        let failures = vocabulary.failure_reasons.iter().map(|it| it.name());
        assert_eq!(words.failures, failures.collect::<Vec<_>>());
        let phases = vocabulary.phases.iter().map(|it| it.name());
        assert_eq!(words.phases, phases.collect::<Vec<_>>());
        assert_eq!(Some(words.generic_failure), vocabulary.generic_failure());
    }
}

/// The members of the enum of a property of `status`.
fn members<'c>(status: &'c Value, path: &str) -> BTreeSet<&'c str> {
    let members = status.pointer(path).and_then(Value::as_array);
    let members = members.unwrap_or_else(|| panic!("{path} is an enum"));
    members
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn the_definition_of_the_current_group_allows_the_names_of_the_program() {
    let definition = include_str!("../fixtures/crd-kubernaut.ai.yaml");
    let definition: Value = serde_saphyr::from_str(definition).unwrap();
    assert_eq!(definition["spec"]["group"], CURRENT_GROUP);
    let schema = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties";
    let status = definition.pointer(schema).expect("a schema of the status");
    let vocabulary = Names::Execution.vocabulary();
    let failures = vocabulary.failure_reasons.iter().map(|it| it.name());
    assert_eq!(
        members(status, "/failureDetails/properties/reason/enum"),
        failures.collect()
    );
    let phases = vocabulary.phases.iter().map(|it| it.name());
    assert_eq!(members(status, "/phase/enum"), phases.collect());
}
