//! A status as the rules read it: which items are well-shaped, which details count, which phase it is in.

use serde_json::Value;

use super::times::Moment;
use super::words::{EXECUTION, TEKTON, Words};

pub const MARK: &str = " (derived by wfe-webhook)";

/// What a field holds, as far as it counts.
pub fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value[field].as_str().filter(|text| !text.is_empty())
}

/// A details field, which counts only when it is an object.
pub fn details<'a>(status: &'a Value, field: &str) -> Option<&'a Value> {
    Some(&status[field]).filter(|value| value.is_object())
}

/// The longest list whose items are looked at.
const LONGEST: usize = 1024;

/// The items of `conditions`; none when it is not a list, or one that is too long.
pub fn items(status: &Value) -> &[Value] {
    match status["conditions"].as_array() {
        Some(items) if items.len() <= LONGEST => items,
        _ => &[],
    }
}

/// What stands in the place of the list, where it counts as no list.
pub fn not_a_list(status: &Value) -> Option<Value> {
    match &status["conditions"] {
        Value::Null => None,
        Value::Array(items) if items.len() <= LONGEST => None,
        Value::Array(items) => Some(items.len().into()),
        other => Some(other.clone()),
    }
}

/// The phase; `None` for one that neither vocabulary knows.
pub fn phase_of_any(status: &Value) -> Option<&str> {
    phase(&TEKTON, status).or_else(|| phase(&EXECUTION, status))
}

/// The phase; `None` for one that the vocabulary does not know.
pub fn phase<'a>(words: &Words, status: &'a Value) -> Option<&'a str> {
    match &status["phase"] {
        Value::Null => Some("Pending"),
        Value::String(empty) if empty.is_empty() => Some("Pending"),
        Value::String(phase) if words.phases.contains(&phase.as_str()) => Some(phase),
        _ => None,
    }
}

/// Whether either name of the reference to the run is set.
pub fn run_ref_is_set(status: &Value) -> bool {
    ["pipelineRunRef", "executionRef"]
        .iter()
        .any(|field| details(status, field).is_some_and(|run| text(run, "name").is_some()))
}

/// Whether the run says that it has not started.
pub fn run_waits(status: &Value) -> bool {
    ["pipelineRunStatus", "executionStatus"]
        .iter()
        .any(|field| {
            details(status, field)
                .and_then(|run| text(run, "reason"))
                .is_some_and(|reason| {
                    [
                        "Started",
                        "PipelineRunPending",
                        "ResolvingPipelineRef",
                        "ResolvingTaskRef",
                    ]
                    .contains(&reason)
                })
        })
}

/// An integer from 0 to 2^63-1.
pub fn natural(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .filter(|number| i64::try_from(*number).is_ok())
}

/// The broken fields of an item with what stands there: the empty field name is the item itself.
pub fn broken_fields(item: &Value) -> Vec<(&'static str, Value)> {
    if !item.is_object() {
        return vec![("", item.clone())];
    }
    let length = |value: &Value, lowest: usize, highest: usize| {
        value
            .as_str()
            .is_some_and(|text| (lowest..=highest).contains(&text.chars().count()))
    };
    let is_status = |value: &Value| *value == "True" || *value == "False" || *value == "Unknown";
    let is_time = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| Moment::read(text).is_some())
    };
    let checks = [
        ("type", length(&item["type"], 1, 316)),
        ("status", is_status(&item["status"])),
        ("reason", length(&item["reason"], 1, 1024)),
        ("lastTransitionTime", is_time(&item["lastTransitionTime"])),
        (
            "message",
            item["message"].is_null() || length(&item["message"], 0, 32_768),
        ),
        (
            "observedGeneration",
            item["observedGeneration"].is_null() || natural(&item["observedGeneration"]).is_some(),
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, holds)| !holds)
        .map(|(field, _)| (field, item[field].clone()))
        .collect()
}

pub fn is_well_shaped(item: &Value) -> bool {
    broken_fields(item).is_empty()
}

/// The well-shaped item that stands for a type.
pub fn first<'a>(items: &'a [Value], condition_type: &str) -> Option<&'a Value> {
    items
        .iter()
        .find(|item| is_well_shaped(item) && item["type"] == condition_type)
}

/// Whether the item of a type has this status.
pub fn stands(items: &[Value], condition_type: &str, status: &str) -> bool {
    first(items, condition_type).is_some_and(|item| item["status"] == status)
}

/// Whether an item is the webhook's own.
pub fn is_own(words: &Words, item: &Value) -> bool {
    is_well_shaped(item)
        && item["type"]
            .as_str()
            .is_some_and(|name| words.row_of(name).is_some())
        && item["message"]
            .as_str()
            .is_some_and(|message| message.ends_with(MARK))
        && item["status"] != "Unknown"
}

/// The vocabulary that a status in the group `kubernaut.ai` shows, by the first sign that holds.
pub fn shown(status: &Value) -> Option<&'static Words> {
    let any = |fields: &[&str]| fields.iter().any(|field| details(status, field).is_some());
    let signs: [(bool, &'static Words); 5] = [
        (any(&["executionRef", "executionStatus"]), &EXECUTION),
        (
            any(&["pipelineRunRef", "pipelineRunStatus", "skipDetails"])
                || status["phase"] == "Skipped",
            &TEKTON,
        ),
        (
            has_type(status, |name| EXECUTION.alone_has(&TEKTON, name)),
            &EXECUTION,
        ),
        (
            has_type(status, |name| TEKTON.alone_has(&EXECUTION, name)),
            &TEKTON,
        ),
        (!status["observedGeneration"].is_null(), &EXECUTION),
    ];
    signs
        .into_iter()
        .find(|(holds, _)| *holds)
        .map(|(_, words)| words)
}

fn has_type(status: &Value, wanted: impl Fn(&str) -> bool) -> bool {
    items(status)
        .iter()
        .any(|item| item["type"].as_str().is_some_and(&wanted))
}
