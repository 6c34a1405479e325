//! Alerts, dashboard and the configuration for kube-state-metrics: they fire, they are well-formed, and they name only what
//! exists. `tests/api_server` runs the dashboard's queries on a real Prometheus.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on must end with a message"
)]

mod alerts;
mod dashboard;
mod exported;
mod expression;
mod files;
mod known;
mod page;
mod panels;
mod state_metrics;
