//! The options that a policy was printed with, as far as it shows them.

use serde_json::Value;

use super::Part;
use super::differences::bare;
use super::printed::{expression, items, print, rules};
use crate::match_conditions;
use crate::policy::{Completion, Policy, VocabularyChoice};
use crate::rules::{Action, Rule};

/// The match condition that leaves out exempt users.
const EXEMPT: &str = "not-exempt";

/// Whether a match condition is of those that are printed. Any other is an installation's own.
pub(super) fn is_printed(match_condition: &Value) -> bool {
    [EXEMPT, match_conditions::NAME]
        .iter()
        .any(|name| match_condition["name"] == **name)
}

/// The options that a policy shows. Where it is not this version's, any.
pub(super) fn options(part: Part, policy: &Value) -> Policy {
    let spec = &policy["spec"];
    let mut options = Policy::default();
    options.completion = Some(Completion::Patch);
    for rule in Rule::ALL {
        options.set_action(rule, Action::Off);
    }
    if let Some(action) = part.action() {
        for rule in rules(policy) {
            options.set_action(rule, action);
        }
    }
    choose(part, spec, &mut options);
    exempt(spec, &mut options);
    extra(part, spec, &mut options);
    options
}

fn variable<'a>(spec: &'a Value, name: &str) -> Option<&'a str> {
    expression(&spec["variables"], name)
}

/// Vocabulary and completion: of few choices, those that are printed so.
fn choose(part: Part, spec: &Value, options: &mut Policy) {
    let shows = |options: &Policy, name: &str| {
        let printed = print(part, options);
        let printed = printed.as_ref().and_then(|it| variable(&it["spec"], name));
        printed.map(bare) == variable(spec, name).map(bare)
    };
    let vocabulary = VocabularyChoice::ALL.into_iter().find(|choice| {
        options.vocabulary = *choice;
        shows(options, "sign")
    });
    options.vocabulary = vocabulary.unwrap_or_default();
    if !shows(options, "ours") {
        options.completion = Some(Completion::Off);
        if !shows(options, "ours") {
            options.completion = Some(Completion::Patch);
        }
    }
}

fn exempt(spec: &Value, options: &mut Policy) {
    let condition = expression(&spec["matchConditions"], EXEMPT).unwrap_or_default();
    let listed = |before: &str| {
        let (_, list) = condition.split_once(before)?;
        Some(texts(&literal(list)))
    };
    options.exempt_users = listed("request.userInfo.username in ").unwrap_or_default();
    options.exempt_groups = listed("group in ").unwrap_or_default();
}

/// What is listed beside the names that are known.
fn extra(part: Part, spec: &Value, options: &mut Policy) {
    let Some(plain) = print(part, options) else {
        return;
    };
    let of = |spec: &Value, name: &str| variable(spec, name).map_or(Value::Null, literal);
    let types = texts(&of(spec, "extraTypes"));
    let known = texts(&of(&plain["spec"], "extraTypes"));
    options.extra_types = types.strip_suffix(&known[..]).unwrap_or_default().to_vec();
    let reasons = of(spec, "reasons");
    let known = of(&plain["spec"], "reasons");
    for (key, reasons) in reasons.as_object().into_iter().flatten() {
        let (reasons, known) = (texts(reasons), texts(&known[key]));
        // They are allowed in both statuses.
        if let Some(condition_type) = key.strip_suffix("/True") {
            let extra = reasons.strip_prefix(&known[..]).unwrap_or_default();
            let of_type = |reason: &String| (condition_type.to_owned(), reason.clone());
            options.extra_reasons.extend(extra.iter().map(of_type));
        }
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = items(list).filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The CEL literal that a text begins with, of strings in lists and maps; null where it is another.
fn literal(cel: &str) -> Value {
    let mut json = String::with_capacity(cel.len());
    let mut characters = cel.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('\'') => json.push('\''),
                escaped => {
                    json.push('\\');
                    json.extend(escaped);
                }
            },
            '\'' => json.push('"'),
            '"' => json.push_str("\\\""),
            other => json.push(other),
        }
    }
    let mut values = serde_json::Deserializer::from_str(&json).into_iter::<Value>();
    values.next().and_then(Result::ok).unwrap_or_default()
}

pub(super) fn flags(options: &Policy) -> Vec<String> {
    let vocabulary = options.vocabulary.pinned();
    let reasons = options.extra_reasons.iter();
    let flag = |name: &'static str| move |value: &String| format!("--{name} {value}");
    vocabulary
        .map(|vocabulary| format!("--vocabulary {}", vocabulary.name))
        .into_iter()
        .chain(options.extra_types.iter().map(flag("extra-type")))
        .chain(reasons.map(|(of_type, reason)| format!("--extra-reason {of_type}={reason}")))
        .chain(options.exempt_users.iter().map(flag("exempt-user")))
        .chain(options.exempt_groups.iter().map(flag("exempt-group")))
        .collect()
}
