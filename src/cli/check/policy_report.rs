//! A report of a cluster as objects of the API group `openreports.io`, one for each object with findings.

use serde::Serialize;
use serde_json::{Value, json};

use super::report::{CheckReport, CheckedObject, Level, ReportedFinding};
use super::streamed::{Streamed, pretty};

/// What marks the reports as this program's, so that old ones can be found.
const SOURCE: &str = "wfe-webhook";

pub(super) fn print(report: &CheckReport) -> String {
    pretty(&List {
        api_version: "v1",
        kind: "List",
        items: Streamed(|| report.objects.iter().filter_map(of_object)),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<I> {
    api_version: &'static str,
    kind: &'static str,
    items: I,
}

fn of_object(object: &CheckedObject) -> Option<Value> {
    let stored = object
        .stored
        .as_ref()
        .filter(|_| !object.findings.is_empty())?;
    let denied = object.findings.iter().filter(|it| it.is_denied()).count();
    Some(json!({
        "apiVersion": "openreports.io/v1alpha1",
        "kind": "Report",
        "metadata": {
            "name": format!("{SOURCE}-{}", stored.uid),
            "namespace": stored.namespace,
            "labels": {"app.kubernetes.io/managed-by": SOURCE},
            // It goes with the object.
            "ownerReferences": [{
                "apiVersion": stored.api_version,
                "kind": "WorkflowExecution",
                "name": stored.name,
                "uid": stored.uid,
            }],
        },
        "source": SOURCE,
        "scope": {
            "apiVersion": stored.api_version,
            "kind": "WorkflowExecution",
            "namespace": stored.namespace,
            "name": stored.name,
            "uid": stored.uid,
        },
        "summary": {
            "pass": 0,
            "fail": denied,
            "warn": object.findings.len() - denied,
            "error": 0,
            "skip": 0,
        },
        "results": object.findings.iter().map(result).collect::<Vec<_>>(),
    }))
}

fn result(finding: &ReportedFinding) -> Value {
    let (result, severity) = match finding.level() {
        Level::Error => ("fail", "high"),
        Level::Warning => ("warn", "medium"),
        Level::Note => ("warn", "info"),
    };
    let mut properties = json!({
        "action": finding.verdict.name(),
        "path": finding.path,
    });
    if let Some(manager) = &finding.field_manager {
        properties["fieldManager"] = manager.as_str().into();
    }
    json!({
        "source": SOURCE,
        "policy": finding.rule,
        "result": result,
        "severity": severity,
        "scored": finding.is_denied(),
        "message": finding.message,
        "properties": properties,
    })
}
