//! The metrics that the program exports: `docs/metrics.md` is generated from them, and pages name no others.
//! `UPDATE_DOCS=1 cargo test --test docs` writes the page anew.

use std::fmt::Write as _;

use crate::exported::{self, Metric, Values};
use crate::pages;

const PAGE: &str = "docs/metrics.md";

/// Before the names of the product's own metrics.
const PREFIX: &str = "wfe_webhook_";

/// What is asked of a metric most often. `tests/api_server` runs each on a real Prometheus.
const QUERIES: [(&str, &str, &str); 16] = [
    (
        "accept_failures_total",
        "Failures a second",
        "sum by (port) (rate(wfe_webhook_accept_failures_total[5m]))",
    ),
    (
        "admission_duration_seconds",
        "99th percentile",
        "histogram_quantile(0.99, sum by (le, webhook) (rate(wfe_webhook_admission_duration_seconds_bucket[5m])))",
    ),
    (
        "admission_requests_total",
        "Share of the writes that were refused",
        "sum(rate(wfe_webhook_admission_requests_total{webhook=\"validate\", outcome=\"denied\", dry_run=\"false\"}[1h])) / sum(rate(wfe_webhook_admission_requests_total{webhook=\"validate\", dry_run=\"false\"}[1h]))",
    ),
    (
        "build_info",
        "Replicas that answer Prometheus, by version",
        "count by (version) (wfe_webhook_build_info)",
    ),
    (
        "condition_transitions_total",
        "How executions end",
        "sum by (condition, status, reason) (increase(wfe_webhook_condition_transitions_total{condition=~\".*Complete\"}[1d]))",
    ),
    (
        "conditions_derived_total",
        "What writers leave to the webhook",
        "sum by (condition, change) (increase(wfe_webhook_conditions_derived_total[1d]))",
    ),
    (
        "connections_closed_total",
        "Connections that ended early, by why",
        "sum by (reason) (rate(wfe_webhook_connections_closed_total{port=\"webhooks\"}[5m]))",
    ),
    (
        "events_total",
        "Events that were not recorded",
        "sum by (result) (increase(wfe_webhook_events_total{result=~\"dropped|failed\"}[1d]))",
    ),
    (
        "findings_total",
        "What is refused, by rule and condition",
        "sum by (rule, condition) (increase(wfe_webhook_findings_total{action=\"deny\"}[1d]))",
    ),
    (
        "in_flight_requests",
        "Per replica",
        "max by (instance) (wfe_webhook_in_flight_requests)",
    ),
    (
        "open_connections",
        "Share of the connections that may be open",
        "max by (instance) (wfe_webhook_open_connections{port=\"webhooks\"} / wfe_webhook_max_connections{port=\"webhooks\"})",
    ),
    (
        "panics_total",
        "Faults of the program",
        "sum(increase(wfe_webhook_panics_total[1d]))",
    ),
    (
        "phase_transitions_total",
        "Executions that failed in a day",
        "sum(increase(wfe_webhook_phase_transitions_total{to=\"Failed\"}[1d]))",
    ),
    (
        "tls_certificate_not_after_seconds",
        "Days until it expires",
        "min by (certificate) (wfe_webhook_tls_certificate_not_after_seconds - time()) / 86400",
    ),
    (
        "tls_handshake_failures_total",
        "Failures a second",
        "sum(rate(wfe_webhook_tls_handshake_failures_total[5m]))",
    ),
    (
        "tls_reloads_total",
        "Certificate files that were not taken",
        "sum by (instance) (increase(wfe_webhook_tls_reloads_total{result=\"failure\"}[1d]))",
    ),
];

#[test]
fn the_page_of_metrics_is_what_the_program_exports() {
    let path = pages::root().join(PAGE);
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "{PAGE} is out of date: run UPDATE_DOCS=1 cargo test --test docs, and look at what changed"
    );
}

fn page() -> String {
    let (own, process): (Vec<Metric>, Vec<Metric>) = exported::all()
        .into_iter()
        .partition(|metric| metric.name.starts_with(PREFIX));
    let mut page = String::from(
        "<!-- Written by `UPDATE_DOCS=1 cargo test --test docs`: change the program or the queries in \
         tests/docs/metrics.rs, not this file. -->

# Metrics

What `/metrics` on the admin port has, over plain HTTP. Alerts and a dashboard that use it are in
[monitoring.md](monitoring.md).

Everything counts *rounds*, that is, what was answered: an API server repeats a round now and then and discards the
first answer, so a webhook cannot know what was stored. Writes for which an API server makes [no
call](operations.md#calls-that-are-left-out), such as those of a run's progress, are not counted. Names of conditions, reasons and phases are those of the
[vocabularies](rules.md#condition-types-and-reasons); what no vocabulary has is `other`, and what concerns no
condition is `none`. No label has the name of an object, a namespace, a user or free text. A counter without labels,
and one whose values are all known beforehand, is there from the start at 0; `findings_total`,
`conditions_derived_total` and both `…_transitions_total` appear with the first count of each combination.

| metric | type | labels |
|---|---|---|
",
    );
    for metric in &own {
        let labels: Vec<String> = names(metric).map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            page,
            "| [`{0}`](#{0}) | {1} | {2} |",
            metric.name,
            metric.kind,
            labels.join(", ")
        );
    }
    for metric in &own {
        write_metric(&mut page, metric);
    }
    page.push_str("\n## The process\n\n| metric | type | |\n|---|---|---|\n");
    for metric in &process {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            metric.name, metric.kind, metric.help
        );
    }
    page
}

fn names(metric: &Metric) -> impl Iterator<Item = &str> {
    let mut names: Vec<&str> = metric
        .labels
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.into_iter()
}

fn write_metric(page: &mut String, metric: &Metric) {
    let _ = write!(
        page,
        "\n## `{}`\n\n{} A {}.\n",
        metric.name, metric.help, metric.kind
    );
    if !metric.labels.is_empty() {
        page.push_str("\n| label | values |\n|---|---|\n");
    }
    for name in names(metric) {
        let (_, values) = metric
            .labels
            .iter()
            .find(|(known, _)| known == name)
            .expect("a label of the metric");
        let values = match values {
            Values::Of(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                values.join(", ")
            }
            Values::Reason => {
                "a reason of the condition in that status ([rules.md](rules.md#condition-types-and-reasons)), or `other`".to_owned()
            }
            Values::Version => "of the program".to_owned(),
        };
        let _ = writeln!(page, "| `{name}` | {values} |");
    }
    let own = metric.name.trim_start_matches(PREFIX);
    if let Some((_, title, query)) = QUERIES.iter().find(|(name, ..)| *name == own) {
        let _ = write!(page, "\n{title}:\n\n```promql\n{query}\n```\n");
    }
}

#[test]
fn every_query_is_of_an_exported_metric() {
    let exported = exported::all();
    for (name, _, query) in QUERIES {
        let name = format!("{PREFIX}{name}");
        assert!(
            exported.iter().any(|metric| metric.name == name),
            "no {name}"
        );
        assert!(query.contains(&name), "{query}");
    }
}

#[test]
fn every_metric_that_a_page_names_is_exported() {
    let exported = exported::all();
    let mut faults = Vec::new();
    for page in pages::all() {
        for word in page
            .text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        {
            let metric = [PREFIX, "process_"].iter().any(|prefix| {
                word.strip_prefix(prefix)
                    .is_some_and(|name| !name.is_empty())
            });
            let base = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|suffix| word.strip_suffix(suffix))
                .unwrap_or(word);
            let known = exported
                .iter()
                .any(|known| known.name == word || known.name == base);
            if metric && !known {
                faults.push(format!("{}: nothing exports {word}", page.name));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
