//! A report for people: each finding as compilers show theirs, then each change, then the conclusion.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet, Title};

use super::report::{CheckReport, CheckedObject, Conclusion, ReportedFinding};
use super::source::Located;
use crate::admission::Verdict;
use crate::check::CheckedChange;
use crate::rules::Action;
use crate::text::printable;

pub(super) fn print(report: &CheckReport, colored: bool) -> String {
    let renderer = if colored {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = String::new();
    for object in &report.objects {
        for finding in &object.findings {
            text += &renderer.render(&groups(object, finding));
            text += "\n\n";
        }
        for change in &object.changes {
            text += &changed(object, change);
        }
        let (place, label) = (&object.place, &object.label);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{place}: {label}: {}, {}",
            object.conclusion.text(),
            object.against
        );
    }
    text + &summary(report)
}

/// A count of the conclusions, when there is more than one object.
fn summary(report: &CheckReport) -> String {
    let total = report.objects.len();
    if total < 2 {
        return String::new();
    }
    let counts = Conclusion::ALL.map(|conclusion| (report.count(conclusion), conclusion.text()));
    let counts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, conclusion)| format!("{count} {conclusion}"))
        .collect();
    format!("{total} objects: {}\n", counts.join(", "))
}

fn changed(object: &CheckedObject, change: &CheckedChange) -> String {
    let CheckedChange {
        condition_type,
        status,
        reason,
        message,
        ..
    } = change;
    let would = if object.is_completed { "" } else { "would " };
    let what = format!("{condition_type}={status}/{reason}");
    let mut text = format!(
        "{}: {}: {would}{}: {}\n",
        object.place,
        object.label,
        change.change,
        printable(&what)
    );
    if let Some(message) = message.as_deref().filter(|message| !message.is_empty()) {
        let _ = writeln!(text, "    {}", printable(message));
    }
    text
}

/// What is wrong and where, and how the line would be right.
fn groups<'f>(object: &'f CheckedObject, finding: &'f ReportedFinding) -> Vec<Group<'f>> {
    let label = format!("{} of {}", finding.path, object.label);
    let file = object.place.file.as_str();
    let mut group = match &finding.at {
        Some(at) => marked(title(finding), file, at, label),
        None => title(finding).element(Origin::path(format!("{file}: {label}"))),
    };
    if !finding.fix.is_empty() {
        group = group.element(Level::HELP.message(finding.fix.as_str()));
    }
    let mut groups = vec![group];
    groups.extend(finding.suggestion.as_deref().map(|suggestion| {
        let title = Level::HELP.secondary_title(format!("did you mean {suggestion:?}?"));
        match finding
            .at
            .as_ref()
            .and_then(|at| patched(file, at, suggestion))
        {
            Some(patched) => title.element(patched),
            None => Group::with_title(title),
        }
    }));
    groups
}

fn title(finding: &ReportedFinding) -> Title<'_> {
    let level = match finding.verdict {
        Verdict::Acted(Action::Deny) => Level::ERROR,
        Verdict::Acted(Action::Warn) => Level::WARNING,
        other => Level::NOTE.with_name(other.name()),
    };
    level.primary_title(finding.cause.as_str()).id(finding.rule)
}

fn marked<'f>(title: Title<'f>, file: &'f str, at: &'f Located, label: String) -> Group<'f> {
    match &at.excerpt {
        Some((line, range)) => title.element(
            Snippet::source(line.as_str())
                .line_start(at.line)
                .path(file)
                .annotation(AnnotationKind::Primary.span(range.clone()).label(label)),
        ),
        None => title
            .element(Origin::path(file).line(at.line).char_column(at.column))
            .element(Level::NOTE.message(label)),
    }
}

/// The line with what was meant in the place of what was written.
fn patched<'f>(file: &'f str, at: &'f Located, suggestion: &str) -> Option<Snippet<'f, Patch<'f>>> {
    let (line, range) = at.excerpt.as_ref().filter(|_| at.is_whole)?;
    // Without quotes YAML takes a status for a boolean.
    let quote = match line[range.clone()].chars().next() {
        Some('\'') => "'",
        Some('"') => "\"",
        _ if ["True", "False"].contains(&suggestion) => "\"",
        _ => "",
    };
    let replacement = format!("{quote}{suggestion}{quote}");
    Some(
        Snippet::source(line.as_str())
            .line_start(at.line)
            .path(file)
            .patch(Patch::new(range.clone(), replacement)),
    )
}
