//! `values.yaml`: each key has a comment, the schema has just its keys, and README's table is made of both.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use test_support::helm::chart;
use wfe_webhook::rules::Rule;
use wfe_webhook::vocabulary;

use crate::commands::{in_text, pages};

/// A key with its comment.
struct Key {
    path: String,
    comment: String,
}

fn read(file: &str) -> String {
    std::fs::read_to_string(chart().join(file)).unwrap()
}

/// The keys of `values.yaml` in their order.
fn keys() -> Vec<Key> {
    let text = read("values.yaml");
    let mut keys = Vec::new();
    let mut parents: Vec<String> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.is_empty() {
            comment.clear();
        } else if let Some(words) = trimmed.strip_prefix("# ") {
            comment.push(words);
        } else {
            let (name, _) = trimmed
                .split_once(':')
                .unwrap_or_else(|| panic!("{line} is a key"));
            parents.truncate((line.len() - trimmed.len()) / 2);
            parents.push(name.to_owned());
            keys.push(Key {
                path: parents.join("."),
                comment: comment.join(" "),
            });
            comment.clear();
        }
    }
    keys
}

fn values() -> Value {
    serde_saphyr::from_str(&read("values.yaml")).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&read("values.schema.json")).unwrap()
}

fn default_of<'v>(values: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(values, |value, name| &value[name])
}

#[test]
fn every_key_has_a_comment() {
    let keys = keys();
    assert!(keys.len() > 80);
    for key in keys {
        assert!(
            key.comment.ends_with('.') && key.comment.len() > 8,
            "{}: {:?}",
            key.path,
            key.comment
        );
    }
}

/// Follows `$ref`.
fn resolved<'s>(schema: &'s Value, part: &'s Value) -> &'s Value {
    match part["$ref"].as_str() {
        Some(reference) => schema
            .pointer(reference.strip_prefix('#').unwrap())
            .unwrap(),
        None => part,
    }
}

/// The keys of the schema down to `depth` of `values.yaml`, and objects that take any key.
fn walk(schema: &Value, part: &Value, value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let part = resolved(schema, part);
    let Some(properties) = part["properties"].as_object() else {
        return;
    };
    assert_eq!(part["additionalProperties"], false, "{path} is closed");
    // What is not set by default, as single rules, is no key of values.yaml.
    let Some(value) = value.as_object().filter(|value| !value.is_empty()) else {
        return;
    };
    for (name, property) in properties {
        let Some(inner) = value.get(name) else {
            let required = part["required"].as_array();
            assert!(
                !required.is_some_and(|all| all.iter().any(|it| it == name)),
                "{path}.{name} has no default"
            );
            continue;
        };
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        walk(schema, property, inner, &path, found);
        found.insert(path);
    }
}

#[test]
fn the_schema_knows_every_key_and_is_closed() {
    let schema = schema();
    let mut found = BTreeSet::new();
    walk(&schema, &schema, &values(), "", &mut found);
    let keys: BTreeSet<String> = keys().into_iter().map(|key| key.path).collect();
    assert_eq!(found, keys);
}

#[test]
fn the_schema_has_the_rules_and_the_condition_types_of_the_program() {
    let schema = schema();
    let names = |path: &str| -> BTreeSet<String> {
        let properties = schema.pointer(path).unwrap().as_object().unwrap();
        properties.keys().cloned().collect()
    };
    let rules: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.id().to_owned()).collect();
    assert_eq!(
        names("/properties/policy/properties/rules/properties"),
        rules
    );
    let terms = vocabulary::ALL
        .iter()
        .flat_map(|vocabulary| vocabulary.terms);
    let types: BTreeSet<String> = terms.map(|term| term.condition_type.to_owned()).collect();
    assert_eq!(
        names("/properties/policy/properties/extraReasons/properties"),
        types
    );
}

/// Whether a value can be set: a key, or what stands below one that is empty by default.
fn can_be_set(values: &Value, path: &str) -> bool {
    if let Some(rule) = path.strip_prefix("policy.rules.") {
        return rule == "RULE" || Rule::from_id(rule).is_some();
    }
    let mut value = values;
    for name in path.split('.') {
        match value {
            Value::Object(inner) if inner.is_empty() => return true,
            Value::Object(inner) if inner.contains_key(name) => value = &inner[name],
            _ => return false,
        }
    }
    true
}

/// In backticks, alone or as `--set` takes it.
#[test]
fn every_value_that_a_page_names_can_be_set() {
    const FILES: [&str; 3] = [".rs", ".key", ".crt"];
    let values = values();
    let mut named = 0;
    let mut faults = Vec::new();
    for (page, text) in pages() {
        for span in in_text(&text) {
            for setting in span.split([',', ' ']) {
                let path = setting.split(['=', ':']).next().unwrap_or_default();
                let is_value = path
                    .split_once('.')
                    .is_some_and(|(top, _)| values.get(top).is_some());
                if !is_value || path.contains('/') || FILES.iter().any(|end| path.ends_with(end)) {
                    continue;
                }
                if !can_be_set(&values, path) {
                    faults.push(format!("{page}: {path} in {span}"));
                }
                named += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(named > 80, "{named}");
}

fn table() -> String {
    let values = values();
    let mut table = String::from("| value | default | |\n|---|---|---|\n");
    for key in keys() {
        let default = match default_of(&values, &key.path) {
            Value::Object(inner) if !inner.is_empty() => String::new(),
            Value::String(text) if text.is_empty() => "`\"\"`".to_owned(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let comment = key.comment.replace('|', "\\|");
        let _ = writeln!(table, "| `{}` | {default} | {comment} |", key.path);
    }
    table
}

#[test]
fn the_table_of_values_in_the_readme_is_that_of_the_file() {
    let old = read("README.md");
    let (before, rest) = old.split_once("<!-- begin values -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end values -->").unwrap();
    let new = format!(
        "{before}<!-- begin values -->\n{}<!-- end values -->{after}",
        table()
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(chart().join("README.md"), new).unwrap();
    } else {
        assert!(
            old == new,
            "the chart's README.md is out of date: run UPDATE_DOCS=1 cargo test --test deploy"
        );
    }
}

#[test]
fn chart_and_program_have_one_version() {
    let chart: Value = serde_saphyr::from_str(&read("Chart.yaml")).unwrap();
    for field in ["version", "appVersion"] {
        assert_eq!(chart[field], env!("CARGO_PKG_VERSION"), "{field}");
    }
}
