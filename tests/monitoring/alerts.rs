//! Each alert fires and stays silent as promtool sees it, names only what exists, and has a section in the runbook.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::{Value, json};
use test_support::prometheus::promtool;
use wfe_webhook::rules::{Action, Rule};

use crate::files::{ALERTS, deployed, list, read, root, rules, text, yaml};
use crate::known::Known;

/// The files of promtool's unit tests.
const TESTS: [&str; 3] = ["webhook.yaml", "webhook-days.yaml", "executions.yaml"];

fn alerts() -> Vec<Value> {
    let all = ALERTS.into_iter().flat_map(rules);
    all.filter(|rule| rule.get("alert").is_some()).collect()
}

fn test_file(name: &str) -> std::path::PathBuf {
    root().join("tests/monitoring/alerts").join(name)
}

fn assert_fine(output: &Output) {
    let words = [output.stdout.as_slice(), &output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&words)
    );
}

#[rstest]
#[case("alerts.yaml")]
#[case("alerts-fail.yaml")]
#[case("alerts-executions.yaml")]
fn promtool_accepts_the_rules(#[case] file: &str) {
    let mut check = Command::new(promtool());
    check.args(["check", "rules", "--lint=all", "--lint-fatal"]);
    assert_fine(&check.arg(deployed(file)).output().unwrap());
}

/// The rules, of whose annotations only the summary is left: that is what the tests compare.
fn write_rules_to(folder: &Path) {
    for file in ALERTS {
        let mut rules = yaml(&deployed(file));
        for group in rules["groups"].as_array_mut().unwrap() {
            for rule in group["rules"].as_array_mut().unwrap() {
                if rule.get("alert").is_some() {
                    rule["annotations"] = json!({"summary": rule["annotations"]["summary"]});
                }
            }
        }
        // JSON is YAML.
        std::fs::write(folder.join(file), rules.to_string()).unwrap();
    }
}

#[rstest]
#[case("webhook.yaml")]
#[case("webhook-days.yaml")]
#[case("executions.yaml")]
fn alerts_fire_when_they_should_and_only_then(#[case] file: &str) {
    let folder = tempfile::tempdir().unwrap();
    write_rules_to(folder.path());
    std::fs::copy(test_file(file), folder.path().join(file)).unwrap();
    let mut test = Command::new(promtool());
    test.args(["test", "rules", file])
        .current_dir(folder.path());
    assert_fine(&test.output().unwrap());
}

#[test]
fn each_alert_has_a_test_in_which_it_fires_and_one_in_which_it_is_silent() {
    // Whether a test of an alert expects it to fire.
    let mut tested: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for file in TESTS {
        let file = yaml(&test_file(file));
        for case in list(&file, "tests")
            .iter()
            .flat_map(|test| list(test, "alert_rule_test"))
        {
            let fires = !list(case, "exp_alerts").is_empty();
            let name = text(case, "alertname").to_owned();
            tested.entry(name).or_default().insert(fires);
        }
    }
    let both: BTreeSet<bool> = [false, true].into();
    let expected = alerts()
        .into_iter()
        .map(|alert| (text(&alert, "alert").to_owned(), both.clone()));
    assert_eq!(tested, expected.collect());
}

#[test]
fn rules_and_their_tests_name_only_what_exists() {
    let mut known = Known::new();
    let all: Vec<Value> = ALERTS.into_iter().flat_map(rules).collect();
    for rule in &all {
        if let Some(record) = rule["record"].as_str() {
            known.add(record.to_owned(), BTreeMap::new());
        }
    }
    for rule in &all {
        let expression = text(rule, "expr");
        assert_eq!(known.faults(expression), [""; 0], "{expression}");
    }
    for file in TESTS {
        let file = yaml(&test_file(file));
        for series in list(&file, "tests")
            .iter()
            .flat_map(|test| list(test, "input_series"))
        {
            let series = text(series, "series");
            // A replica more or another version are fine.
            assert_eq!(known.faults(series), [""; 0], "{series}");
        }
    }
}

#[test]
fn each_alert_says_what_an_operator_needs() {
    for alert in alerts() {
        let name = text(&alert, "alert");
        let severity = text(&alert["labels"], "severity");
        assert!(
            ["critical", "warning", "info"].contains(&severity),
            "{name}: {severity}"
        );
        let annotations = &alert["annotations"];
        for key in ["summary", "description"] {
            assert!(
                text(annotations, key).ends_with(['.', ')']),
                "{name}: {key}"
            );
        }
        assert_eq!(
            text(annotations, "runbook_url"),
            format!("docs/runbook.md#{}", name.to_lowercase())
        );
    }
}

/// The sections of the runbook that are called like an alert, in the order of the files.
#[test]
fn each_alert_has_a_section_in_the_runbook_with_what_it_means_and_how_to_get_out() {
    let page = read(&root().join("docs/runbook.md"));
    let mut sections: BTreeMap<&str, &str> = BTreeMap::new();
    for section in page.split("\n## ").skip(1) {
        let (heading, rest) = section.split_once('\n').unwrap();
        sections.insert(heading, rest);
    }
    for alert in alerts() {
        let name = text(&alert, "alert");
        let section = sections.remove(name);
        let section = section.unwrap_or_else(|| panic!("docs/runbook.md has no section {name}"));
        for part in ["**Meaning.**", "**See it.**", "**Do.**", "**At once.**"] {
            assert!(section.contains(part), "{name} has no {part}");
        }
    }
    let is_alert = |heading: &&str| {
        heading.starts_with("WfeWebhook") || heading.starts_with("WorkflowExecution")
    };
    let left: Vec<&str> = sections.into_keys().filter(is_alert).collect();
    assert_eq!(left, [""; 0], "no alert is called so");
}

#[test]
fn what_enforcing_would_refuse_are_the_rules_that_refuse_by_default() {
    let alert = alerts()
        .into_iter()
        .find(|alert| alert["alert"] == "WfeWebhookWouldDeny");
    let others: Vec<&str> = Rule::ALL
        .into_iter()
        .filter(|rule| rule.default_action() != Action::Deny)
        .map(Rule::id)
        .collect();
    let expression = alert.unwrap();
    let expression = text(&expression, "expr");
    let named = expression.split("rule!~\"").skip(1);
    for rules in named.map(|rest| rest.split_once('"').unwrap().0) {
        let mut rules: Vec<&str> = rules.split('|').collect();
        rules.sort_unstable();
        let mut others = others.clone();
        others.sort_unstable();
        assert_eq!(rules, others);
    }
}
