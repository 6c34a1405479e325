//! A report as workflow commands of GitHub Actions, which become annotations of the lines.

use std::fmt::Write as _;

use super::report::{CheckReport, CheckedObject, Level, ReportedFinding};

pub(super) fn print(report: &CheckReport) -> String {
    let mut commands = String::new();
    for object in &report.objects {
        for finding in &object.findings {
            commands += &command(object, finding);
        }
    }
    for problem in &report.problems {
        // Writing to a string cannot fail.
        let _ = writeln!(commands, "::error::{}", data(problem));
    }
    commands
}

fn command(object: &CheckedObject, finding: &ReportedFinding) -> String {
    let level = match finding.level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = format!("file={}", property(&object.place.file));
    if let Some(at) = &finding.at {
        let _ = write!(
            properties,
            ",line={},col={},endColumn={}",
            at.line, at.column, at.end_column
        );
    }
    let title = format!("{} ({})", finding.rule, finding.verdict.name());
    let message = format!("{}: {}: {}", object.label, finding.path, finding.message);
    format!(
        "::{level} {properties},title={}::{}\n",
        property(&title),
        data(&message)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
