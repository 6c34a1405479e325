//! A report of a cluster for people: how many objects have what, by rule and by field manager.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::report::{CheckReport, CheckedObject, Conclusion};
use crate::text::printable;

/// How many objects a line of a table stands for, and the first of them.
struct Group<'r> {
    count: usize,
    last: &'r CheckedObject,
    example: String,
}

/// A table: what its lines are about, in the order of their first cells.
type Groups<'r, const N: usize> = BTreeMap<[&'r str; N], Group<'r>>;

pub(super) fn print(report: &CheckReport) -> String {
    let mut findings = Groups::new();
    let mut changes = Groups::new();
    for object in &report.objects {
        for finding in &object.findings {
            let manager = finding.field_manager.as_deref().unwrap_or("-");
            let key = [finding.rule, finding.verdict.name(), manager];
            add(&mut findings, key, object, &finding.path);
        }
        let stored = object.stored.as_ref();
        let manager = stored.and_then(|it| it.field_manager.as_deref());
        for change in &object.changes {
            let condition = change.condition_type.as_str();
            let key = [condition, change.change, manager.unwrap_or("-")];
            add(&mut changes, key, object, &printable(&change.reason));
        }
    }

    let mut text = counts(report);
    if !findings.is_empty() {
        let head = ["RULE", "ACTION", "FIELD MANAGER"];
        text += "\nFindings\n";
        text += &table(head, &findings);
        if report.count(Conclusion::Denied) > 0 {
            text += &unchanged(report);
        }
    }
    if !changes.is_empty() {
        let head = ["CONDITION", "CHANGE", "FIELD MANAGER"];
        text += "\nCompletion at the next write\n";
        text += &table(head, &changes);
    }
    text
}

fn counts(report: &CheckReport) -> String {
    let completed = report.objects.iter().filter(|it| !it.changes.is_empty());
    let counts = Conclusion::ALL
        .into_iter()
        .map(|conclusion| (report.count(conclusion), conclusion.text()))
        .chain([(completed.count(), "to be completed")])
        .filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match report.objects.len() {
        0 => "No WorkflowExecution is stored there.\n".to_owned(),
        1 => format!("1 WorkflowExecution: {}\n", counts.join(", ")),
        total => format!("{total} WorkflowExecutions: {}\n", counts.join(", ")),
    }
}

/// What becomes of writes that leave everything as it is.
fn unchanged(report: &CheckReport) -> String {
    let refused = report.objects.iter().filter(|object| {
        let mut findings = object.findings.iter();
        findings.any(|finding| finding.is_denied() && !finding.is_stored)
    });
    match refused.count() {
        0 => {
            "Writes that keep these faults unchanged are allowed; writes that make them are not.\n"
                .to_owned()
        }
        refused => {
            format!(
                "Objects of which even a write that changes nothing would be refused: {refused}\n"
            )
        }
    }
}

/// Counts an object once in each group.
fn add<'r, const N: usize>(
    groups: &mut Groups<'r, N>,
    key: [&'r str; N],
    object: &'r CheckedObject,
    what: &str,
) {
    let new = || Group {
        count: 0,
        last: object,
        example: format!("{} {what}", object.label),
    };
    let group = groups.entry(key).or_insert_with(new);
    if group.count == 0 || !std::ptr::eq(group.last, object) {
        group.count += 1;
        group.last = object;
    }
}

fn table<const N: usize>(head: [&str; N], groups: &Groups<'_, N>) -> String {
    let mut lines = vec![
        head.iter()
            .map(ToString::to_string)
            .chain(["OBJECTS", "FOR EXAMPLE"].map(str::to_owned))
            .collect::<Vec<_>>(),
    ];
    lines.extend(groups.iter().map(|(key, group)| {
        let cells = key.iter().map(ToString::to_string);
        cells
            .chain([group.count.to_string(), group.example.clone()])
            .collect()
    }));
    let widths: Vec<usize> = (0..=N)
        .map(|column| {
            lines
                .iter()
                .map(|cells| cells[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for cells in lines {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}  "));
        let (cells, example) = (padded.collect::<String>(), cells.last());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{cells}{}", example.map_or("", String::as_str));
    }
    text
}
