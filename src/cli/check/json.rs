//! A report as JSON, of the schema in `docs/check.schema.json`.

use serde::Serialize;
use serde_json::{Value, json};

use super::report::{CheckReport, CheckedObject, Conclusion, ReportedFinding};
use super::streamed::{Streamed, pretty};

pub(super) fn print(report: &CheckReport) -> String {
    let counts = Conclusion::ALL.map(|conclusion| {
        let count = report.count(conclusion);
        (conclusion.name().to_owned(), Value::from(count))
    });
    pretty(&Document {
        objects: Streamed(|| report.objects.iter().map(object)),
        problems: &report.problems,
        summary: Value::Object(counts.into_iter().collect()),
    })
}

#[derive(Serialize)]
struct Document<'r, O> {
    objects: O,
    problems: &'r [String],
    summary: Value,
}

fn object(object: &CheckedObject) -> Value {
    let mut value = json!({
        "file": object.place.file,
        "object": object.label,
        "verdict": object.conclusion.name(),
        "judged": object.against.to_string(),
        "findings": object.findings.iter().map(finding).collect::<Vec<_>>(),
        "completed": object.is_completed,
        "changes": object.changes.iter().map(|change| json!({
            "change": change.change,
            "type": change.condition_type,
            "status": change.status,
            "reason": change.reason,
            "message": change.message,
        })).collect::<Vec<_>>(),
    });
    for (name, number) in [
        ("document", object.place.document),
        ("item", object.place.item),
    ] {
        if let Some(number) = number {
            value[name] = number.into();
        }
    }
    if let Some(stored) = &object.stored {
        value["uid"] = stored.uid.as_str().into();
        value["fieldManager"] = stored.field_manager.as_deref().into();
    }
    value
}

fn finding(finding: &ReportedFinding) -> Value {
    let mut value = json!({
        "rule": finding.rule,
        "action": finding.verdict.name(),
        "path": finding.path,
        "message": finding.message,
    });
    if let Some(suggestion) = &finding.suggestion {
        value["suggestion"] = suggestion.as_str().into();
    }
    if finding.is_stored {
        value["stored"] = true.into();
    }
    if let Some(manager) = &finding.field_manager {
        value["fieldManager"] = manager.as_str().into();
    }
    if let Some(at) = &finding.at {
        value["line"] = at.line.into();
        value["column"] = at.column.into();
        value["endColumn"] = at.end_column.into();
    }
    value
}
