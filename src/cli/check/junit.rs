//! A report as XML of `JUnit`: a suite for each file, a case for each object. A case fails where the write would be denied or
//! warned; what is only audited is its output.

use std::fmt::Write as _;

use super::report::{CheckReport, CheckedObject, Conclusion, Level, ReportedFinding};

pub(super) fn print(report: &CheckReport) -> String {
    let failures = report.count(Conclusion::Denied) + report.count(Conclusion::Warned);
    let problems = report.problems.len();
    let tests = report.objects.len() + problems;
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"wfe-webhook check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{problems}\">\n"
    );
    for objects in report.objects.chunk_by(|a, b| a.place.file == b.place.file) {
        suite(&mut xml, objects);
    }
    if problems > 0 {
        unusable(&mut xml, &report.problems);
    }
    xml + "</testsuites>\n"
}

fn suite(xml: &mut String, objects: &[CheckedObject]) {
    let file = objects.first().map(|object| object.place.file.as_str());
    let file = escaped(file.unwrap_or_default());
    let failures = objects.iter().filter(|object| has_failed(object)).count();
    // Writing to a string cannot fail.
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
        objects.len()
    );
    for object in objects {
        case(xml, object);
    }
    xml.push_str("  </testsuite>\n");
}

fn has_failed(object: &CheckedObject) -> bool {
    matches!(object.conclusion, Conclusion::Denied | Conclusion::Warned)
}

fn case(xml: &mut String, object: &CheckedObject) {
    let _ = writeln!(
        xml,
        "    <testcase name=\"{}\" classname=\"{}\">",
        escaped(&object.label),
        escaped(&object.place.to_string())
    );
    let (failing, other): (Vec<_>, Vec<_>) = object
        .findings
        .iter()
        .partition(|finding| finding.level() != Level::Note);
    if let Some(first) = failing.first() {
        let message = match failing.len() - 1 {
            0 => first.message.clone(),
            more => format!("{} (and {more} more)", first.message),
        };
        let _ = writeln!(
            xml,
            "      <failure message=\"{}\" type=\"{}\">{}</failure>",
            escaped(&message),
            first.rule,
            escaped(&lines(&failing))
        );
    }
    if !other.is_empty() {
        let _ = writeln!(
            xml,
            "      <system-out>{}</system-out>",
            escaped(&lines(&other))
        );
    }
    xml.push_str("    </testcase>\n");
}

fn lines(findings: &[&ReportedFinding]) -> String {
    let line = |finding: &&ReportedFinding| {
        let place = finding.at.as_ref();
        let place = place.map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
        let action = finding.verdict.name();
        format!("{place}{action}: {}: {}", finding.path, finding.message)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn unusable(xml: &mut String, problems: &[String]) {
    let count = problems.len();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"unusable input\" tests=\"{count}\" failures=\"0\" errors=\"{count}\" skipped=\"0\">"
    );
    for problem in problems {
        let problem = escaped(problem);
        let _ = writeln!(
            xml,
            "    <testcase name=\"{problem}\" classname=\"unusable input\">\n      \
             <error message=\"{problem}\" type=\"unusable\"/>\n    </testcase>"
        );
    }
    xml.push_str("  </testsuite>\n");
}

/// Text of an attribute or an element. Control characters, which XML cannot have, are escaped before.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
