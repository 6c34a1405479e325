//! The rules.

use std::collections::HashSet;

use serde_json::Value;

use crate::text;
use crate::vocabulary::{
    COMPLETE, CREATED, LOCK, PHASES, RUNNING, forbidden, is_camel_case, is_third_party, reasons,
    skip_reasons,
};

/// What is wrong, and where.
pub struct Fault {
    pub field: String,
    pub message: String,
}

impl Fault {
    fn new(field: String, message: String) -> Self {
        Self { field, message }
    }
}

/// Every fault of a write, save those that are stored already.
pub fn judge_write(new: &Value, stored: &Value) -> Vec<Fault> {
    let mut faults = judge(new);
    if !faults.is_empty() {
        let stored: HashSet<String> = judge(stored)
            .into_iter()
            .map(|fault| fault.message)
            .collect();
        faults.retain(|fault| !stored.contains(&fault.message));
    }
    let (from, to) = (phase(stored), phase(new));
    let is_legal = match from {
        "Pending" => true,
        "Running" => to != "Pending",
        _ => from == to,
    };
    if !is_legal && PHASES.contains(&from) && PHASES.contains(&to) {
        faults.push(Fault::new(
            "status.phase".to_owned(),
            format!("{from} -> {to} is not a legal transition"),
        ));
    }
    faults
}

pub fn phase(status: &Value) -> &str {
    status["phase"]
        .as_str()
        .filter(|phase| !phase.is_empty())
        .unwrap_or("Pending")
}

/// The conditions of a status.
pub fn conditions(status: &Value) -> &[Value] {
    status["conditions"].as_array().map_or(&[], Vec::as_slice)
}

/// The condition of a type.
pub fn find<'s>(status: &'s Value, condition_type: &str) -> Option<&'s Value> {
    conditions(status)
        .iter()
        .find(|condition| text(condition, "type") == condition_type)
}

fn judge(status: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let phase = phase(status);
    if !PHASES.contains(&phase) {
        faults.push(Fault::new(
            "status.phase".to_owned(),
            format!("{phase:?} is none of {PHASES:?}"),
        ));
    }
    if status["failureDetails"].is_object() && phase != "Failed" {
        faults.push(Fault::new(
            "status.failureDetails".to_owned(),
            "only in phase Failed".to_owned(),
        ));
    }
    if status["skipDetails"].is_object() != (phase == "Skipped") {
        faults.push(Fault::new(
            "status.skipDetails".to_owned(),
            "in phase Skipped, and only there".to_owned(),
        ));
    }
    let mut seen = HashSet::new();
    for (index, condition) in conditions(status).iter().enumerate() {
        let place = format!("status.conditions[{index}]");
        if seen.insert(text(condition, "type")) {
            judge_condition(status, phase, condition, &place, &mut faults);
        } else {
            let message = format!("{:?} appears twice", text(condition, "type"));
            faults.push(Fault::new(format!("{place}.type"), message));
        }
    }
    faults
}

fn judge_condition(
    status: &Value,
    phase: &str,
    condition: &Value,
    place: &str,
    faults: &mut Vec<Fault>,
) {
    let mut fault =
        |field: &str, message: String| faults.push(Fault::new(format!("{place}.{field}"), message));
    let (condition_type, value, reason) = (
        text(condition, "type"),
        text(condition, "status"),
        text(condition, "reason"),
    );
    let known = reasons(condition_type);
    if known.is_none() && !is_third_party(condition_type) {
        fault("type", format!("{condition_type:?} is unknown"));
        return;
    }
    let allowed = known.and_then(|[when_true, when_false]| match value {
        "True" => Some(when_true),
        "False" => Some(when_false),
        _ => None,
    });
    let mut is_reason_fine = false;
    if !is_camel_case(reason) {
        fault("reason", format!("{reason:?} is not CamelCase"));
    } else if let Some(allowed) = allowed.filter(|allowed| !allowed.contains(&reason)) {
        fault("reason", format!("{reason:?} is none of {allowed:?}"));
    } else {
        is_reason_fine = true;
    }
    let column = PHASES.iter().position(|known| *known == phase);
    if column.is_some_and(|column| forbidden(condition_type)[column].contains(&value)) {
        fault(
            "status",
            format!("{condition_type} {value} contradicts phase {phase}"),
        );
    }
    let needs_created = value == "True" && [RUNNING, COMPLETE].contains(&condition_type);
    if needs_created
        && find(status, CREATED).is_some_and(|created| text(created, "status") == "False")
    {
        fault(
            "status",
            format!("{condition_type} contradicts {CREATED} False"),
        );
    }
    if !is_reason_fine {
        return;
    }
    let failure = text(&status["failureDetails"], "reason");
    if condition_type == COMPLETE
        && value == "False"
        && allowed.is_some_and(|allowed| allowed.contains(&failure))
    {
        let agrees = reason == failure
            || reason == "PipelineFailed"
            || (reason, failure) == ("TaskFailed", "Unknown");
        if !agrees {
            fault(
                "reason",
                format!("{reason} is not what failureDetails say: {failure}"),
            );
        }
    }
    let skip = skip_reasons(text(&status["skipDetails"], "reason"));
    if condition_type == LOCK && value == "True" && !skip.is_empty() && !skip.contains(&reason) {
        fault(
            "reason",
            format!("{reason} is not what skipDetails say: {skip:?}"),
        );
    }
}
