//! The files under test.

use std::path::{Path, PathBuf};

use serde_json::Value;

pub const ALERTS: [&str; 3] = ["alerts.yaml", "alerts-fail.yaml", "alerts-executions.yaml"];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of `deploy/monitoring`. `tests/deploy` holds those of the chart to be the same.
pub fn deployed(name: &str) -> PathBuf {
    root().join("deploy/monitoring").join(name)
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn yaml(path: &Path) -> Value {
    serde_saphyr::from_str(&read(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is a text in {value}"))
}

pub fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key]
        .as_array()
        .unwrap_or_else(|| panic!("{key} is a list in {value}"))
}

/// Every rule of a file of alerts.
pub fn rules(file: &str) -> Vec<Value> {
    let file = yaml(&deployed(file));
    let groups = list(&file, "groups").iter();
    groups
        .flat_map(|group| list(group, "rules").to_vec())
        .collect()
}
