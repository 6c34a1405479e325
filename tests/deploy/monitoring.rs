//! Alerts and dashboard: what the chart renders is what is beside it as plain files.
//! `UPDATE_DOCS=1 cargo test --test deploy` copies the files anew.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::helm::chart;

use crate::rendered::{Mode, NAME, Rendered, folder};

fn of_chart(file: &str) -> String {
    std::fs::read_to_string(chart().join("monitoring").join(file)).unwrap()
}

fn groups(files: &[&str]) -> Vec<Value> {
    let groups = files.iter().flat_map(|file| {
        let rules: Value = serde_saphyr::from_str(&of_chart(file)).unwrap();
        rules["groups"].as_array().unwrap().clone()
    });
    groups.collect()
}

#[rstest]
#[case("alerts.yaml")]
#[case("alerts-fail.yaml")]
#[case("alerts-executions.yaml")]
#[case("dashboard.json")]
fn the_plain_file_is_that_of_the_chart(#[case] file: &str) {
    let plain = folder().join("monitoring").join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(plain, of_chart(file)).unwrap();
        return;
    }
    let text = std::fs::read_to_string(plain).unwrap_or_default();
    assert!(
        text == of_chart(file),
        "deploy/monitoring/{file} is out of date: run UPDATE_DOCS=1 cargo test --test deploy"
    );
}

#[rstest]
#[case::default("", &["alerts.yaml"])]
#[case::fail("webhooks.validating.failurePolicy=Fail", &["alerts.yaml", "alerts-fail.yaml"])]
#[case::executions("alerts.executions=true", &["alerts.yaml", "alerts-executions.yaml"])]
#[case::all(
    "webhooks.validating.failurePolicy=Fail,alerts.executions=true",
    &["alerts.yaml", "alerts-fail.yaml", "alerts-executions.yaml"]
)]
fn the_rule_has_the_alerts_of_the_files(#[case] values: &str, #[case] files: &[&str]) {
    let values = format!("alerts.enabled=true,alerts.labels.release=prometheus,{values}");
    let rendered = Rendered::with(Mode::SelfManaged, &["--set", &values]);
    let rule: Value = rendered.only("PrometheusRule");
    assert_eq!(rule["metadata"]["labels"]["release"], "prometheus");
    assert_eq!(rule["spec"]["groups"], Value::from(groups(files)));
}

#[test]
fn every_alert_links_to_the_runbook_where_it_is() {
    let runbook = "https://forge.example/ops/runbook.md";
    let values = format!("alerts.enabled=true,alerts.executions=true,alerts.runbook={runbook}");
    let rendered = Rendered::with(Mode::SelfManaged, &["--set", &values]);
    let rule: Value = rendered.only("PrometheusRule");
    let groups = rule["spec"]["groups"].as_array().unwrap();
    let rules = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap());
    let mut links = 0;
    for rule in rules.filter(|rule| rule.get("alert").is_some()) {
        let anchor = rule["alert"].as_str().unwrap().to_lowercase();
        assert_eq!(
            rule["annotations"]["runbook_url"],
            format!("{runbook}#{anchor}")
        );
        links += 1;
    }
    assert!(links > 15);
}

#[test]
fn the_dashboard_is_found_by_its_label_and_is_the_file() {
    let values = "dashboard.enabled=true,dashboard.annotations.grafana_folder=kubernaut";
    let rendered = Rendered::with(Mode::SelfManaged, &["--set", values]);
    let map: Value = rendered.only("ConfigMap");
    let metadata = &map["metadata"];
    assert_eq!(metadata["name"], format!("{NAME}-dashboard"));
    assert_eq!(metadata["labels"]["grafana_dashboard"], "1");
    assert_eq!(
        metadata["annotations"],
        json!({"grafana_folder": "kubernaut"})
    );
    let text = map["data"]["wfe-webhook.json"].as_str().unwrap();
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parsed(text), parsed(&of_chart("dashboard.json")));
}

#[test]
fn without_being_asked_for_there_is_neither() {
    let rendered = Rendered::of(Mode::SelfManaged);
    let kinds = rendered.kinds();
    assert!(!kinds.contains(&"PrometheusRule") && !kinds.contains(&"ConfigMap"));
}
