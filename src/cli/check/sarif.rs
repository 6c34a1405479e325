//! A report as SARIF 2.1.0.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::report::{CheckReport, CheckedObject, Level, ReportedFinding, UNKNOWN_FIELD};
use super::source::Located;
use super::streamed::{Streamed, pretty};
use crate::explain::why;
use crate::rules::{Action, Rule};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn print(report: &CheckReport) -> String {
    let problems = report.problems.iter();
    let problems = problems.map(|problem| json!({"level": "error", "message": {"text": problem}}));
    pretty(&Document {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": {
                "name": "wfe-webhook",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules(),
            }}),
            column_kind: "unicodeCodePoints",
            invocations: json!([{
                "executionSuccessful": report.problems.is_empty(),
                "toolExecutionNotifications": problems.collect::<Vec<_>>(),
            }]),
            results: Streamed(|| report.objects.iter().flat_map(results)),
        }],
    })
}

#[derive(Serialize)]
struct Document<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [R; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    tool: Value,
    column_kind: &'static str,
    invocations: Value,
    results: R,
}

fn rules() -> Vec<Value> {
    let described = |id: &str, holds: &str, why: &str, level: &str| {
        json!({
            "id": id,
            "shortDescription": {"text": format!("Holds when {holds}.")},
            "fullDescription": {"text": why},
            "help": {"text": format!("`wfe-webhook explain {id}` has an example and how to change what happens.")},
            "defaultConfiguration": {"level": level},
        })
    };
    let rules = Rule::ALL.into_iter().map(|rule| {
        let level = match rule.default_action() {
            Action::Deny => "error",
            Action::Warn => "warning",
            Action::Audit | Action::Off => "note",
        };
        described(rule.id(), rule.holds(), why(rule), level)
    });
    let mut unknown = described(
        UNKNOWN_FIELD,
        "no field of the status is a misspelt one",
        "The API server drops a field that the resource definition does not have.",
        "warning",
    );
    unknown["help"] = json!({"text": "Write the field's name as the resource definition has it."});
    rules.chain([unknown]).collect()
}

fn results(object: &CheckedObject) -> impl Iterator<Item = Value> {
    let findings = object.findings.iter();
    findings.map(move |finding| result(object, finding))
}

fn result(object: &CheckedObject, finding: &ReportedFinding) -> Value {
    let level = match finding.level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let rule_index = Rule::from_id(finding.rule).map_or(Rule::ALL.len(), |rule| rule as usize);
    let artifact = json!({"uri": uri(&object.place.file)});
    let mut physical = json!({"artifactLocation": artifact});
    if let Some(at) = &finding.at {
        physical["region"] = region(at);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": level,
        "message": {"text": finding.message},
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{
                "name": object.label,
                "fullyQualifiedName": format!("{} {}", object.label, finding.path),
                "kind": "object",
            }],
        }],
        "properties": {"action": finding.verdict.name()},
    });
    if let Some((at, suggestion)) = finding.at.as_ref().zip(finding.suggestion.as_ref())
        && at.is_whole
    {
        result["fixes"] = json!([{
            "description": {"text": format!("Write {suggestion:?}.")},
            "artifactChanges": [{
                "artifactLocation": artifact,
                "replacements": [{
                    "deletedRegion": region(at),
                    "insertedContent": {"text": serde_json::Value::from(suggestion.as_str()).to_string()},
                }],
            }],
        }]);
    }
    result
}

fn region(at: &Located) -> Value {
    json!({
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.line,
        "endColumn": at.end_column,
    })
}

/// A file's name as a reference of RFC 3986.
fn uri(file: &str) -> String {
    let mut uri = if file.starts_with('/') {
        "file://".to_owned()
    } else {
        String::new()
    };
    for byte in file.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
