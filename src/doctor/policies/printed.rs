//! Whether a policy is what this version prints for the options that it shows.
//!
//! It is printed anew with these options: what differs then is not this version's.

use serde_json::Value;

use super::Part;
use super::differences::differences;
use super::options::{flags, options};
use crate::policies::Policies;
use crate::policy::{Completion, Policy};
use crate::registration::{CONFIGURATION_NAME, FailurePolicy};
use crate::rules::Rule;

/// A policy beside what this version prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// The options, as flags.
    pub(super) flags: Vec<String>,
    /// Those of them that every policy shows.
    pub(super) shared: Vec<String>,
    /// Whether conditions with the webhook's mark are those of any writer to it.
    pub(super) owns_nothing: bool,
    /// What is not this version's.
    pub(super) differences: Vec<String>,
}

/// Compares.
pub(super) fn compare(part: Part, policy: &Value) -> Compared {
    let options = options(part, policy);
    let shared = flags(&options);
    let mut flags = shared.clone();
    let owns_nothing = options.completion() != Completion::Patch;
    if owns_nothing {
        flags.push("--completion off".to_owned());
    }
    let differences = match print(part, &options) {
        Some(printed) => differences(&policy["spec"], &printed["spec"]),
        None => vec!["no rule of this version".to_owned()],
    };
    Compared {
        flags,
        shared,
        owns_nothing,
        differences,
    }
}

/// The rules that a policy has, by the ids at the end of their messages.
pub(super) fn rules(policy: &Value) -> Vec<Rule> {
    let validations = items(&policy["spec"]["validations"]);
    validations.filter_map(|it| Rule::from_id(id(it))).collect()
}

/// Whether a policy of any name was printed by some version of this program.
pub(super) fn is_ours(policy: &Value) -> bool {
    let variables = &policy["spec"]["variables"];
    ["listedTypes", "storedFirsts"]
        .iter()
        .all(|name| expression(variables, name).is_some())
}

pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The id in brackets at the end of a validation's message.
pub(super) fn id(validation: &Value) -> &str {
    let message = validation["message"].as_str().unwrap_or_default();
    let inner = message.rsplit_once('[').map_or("", |(_, id)| id);
    inner.trim_end_matches(']')
}

/// The expression of this name in a list of variables or match conditions.
pub(super) fn expression<'a>(list: &'a Value, name: &str) -> Option<&'a str> {
    items(list).find(|it| it["name"] == *name)?["expression"].as_str()
}

/// What this version prints with these options.
pub(super) fn print(part: Part, options: &Policy) -> Option<Value> {
    let printing = Policies {
        policy: options.clone(),
        failure_policy: FailurePolicy::default(),
        validating_only: part != Part::Complete,
    };
    let yaml = printing.to_yaml().ok()?;
    let name = part.name(CONFIGURATION_NAME);
    // Documents one by one: `explain` reads one as well, and a reader of several would add to the program's size.
    let mut printed = yaml
        .split("---\n")
        .filter_map(|document| serde_saphyr::from_str::<Value>(document).ok());
    printed.find(|it| it["metadata"]["name"] == *name && it["kind"] == part.kind_name())
}
