//! Prometheus and promtool, of the Debian package `prometheus`.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::guarded::Guarded;

/// Where `promtool` is: `$PROMTOOL_BIN`, else in `PATH`.
pub fn promtool() -> PathBuf {
    program("promtool", std::env::var_os("PROMTOOL_BIN"), "PROMTOOL_BIN")
}

fn server() -> PathBuf {
    let variable = std::env::var_os("PROMETHEUS_BIN");
    program("prometheus", variable, "PROMETHEUS_BIN")
}

fn program(name: &str, chosen: Option<std::ffi::OsString>, variable: &str) -> PathBuf {
    if let Some(path) = chosen.filter(|path| !path.is_empty()) {
        return path.into();
    }
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!("{name} is needed: install the Debian package prometheus, or set {variable} to its path")
        })
}

/// Starts a server on a port of the loopback address, which scrapes and evaluates the rules of some files every second.
pub fn start(port: u16, scrapes: &[Value], rules: &[PathBuf]) -> Guarded {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let configuration = directory.path().join("prometheus.json");
    let text = json!({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "scrape_configs": scrapes,
        "rule_files": rules,
    });
    // JSON is YAML.
    std::fs::write(&configuration, text.to_string()).expect("a temporary file");
    let mut command = Command::new(server());
    command
        .arg("--config.file")
        .arg(&configuration)
        .arg("--storage.tsdb.path")
        .arg(directory.path().join("data"))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    Guarded::spawn("prometheus", &command, directory)
}
