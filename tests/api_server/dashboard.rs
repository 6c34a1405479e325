//! The dashboard on a real Prometheus, which scrapes a server and an API server under load: no panel is empty. The alerts
//! are evaluated beside it, and the queries of the documentation are asked too.
//!
//! `DRAW_DASHBOARD=1` puts the load on for two minutes, and draws the panels into `docs/img`.

mod draw;
mod load;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use test_support::prometheus;

use crate::control_plane::free_ports;
use crate::control_plane::guarded::Guarded;
use crate::scene::http_get;

/// What Grafana puts in for a scrape every second.
const RATE_INTERVAL: &str = "15s";
/// The job of the replicas, of which Grafana finds the name by their series.
const JOB: &str = "wfe-webhook";
/// The time that is shown.
const RANGE: &str = "5m";

/// Panels of which nothing but zero may come: no files are changed, and a scrape need not meet a request.
const MAY_BE_ZERO: [&str; 2] = ["Changed certificate files", "Requests in flight"];

/// Both jobs under load, and a Prometheus.
struct Watched {
    prometheus: Guarded,
    port: u16,
}

/// A series of an answer: its labels, and its values by time.
struct Series {
    labels: Value,
    values: Vec<(f64, f64)>,
}

impl Watched {
    fn new(admin: &str, api_server: &str, certificate: &Path) -> Self {
        let [port] = free_ports();
        let target = |address: &str| json!([{"targets": [address]}]);
        let scrapes = [
            json!({"job_name": JOB, "static_configs": target(admin)}),
            json!({
                "job_name": "apiserver",
                "scheme": "https",
                "authorization": {"credentials": "admin-token"},
                "tls_config": {"ca_file": certificate},
                "static_configs": target(api_server.trim_start_matches("https://")),
            }),
        ];
        let rules = ["alerts.yaml", "alerts-fail.yaml", "alerts-executions.yaml"];
        let rules = rules.map(|file| root().join("deploy/monitoring").join(file));
        Self {
            prometheus: prometheus::start(port, &scrapes, &rules),
            port,
        }
    }

    fn ask(&self, path: &str) -> Option<Value> {
        let answer = http_get(([127, 0, 0, 1], self.port).into(), path)?;
        serde_json::from_str(&answer).ok()
    }

    /// What a query gives now; nothing when it is refused.
    fn now(&self, query: &str) -> Option<Vec<Series>> {
        let answer = self.ask(&format!("/api/v1/query?query={}", encoded(query)))?;
        series(&answer, "value")
    }

    /// What a query gave each second.
    fn over_time(&self, query: &str, seconds: u64) -> Vec<Series> {
        let end = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap()
            .as_secs();
        let path = format!(
            "/api/v1/query_range?query={}&start={}&end={end}&step=1",
            encoded(query),
            end - seconds
        );
        let answer = self.ask(&path).and_then(|answer| series(&answer, "values"));
        answer.unwrap_or_else(|| panic!("{query} is answered"))
    }
}

fn series(answer: &Value, key: &str) -> Option<Vec<Series>> {
    let result = answer["data"]["result"].as_array()?;
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    let of_one = |it: &Value| -> Option<Series> {
        let points = match &it[key] {
            Value::Array(points) if key == "values" => points.clone(),
            point => vec![point.clone()],
        };
        let points = points
            .iter()
            .filter_map(|point| Some((point[0].as_f64()?, number(&point[1])?)));
        Some(Series {
            labels: it["metric"].clone(),
            values: points.filter(|(_, value)| value.is_finite()).collect(),
        })
    };
    Some(result.iter().filter_map(of_one).collect())
}

/// A query as part of a URL.
fn encoded(query: &str) -> String {
    query
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

/// The rows of the dashboard with their panels.
fn rows() -> Vec<(String, Vec<Value>)> {
    let dashboard: Value = serde_json::from_str(&read("deploy/monitoring/dashboard.json")).unwrap();
    let mut rows: Vec<(String, Vec<Value>)> = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        if panel["type"] == "row" {
            rows.push((panel["title"].as_str().unwrap().to_owned(), Vec::new()));
        } else {
            rows.last_mut().unwrap().1.push(panel.clone());
        }
    }
    rows
}

/// The queries of a panel, with its variables put in.
fn queries(panel: &Value) -> Vec<String> {
    let targets = panel["targets"].as_array().unwrap().iter();
    targets
        .map(|target| {
            let query = target["expr"].as_str().unwrap();
            let query = query.replace("$__rate_interval", RATE_INTERVAL);
            let query = query.replace("$__range", RANGE);
            let query = query.replace("$job", JOB).replace("$instance", ".+");
            assert!(!query.contains('$'), "{query}");
            query
        })
        .collect()
}

/// The queries of a page, one a line.
fn queries_of_page(page: &str) -> Vec<String> {
    let page = read(page);
    let fences = page.split("```promql\n").skip(1);
    fences
        .flat_map(|rest| rest.split("\n```").next().unwrap().lines())
        .map(str::to_owned)
        .collect()
}

/// The panels, or single queries of them, that show nothing.
fn empty(watched: &Watched) -> Vec<String> {
    let mut empty = Vec::new();
    for (row, panels) in rows() {
        for panel in panels {
            let title = panel["title"].as_str().unwrap();
            let mut is_zero = true;
            for query in queries(&panel) {
                let found = watched.now(&query).unwrap_or_default();
                let values: Vec<f64> = found
                    .iter()
                    .flat_map(|series| series.values.iter().map(|(_, value)| *value))
                    .collect();
                if values.is_empty() {
                    empty.push(format!("{row}: {title}: {query}"));
                }
                is_zero &= values.iter().all(|value| *value == 0.0);
            }
            if is_zero && !MAY_BE_ZERO.contains(&title) {
                empty.push(format!("{row}: {title}: zero"));
            }
        }
    }
    for query in queries_of_page("docs/metrics.md") {
        if watched.now(&query).is_none_or(|found| found.is_empty()) {
            empty.push(format!("docs/metrics.md: {query}"));
        }
    }
    empty
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_panel_of_the_dashboard_is_empty_under_load() {
    let load = load::Load::start().await;
    let admin = load.scene.server.admin().to_string();
    let plane = load.scene.plane;
    let watched = Watched::new(&admin, plane.url(), &plane.certificate());
    let drawn = std::env::var_os("DRAW_DASHBOARD").is_some();
    let began = std::time::Instant::now();

    let mut left = vec!["nothing asked yet".to_owned()];
    while !left.is_empty() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        left = empty(&watched);
        assert!(began.elapsed() < Duration::from_secs(120), "{left:#?}");
    }

    for page in ["docs/runbook.md", "docs/errors.md"] {
        for query in queries_of_page(page) {
            assert!(watched.now(&query).is_some(), "{page}: {query}");
        }
    }
    watched
        .prometheus
        .wait_until("every rule was evaluated", || {
            let answer = watched.ask("/api/v1/rules")?;
            let groups = answer["data"]["groups"].as_array()?;
            let mut rules = groups
                .iter()
                .flat_map(|group| group["rules"].as_array().unwrap());
            assert!(groups.len() >= 4);
            rules.all(|rule| rule["health"] == "ok").then_some(())
        });

    if drawn {
        let rest = Duration::from_secs(120).saturating_sub(began.elapsed());
        tokio::time::sleep(rest).await;
        draw::all(&watched, &rows(), &root().join("docs/img"));
    }
    load.stop().await;
}
