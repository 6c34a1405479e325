//! Every form of output is held to what others expect of it: a published schema, a library that reads it, a grammar.

use std::path::Path;

use rstest::rstest;
use serde_json::{Value, json};
use test_support::consumers;

use super::{COMPLETED, FAULTY, Folder, RUNNING, object};
use crate::program::Ended;

const NAME: &str = "a,b:c %&\"<'\u{e9}.yaml";

/// Reports of one form on input of every kind: what is denied, warned, audited, allowed and unusable.
fn report(form: &str) -> Ended {
    let folder = Folder::new();
    let both = [object("wfe-1", FAULTY), object("wfe-2", RUNNING)].join("---\n");
    folder.file(NAME, both);
    folder.file("warned.yaml", object("wfe-3", "{phase: Running, Phse: x}"));
    folder.file("stored.yaml", object("wfe-4", COMPLETED));
    folder.file("broken.yaml", "a: [");
    folder.check(&[
        "--output",
        form,
        "--completion",
        "off",
        NAME,
        "warned.yaml",
        "stored.yaml",
        "broken.yaml",
    ])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[rstest]
fn the_exit_code_and_the_problems_are_the_same_in_every_form(
    #[values("text", "json", "junit", "sarif", "github")] form: &str,
) {
    let ended = report(form);
    assert_eq!(ended.code, 2);
    let problem = "error: broken.yaml is not valid YAML";
    assert!(ended.stderr.starts_with(problem), "{}", ended.stderr);
    let folder = Folder::new();
    folder.file("fine.yaml", object("wfe-1", RUNNING));
    folder.file("faulty.yaml", object("wfe-1", FAULTY));
    for (file, code) in [("fine.yaml", 0), ("faulty.yaml", 1)] {
        let ended = folder.check(&["--output", form, file]);
        assert_eq!((ended.code, ended.stderr.as_str()), (code, ""), "{file}");
    }
}

#[test]
fn json_is_of_its_published_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check.schema.json");
    let text = report("json").stdout;
    assert_eq!(consumers::of_schema(&schema, &text), Ok(()));
    let report = json(&text);
    assert_eq!(
        report["summary"],
        json!({"denied": 1, "warned": 1, "allowed": 2, "exempt": 0})
    );
    let findings = report["objects"][0]["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["action"] == "deny").unwrap();
    assert_eq!(finding["suggestion"], "TektonPipelineComplete");
    assert_eq!(finding["line"], 16);
    let wrong = text.replace("\"verdict\": \"denied\"", "\"verdict\": \"refused\"");
    assert_ne!(consumers::of_schema(&schema, &wrong), Ok(()));
}

#[test]
fn sarif_is_of_its_published_schema_and_has_every_finding_with_its_rule_and_place() {
    let text = report("sarif").stdout;
    assert_eq!(consumers::sarif(&text), Ok(()));
    let wrong = text.replace("\"columnKind\"", "\"columKind\"");
    assert_ne!(consumers::sarif(&wrong), Ok(()));
    let report = json(&text);
    let run = &report["runs"][0];
    let rules = &run["tool"]["driver"]["rules"];
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let first = results.iter().find(|it| it["level"] == "error").unwrap();
    let first = &first["locations"][0]["physicalLocation"];
    assert_eq!(
        first["artifactLocation"]["uri"],
        "a%2Cb%3Ac%20%25%26%22%3C%27%C3%A9.yaml"
    );
    assert_eq!(
        first["region"],
        json!({"startLine": 16, "startColumn": 11, "endLine": 16, "endColumn": 34})
    );
    let levels = |level: &str| results.iter().filter(|it| it["level"] == level).count();
    assert_eq!((levels("error"), levels("warning")), (3, 1));
    assert!(levels("note") > 0);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

/// A fix of SARIF, made: what is written then has no such finding.
#[test]
fn a_fix_of_sarif_fixes() {
    let document = object("wfe-1", FAULTY);
    let ended = super::check(&["--output", "sarif"], &document);
    let report = json(&ended.stdout);
    let result = &report["runs"][0]["results"][0];
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    let region = &replacement["deletedRegion"];
    let number = |name: &str| usize::try_from(region[name].as_u64().unwrap()).unwrap();
    let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
    let line = &mut lines[number("startLine") - 1];
    let columns = number("startColumn") - 1..number("endColumn") - 1;
    let inserted = replacement["insertedContent"]["text"].as_str().unwrap();
    line.replace_range(columns, inserted);
    let again = super::check(&[], lines.join("\n")).stdout;
    let rule = result["ruleId"].as_str().unwrap();
    assert!(ended.stdout.contains(rule));
    assert!(!again.contains(rule), "{again}");
}

#[test]
fn junit_is_read_as_a_suite_for_each_file_and_a_case_for_each_object() {
    let text = report("junit").stdout;
    let suites = json(&consumers::junit(&text));
    let cases: Vec<_> = suites
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|suite| {
            let tests = suite["tests"].as_array().unwrap().iter();
            tests.map(|test| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (
                    text(&suite["name"]),
                    text(&test["name"]),
                    text(&test["status"]),
                )
            })
        })
        .collect();
    let expected = [
        (NAME, "payments/wfe-1", "failed"),
        (NAME, "payments/wfe-2", "passed"),
        ("warned.yaml", "payments/wfe-3", "failed"),
        ("stored.yaml", "payments/wfe-4", "passed"),
    ];
    let (read, unusable) = cases.split_at(expected.len());
    let expected =
        expected.map(|(file, name, status)| (file.to_owned(), name.to_owned(), status.to_owned()));
    assert_eq!(read, expected);
    let [(suite, problem, status)] = unusable else {
        panic!("{unusable:?}");
    };
    assert_eq!(
        (suite.as_str(), status.as_str()),
        ("unusable input", "error")
    );
    assert!(
        problem.starts_with("broken.yaml is not valid YAML"),
        "{problem}"
    );
    let failure = suites[0]["tests"][0]["message"].as_str().unwrap();
    assert!(
        failure.contains("\"TektonPipelineCompleted\"") && failure.ends_with("(and 2 more)"),
        "{failure}"
    );
}

/// A workflow command, by the grammar of GitHub's runner: `::NAME KEY=VALUE,…::DATA`, with what would end a part escaped.
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let unescape = |text: &str| {
        text.replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let properties = properties.split(',').filter_map(|it| it.split_once('='));
    let properties = properties.map(|(key, value)| (key.to_owned(), unescape(value)));
    (name.to_owned(), properties.collect(), unescape(data))
}

#[test]
fn github_gets_a_command_for_each_finding_with_the_place_in_the_file() {
    let text = report("github").stdout;
    let commands: Vec<_> = text.lines().map(command).collect();
    for (name, properties, _) in &commands {
        assert!(["error", "warning", "notice"].contains(&name.as_str()));
        let keys: Vec<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
        let all = ["file", "line", "col", "endColumn", "title"];
        assert!(keys == all || keys.is_empty(), "{keys:?}");
    }
    let first = commands.iter().find(|(name, _, _)| name == "error");
    let (_, properties, data) = first.unwrap();
    let properties: Vec<&str> = properties.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(
        properties,
        [NAME, "16", "11", "34", "condition-unknown-type (deny)"]
    );
    assert!(data.starts_with("payments/wfe-1: status.conditions[1].type: Unsupported"));
    let (name, _, data) = commands.last().unwrap();
    assert_eq!(name, "error");
    assert!(data.starts_with("broken.yaml is not valid YAML"), "{data}");
}

#[test]
fn with_fix_the_report_goes_to_standard_error() {
    let ended = super::check(&["--fix", "--output", "json"], object("wfe-1", FAULTY));
    assert!(
        ended.stdout.starts_with("---\napiVersion:"),
        "{}",
        ended.stdout
    );
    assert_eq!(json(&ended.stderr)["summary"]["denied"], 1);
}
