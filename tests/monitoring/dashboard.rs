//! The dashboard: made of the table in `panels.rs`, well-formed by Grafana's own types, and of metrics that exist.
//! `UPDATE_DOCS=1 cargo test --test monitoring` writes it anew; `tests/deploy` copies it beside the chart.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use wfe_webhook::rules::{Action, Rule};

use crate::exported;
use crate::files::{list, read, root, text};
use crate::known::Known;
use crate::panels::{Kind, Panel, ROWS};

/// The names of a panel's queries.
const REFERENCES: [&str; 5] = ["A", "B", "C", "D", "E"];

/// How many units of width a line of panels has.
const WIDTH: u64 = 24;
const OWN: &str = r#"job=~"$job", instance=~"$instance""#;
const API: &str = r#"name=~".+[.]wfe-webhook[.]kubernaut[.]ai""#;

fn file() -> PathBuf {
    root().join("deploy/chart/wfe-webhook/monitoring/dashboard.json")
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

fn target(panel: &Panel, index: usize) -> Value {
    let (expression, legend) = panel.queries[index];
    let mut target = json!({
        "datasource": source(),
        "expr": expression.replace("OWN", OWN).replace("API", API),
        "legendFormat": if legend.is_empty() { "__auto" } else { legend },
        "refId": REFERENCES[index],
    });
    match panel.kind {
        Kind::Table => {
            target["instant"] = true.into();
            target["format"] = "table".into();
        }
        Kind::Heatmap => target["format"] = "heatmap".into(),
        Kind::Stat => target["instant"] = true.into(),
        Kind::Lines => {}
    }
    target
}

fn of_kind(panel: &Panel) -> (&'static str, Value, Value) {
    let shown = json!({"calcs": ["lastNotNull"], "fields": "", "values": false});
    let legend = json!({
        "calcs": ["max", "lastNotNull"], "displayMode": "table", "placement": "bottom", "showLegend": true,
    });
    match panel.kind {
        Kind::Stat => (
            "stat",
            json!({
                "colorMode": "none", "graphMode": "none", "justifyMode": "auto", "orientation": "auto",
                "reduceOptions": shown, "textMode": "auto", "wideLayout": true, "percentChangeColorMode": "standard",
                "showPercentChange": false,
            }),
            json!({}),
        ),
        Kind::Lines => (
            "timeseries",
            json!({"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}),
            json!({"fillOpacity": 10, "lineWidth": 1, "showPoints": "auto"}),
        ),
        Kind::Heatmap => (
            "heatmap",
            json!({
                "calculate": false,
                "cellGap": 1,
                "cellValues": {"unit": "short"},
                "color": {
                    "exponent": 0.5, "fill": "dark-orange", "mode": "scheme", "reverse": false, "scale": "exponential",
                    "scheme": "Oranges", "steps": 64,
                },
                "exemplars": {"color": "rgba(255,0,255,0.7)"},
                "filterValues": {"le": 1e-9},
                "legend": {"show": true},
                "rowsFrame": {"layout": "auto"},
                "showValue": "never",
                "tooltip": {"mode": "single", "showColorScale": false, "yHistogram": false},
                "yAxis": {"axisPlacement": "left", "reverse": false, "unit": panel.unit},
            }),
            json!({"hideFrom": {"legend": false, "tooltip": false, "viz": false}, "scaleDistribution": {"type": "linear"}}),
        ),
        Kind::Table => (
            "table",
            json!({"cellHeight": "sm", "frameIndex": 0, "showHeader": true, "sortBy": [{"displayName": "Value", "desc": true}]}),
            json!({"align": "auto", "cellOptions": {"type": "auto"}, "inspect": false}),
        ),
    }
}

fn panel(panel: &Panel, id: u64, place: &Value) -> Value {
    let (kind, options, custom) = of_kind(panel);
    let mut defaults = json!({"unit": panel.unit, "custom": custom});
    if panel.unit == "short" && matches!(panel.kind, Kind::Stat | Kind::Table) {
        // Counts, which an increase makes fractions of.
        defaults["decimals"] = 0.into();
    }
    let mut made = json!({
        "datasource": source(),
        "description": panel.description,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "gridPos": place,
        "id": id,
        "options": options,
        "targets": (0..panel.queries.len()).map(|index| target(panel, index)).collect::<Vec<_>>(),
        "title": panel.title,
        "type": kind,
    });
    if panel.kind == Kind::Table {
        made["transformations"] =
            json!([{"id": "organize", "options": {"excludeByName": {"Time": true}}}]);
    }
    made
}

fn panels() -> Vec<Value> {
    let mut panels = Vec::new();
    let mut y = 0;
    let mut id = 0;
    for row in ROWS {
        id += 1;
        panels.push(json!({
            "collapsed": false, "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y}, "id": id, "panels": [],
            "title": row.title, "type": "row",
        }));
        y += 1;
        let is_stat = row.panels[0].kind == Kind::Stat;
        // As many in a line as there are, at most two where each needs room.
        let in_line = if is_stat { row.panels.len() } else { 2 };
        let (height, width) = (if is_stat { 4 } else { 9 }, WIDTH / in_line as u64);
        for line in row.panels.chunks(in_line) {
            for (x, it) in line.iter().enumerate() {
                id += 1;
                let place = json!({"h": height, "w": width, "x": width * x as u64, "y": y});
                panels.push(panel(it, id, &place));
            }
            y += height;
        }
    }
    panels
}

fn query_variable(name: &str, label: &str, query: &str) -> Value {
    json!({
        "current": {"selected": true, "text": "All", "value": "$__all"}, "datasource": source(),
        "definition": query, "hide": 0, "includeAll": true, "label": label, "multi": true, "name": name,
        "options": [], "query": query, "refresh": 2, "regex": "", "skipUrlSync": false, "sort": 1, "type": "query",
    })
}

fn dashboard() -> Value {
    json!({
        "annotations": {"list": []},
        "description": "wfe-webhook: what it judges, completes and refuses, and how it is.",
        "editable": false,
        "graphTooltip": 1,
        "links": [],
        "panels": panels(),
        "refresh": "1m",
        "schemaVersion": 39,
        "tags": ["kubernaut", "wfe-webhook"],
        "templating": {"list": [
            {
                "current": {"selected": false, "text": "default", "value": "default"}, "hide": 0, "includeAll": false, "label": "Data source", "multi": false, "name": "datasource",
                "options": [], "query": "prometheus", "refresh": 1, "regex": "", "skipUrlSync": false, "type": "datasource",
            },
            query_variable("job", "Job", "label_values(wfe_webhook_build_info, job)"),
            query_variable("instance", "Replica", r#"label_values(wfe_webhook_build_info{job=~"$job"}, instance)"#),
        ]},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": "wfe-webhook",
        "uid": "wfe-webhook",
    })
}

#[test]
fn the_file_is_made_of_the_table() {
    let made = serde_json::to_string_pretty(&dashboard()).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file(), made).unwrap();
        return;
    }
    assert!(
        read(&file()) == made,
        "dashboard.json is out of date: run UPDATE_DOCS=1 cargo test --test monitoring, then the same with deploy"
    );
}

/// Decodes a file by Grafana's own types.
fn decoded(file: &Path) -> Result<(), String> {
    let folder = root().join("tests/dashboard");
    let mut script = Command::new(folder.join("build.sh"));
    let built = script.stdin(Stdio::null()).output().unwrap();
    let errors = String::from_utf8_lossy(&built.stderr).into_owned();
    assert!(built.status.success(), "tests/dashboard/build.sh: {errors}");
    let mut check = Command::new(folder.join(".cache/bin/dashboard"));
    let output = check.arg(file).output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn grafana_understands_every_field() {
    assert_eq!(decoded(&file()), Ok(()));
}

#[test]
fn a_field_that_grafana_does_not_know_would_be_named() {
    let original: Value = serde_json::from_str(&read(&file())).unwrap();
    for (place, name) in [
        ("", "titel"),
        ("/panels/1", "descriptoin"),
        ("/panels/1/options", "colourMode"),
        ("/panels/1/targets/0", "expression"),
        ("/templating/list/0", "lable"),
    ] {
        let mut changed = original.clone();
        changed.pointer_mut(place).unwrap()[name] = "x".into();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), changed.to_string()).unwrap();
        let message = decoded(file.path()).unwrap_err();
        assert!(message.contains(name), "{place}: {message}");
    }
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit() {
    let mut titles = Vec::new();
    for row in ROWS {
        for panel in row.panels {
            let Panel {
                title,
                description,
                unit,
                ..
            } = panel;
            assert!(!title.is_empty() && !unit.is_empty(), "{title}");
            assert!(description.ends_with('.'), "{title}: {description}");
            titles.push((row.title, *title));
        }
    }
    let mut unique = titles.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), titles.len());
}

#[test]
fn every_query_names_what_exists_and_follows_the_time_shown() {
    let known = Known::new();
    for panel in panels() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = text(target, "expr");
            assert_eq!(known.faults(expression), [""; 0], "{expression}");
            for range in expression.split('[').skip(1) {
                let range = range.split(']').next().unwrap();
                // `[.]` is of a regular expression.
                let follows = ["$__rate_interval", "$__range", "."].contains(&range);
                assert!(follows, "[{range}] in {expression}");
            }
            let is_own = expression.contains("{job=~\"$job\", instance=~\"$instance\"");
            assert!(is_own || expression.contains(API), "{expression}");
        }
    }
}

#[test]
fn every_metric_of_the_webhook_is_on_a_panel() {
    let panels = panels();
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array());
    let expressions: Vec<&str> = targets
        .flatten()
        .map(|target| text(target, "expr"))
        .collect();
    let own = exported::all().into_iter().map(|metric| metric.name);
    for metric in own.filter(|name| name.starts_with("wfe_webhook_")) {
        let shown = expressions
            .iter()
            .any(|expression| expression.contains(&metric));
        assert!(shown, "no panel shows {metric}");
    }
}

#[test]
fn what_enforcing_would_refuse_leaves_out_the_rules_that_do_not_refuse() {
    let panels = panels();
    let panel = panels
        .iter()
        .find(|panel| panel["title"] == "What enforcing would refuse");
    let expression = text(&list(panel.unwrap(), "targets")[0], "expr");
    let (_, rest) = expression.split_once("rule!~\"").unwrap();
    let (rules, _) = rest.split_once('"').unwrap();
    for rule in Rule::ALL {
        let left_out = rules.split('|').any(|id| id == rule.id());
        assert_eq!(left_out, rule.default_action() != Action::Deny, "{rule}");
    }
}
