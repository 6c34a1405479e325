//! Sections 3 and 4: the rules.

use serde_json::Value;

use super::Scene;
use super::completion;
use super::status::{
    broken_fields, details, first, is_well_shaped, items, natural, not_a_list, phase, phase_of_any,
    stands, text,
};
use super::times::Moment;
use super::words::{EXECUTION, Row, SKIPS, TEKTON, Words, is_third_party};

/// The rules as listed, which is the order of the report.
const RULES: [&str; 16] = [
    "condition-shape",
    "condition-duplicate",
    "condition-unknown-type",
    "reason-format",
    "reason-not-allowed",
    "phase-unknown",
    "phase-transition",
    "phase-conflict",
    "condition-conflict",
    "failure-reason-mismatch",
    "skip-reason-mismatch",
    "failure-details-phase",
    "skip-details-phase",
    "generation-ahead",
    "transition-time",
    "condition-missing",
];

/// A broken rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: &'static str,
    pub path: String,
    /// The item that it speaks of.
    pub index: Option<usize>,
    /// The condition type that it speaks of.
    pub condition: Option<String>,
    /// What the ratchet compares, Null for none.
    pub value: Value,
}

/// Every finding but `condition-missing`, in the order of the report.
pub fn judge(scene: &Scene, status: &Value, stored: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    judge_status(scene, status, stored, &mut findings);
    for index in 0..items(status).len() {
        judge_item(scene, status, stored, index, &mut findings);
    }
    findings.sort_by_key(|finding| {
        let rule = RULES.iter().position(|rule| *rule == finding.rule);
        (finding.index.map_or(0, |index| index + 1), rule)
    });
    findings
}

/// Every finding.
pub fn judge_all(scene: &Scene, status: &Value, stored: &Value) -> Vec<Finding> {
    let mut findings = judge(scene, status, stored);
    let items_start = findings.iter().position(|finding| finding.index.is_some());
    let missing = completion::missing(scene, status, stored)
        .into_iter()
        .map(|name| Finding {
            rule: "condition-missing",
            path: "status.conditions".to_owned(),
            index: None,
            condition: Some(name.clone()),
            value: name.into(),
        });
    let at = items_start.unwrap_or(findings.len());
    findings.splice(at..at, missing);
    findings
}

fn judge_status(scene: &Scene, status: &Value, stored: &Value, findings: &mut Vec<Finding>) {
    let mut find = |rule, field: &str, value: Value| {
        findings.push(Finding {
            rule,
            path: format!("status.{field}"),
            index: None,
            condition: None,
            value,
        });
    };
    if let Some(value) = not_a_list(status) {
        find("condition-shape", "conditions", value);
    }
    let Some(now) = phase(scene.words, status) else {
        find("phase-unknown", "phase", status["phase"].clone());
        return;
    };
    if let Some(before) = phase_of_any(stored) {
        let legal = match before {
            "Pending" => true,
            "Running" => now != "Pending",
            _ => now == before,
        };
        if !legal {
            find("phase-transition", "phase", Value::Null);
        }
    }
    if details(status, "failureDetails").is_some() && now != "Failed" {
        find("failure-details-phase", "failureDetails", Value::Null);
    }
    if details(status, "skipDetails").is_some() != (now == "Skipped") {
        find("skip-details-phase", "skipDetails", Value::Null);
    }
}

fn judge_item(
    scene: &Scene,
    status: &Value,
    stored: &Value,
    index: usize,
    findings: &mut Vec<Finding>,
) {
    let all = items(status);
    let item = &all[index];
    let condition = item["type"].as_str().map(str::to_owned);
    let mut find = |rule, field: &str, value: Value| {
        let dot = if field.is_empty() { "" } else { "." };
        findings.push(Finding {
            rule,
            path: format!("status.conditions[{index}]{dot}{field}"),
            index: Some(index),
            condition: condition.clone(),
            value,
        });
    };
    let broken = broken_fields(item);
    if !broken.is_empty() {
        for (field, value) in broken {
            let value = if field.is_empty() {
                value
            } else {
                serde_json::json!([field, value])
            };
            find("condition-shape", field, value);
        }
        return;
    }
    let name = item["type"].as_str().unwrap_or_default();
    if all[..index]
        .iter()
        .any(|earlier| is_well_shaped(earlier) && earlier["type"] == name)
    {
        find("condition-duplicate", "type", Value::Null);
        return;
    }
    let before = first(items(stored), name);
    if is_generation_ahead(scene, item, before) {
        find("generation-ahead", "observedGeneration", Value::Null);
    }
    if is_time_wrong(scene, item, before) {
        find("transition-time", "lastTransitionTime", Value::Null);
    }
    let row = scene.words.row_of(name);
    if row.is_none() && !is_extra(scene, name) {
        find("condition-unknown-type", "type", Value::Null);
        return;
    }
    let reason = &item["reason"];
    if !is_camel_case(reason.as_str().unwrap_or_default()) {
        find("reason-format", "reason", reason.clone());
    } else if row.is_some_and(|row| !is_reason_allowed(scene, row, item)) {
        find("reason-not-allowed", "reason", reason.clone());
    } else if row
        .is_some_and(|row| row.0 == "complete" && is_failure_mismatch(scene.words, status, item))
    {
        find("failure-reason-mismatch", "reason", reason.clone());
    } else if row.is_some_and(|row| row.0 == "lock" && is_skip_mismatch(status, item)) {
        find("skip-reason-mismatch", "reason", reason.clone());
    }
    let Some(row) = row else { return };
    if phase(scene.words, status).is_some_and(|phase| conflicts(row.0, phase, &item["status"])) {
        find("phase-conflict", "status", item["status"].clone());
    }
    let created = scene
        .words
        .role("created")
        .expect("both vocabularies have it")
        .1;
    if ["running", "complete"].contains(&row.0)
        && item["status"] == "True"
        && stands(all, created, "False")
    {
        find("condition-conflict", "status", Value::Null);
    }
}

fn is_extra(scene: &Scene, name: &str) -> bool {
    scene.extra_types.iter().any(|extra| extra == name)
        || is_third_party(name)
        || (scene.others_are_extra
            && (TEKTON.row_of(name).is_some() || EXECUTION.row_of(name).is_some()))
}

fn is_camel_case(reason: &str) -> bool {
    reason.chars().all(|c| c.is_ascii_alphanumeric())
        && reason
            .chars()
            .next()
            .is_some_and(|c| c.is_ascii_uppercase())
}

fn is_reason_allowed(scene: &Scene, row: &Row, item: &Value) -> bool {
    let reason = item["reason"].as_str().unwrap_or_default();
    let mut extra = scene.extra_reasons.iter();
    if extra.any(|(name, extra)| name == row.1 && extra == reason) {
        return true;
    }
    match item["status"].as_str() {
        Some("True") => row.2.contains(&reason),
        Some("False") => row.3.contains(&reason),
        _ => true,
    }
}

fn is_failure_mismatch(words: &Words, status: &Value, item: &Value) -> bool {
    let Some(failure) = details(status, "failureDetails").and_then(|it| text(it, "reason")) else {
        return false;
    };
    let reason = item["reason"].as_str().unwrap_or_default();
    item["status"] == "False"
        && words.failures.contains(&failure)
        && reason != failure
        && reason != words.generic_failure
        && !(reason == "TaskFailed" && failure == "Unknown")
}

fn is_skip_mismatch(status: &Value, item: &Value) -> bool {
    let Some(skip) = details(status, "skipDetails").and_then(|it| text(it, "reason")) else {
        return false;
    };
    let reason = item["reason"].as_str().unwrap_or_default();
    let agrees = match skip {
        "ResourceBusy" => reason == "TargetResourceBusy",
        "RecentlyRemediated" => reason == "RecentlyRemediated",
        "PreviousExecutionFailed" => {
            ["PreviousExecutionFailed", "RecentlyRemediated"].contains(&reason)
        }
        "ExhaustedRetries" => [
            "ExhaustedRetries",
            "RecentlyRemediated",
            "PreviousExecutionFailed",
        ]
        .contains(&reason),
        _ => true,
    };
    item["status"] == "True" && SKIPS.contains(&skip) && !agrees
}

/// The phase table, row by row: what a cell excludes.
fn conflicts(role: &str, phase: &str, status: &Value) -> bool {
    let cells = match role {
        "created" => ["", "not False", "not False", "", "-"],
        "running" => ["not True", "", "", "", "-"],
        "complete" => ["-", "-", "not False", "not True", "-"],
        "lock" => ["", "not True", "not True", "not True", "not False"],
        "ready" => ["", "", "not False", "not True", ""],
        _ => [""; 5],
    };
    let column = ["Pending", "Running", "Completed", "Failed", "Skipped"]
        .iter()
        .position(|name| *name == phase)
        .expect("a known phase");
    match cells[column] {
        "-" => status != "Unknown",
        "not True" => status == "True",
        "not False" => status == "False",
        _ => false,
    }
}

fn is_generation_ahead(scene: &Scene, item: &Value, before: Option<&Value>) -> bool {
    let observed = &item["observedGeneration"];
    if before.is_some_and(|before| before["observedGeneration"] == *observed) {
        return false;
    }
    natural(observed)
        .zip(scene.generation)
        .is_some_and(|(observed, generation)| observed > generation)
}

fn is_time_wrong(scene: &Scene, item: &Value, before: Option<&Value>) -> bool {
    let read = |item: &Value| {
        item["lastTransitionTime"]
            .as_str()
            .and_then(Moment::read)
            .expect("a well-shaped item")
    };
    let time = read(item);
    if time > scene.now.later(300) {
        return before.is_none_or(|before| read(before) != time);
    }
    before.is_some_and(|before| {
        let earlier = read(before);
        time < earlier || (time != earlier && before["status"] == item["status"])
    })
}
