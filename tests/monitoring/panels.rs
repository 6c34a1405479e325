//! The dashboard as a table. `OWN` stands for the replicas that are chosen, `API` for API servers' series of the webhooks.

/// How a panel shows its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The last value, large.
    Stat,
    Lines,
    Heatmap,
    /// The last values by their labels.
    Table,
}

pub struct Panel {
    pub kind: Kind,
    pub title: &'static str,
    pub description: &'static str,
    /// As Grafana names it.
    pub unit: &'static str,
    /// Expressions, each with the name of its series.
    pub queries: &'static [(&'static str, &'static str)],
}

pub struct Row {
    pub title: &'static str,
    pub panels: &'static [Panel],
}

pub const ROWS: [Row; 8] = [
    Row {
        title: "Health",
        panels: &[
            Panel {
                kind: Kind::Stat,
                title: "Replicas",
                description: "Replicas that answer Prometheus. Under failurePolicy Fail, two are the least.",
                unit: "short",
                queries: &[("count(wfe_webhook_build_info{OWN})", "")],
            },
            Panel {
                kind: Kind::Stat,
                title: "Reviews within 50 ms",
                description: "Of all requests but those at fault themselves, in the time shown. The objective is 99.9 %.",
                unit: "percentunit",
                queries: &[(
                    r#"sum(increase(wfe_webhook_admission_duration_seconds_bucket{OWN, le="0.05"}[$__range])) / sum(increase(wfe_webhook_admission_requests_total{OWN, outcome!="invalid"}[$__range]))"#,
                    "",
                )],
            },
            Panel {
                kind: Kind::Stat,
                title: "Writes refused",
                description: "Writes that /validate refused in the time shown, without dry runs.",
                unit: "short",
                queries: &[(
                    r#"sum(increase(wfe_webhook_admission_requests_total{OWN, outcome="denied", dry_run="false"}[$__range]))"#,
                    "",
                )],
            },
            Panel {
                kind: Kind::Stat,
                title: "Calls that failed",
                description: "Calls of API servers in the time shown that ended otherwise than with a verdict.",
                unit: "short",
                queries: &[(
                    r#"sum(increase(apiserver_admission_webhook_request_total{API}[$__range])) - sum(increase(apiserver_admission_webhook_request_total{API, code=~"200|422"}[$__range]))"#,
                    "",
                )],
            },
            Panel {
                kind: Kind::Stat,
                title: "Next certificate ends in",
                description: "The serving certificate, the CA of the webhook's own, or the clients' CA, whichever ends first.",
                unit: "s",
                queries: &[(
                    "min(wfe_webhook_tls_certificate_not_after_seconds{OWN}) - time()",
                    "",
                )],
            },
        ],
    },
    Row {
        title: "Traffic",
        panels: &[
            Panel {
                kind: Kind::Lines,
                title: "Requests by outcome",
                description: "Of the writes that were judged: one request to each webhook, more where the API server repeats a round, none where nothing is to say.",
                unit: "reqps",
                queries: &[(
                    "sum by (webhook, outcome) (rate(wfe_webhook_admission_requests_total{OWN}[$__rate_interval])) > 0",
                    "{{webhook}} {{outcome}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Requests by replica",
                description: "API servers keep their connections, so replicas need not have equal shares.",
                unit: "reqps",
                queries: &[(
                    "sum by (instance) (rate(wfe_webhook_admission_requests_total{OWN}[$__rate_interval]))",
                    "{{instance}}",
                )],
            },
        ],
    },
    Row {
        title: "Latency",
        panels: &[
            Panel {
                kind: Kind::Heatmap,
                title: "Latency of reviews",
                description: "From the end of a request's head to its answer, both webhooks. Color: reviews.",
                unit: "s",
                queries: &[(
                    "sum by (le) (increase(wfe_webhook_admission_duration_seconds_bucket{OWN}[$__rate_interval]))",
                    "{{le}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Latency by webhook",
                description: "The median and the 99th percentile, as the webhook measures them.",
                unit: "s",
                queries: &[
                    (
                        "histogram_quantile(0.5, sum by (le, webhook) (rate(wfe_webhook_admission_duration_seconds_bucket{OWN}[$__rate_interval])))",
                        "{{webhook}} p50",
                    ),
                    (
                        "histogram_quantile(0.99, sum by (le, webhook) (rate(wfe_webhook_admission_duration_seconds_bucket{OWN}[$__rate_interval])))",
                        "{{webhook}} p99",
                    ),
                ],
            },
        ],
    },
    Row {
        title: "Findings",
        panels: &[
            Panel {
                kind: Kind::Lines,
                title: "Findings by rule and action",
                description: "What /validate found in the writes that it judged, and what was done about it after the mode's cap. Inherited: the stored object has it already.",
                unit: "cps",
                queries: &[(
                    "sum by (rule, action) (rate(wfe_webhook_findings_total{OWN}[$__rate_interval]))",
                    "{{rule}} {{action}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Names that no vocabulary has",
                description: "Condition types, reasons and phases. After an upgrade of kubernaut: it is newer than the webhook.",
                unit: "cps",
                queries: &[(
                    r#"sum by (rule, condition) (rate(wfe_webhook_findings_total{OWN, rule=~"condition-unknown-type|reason-not-allowed|phase-unknown"}[$__rate_interval]))"#,
                    "{{rule}} {{condition}}",
                )],
            },
            Panel {
                kind: Kind::Table,
                title: "What enforcing would refuse",
                description: "Findings in the time shown of rules that refuse by default, and that only led to a warning or an audit annotation.",
                unit: "short",
                queries: &[(
                    r#"sum by (rule, condition, action) (increase(wfe_webhook_findings_total{OWN, action=~"audit|warn", rule!~"condition-missing|generation-ahead|transition-time"}[$__range]))"#,
                    "",
                )],
            },
            Panel {
                kind: Kind::Table,
                title: "What is refused",
                description: "Findings in the time shown that refused a write.",
                unit: "short",
                queries: &[(
                    r#"sum by (rule, condition) (increase(wfe_webhook_findings_total{OWN, action="deny"}[$__range]))"#,
                    "",
                )],
            },
        ],
    },
    Row {
        title: "Conditions and phases",
        panels: &[
            Panel {
                kind: Kind::Lines,
                title: "Conditions derived",
                description: "What /mutate added, restored, renewed or removed, or would have under completion audit.",
                unit: "cps",
                queries: &[(
                    "sum by (condition, change) (rate(wfe_webhook_conditions_derived_total{OWN}[$__rate_interval]))",
                    "{{change}} {{condition}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Conditions that changed",
                description: "Conditions whose status changed in a write that was allowed.",
                unit: "cps",
                queries: &[(
                    "sum by (condition, status) (rate(wfe_webhook_condition_transitions_total{OWN}[$__rate_interval]))",
                    "{{condition}} {{status}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Phase transitions",
                description: "Phases that changed in a write that was allowed.",
                unit: "cps",
                queries: &[(
                    "sum by (from, to) (rate(wfe_webhook_phase_transitions_total{OWN}[$__rate_interval]))",
                    "{{from}} to {{to}}",
                )],
            },
            Panel {
                kind: Kind::Table,
                title: "How executions end",
                description: "The complete conditions that were set in the time shown, with their reasons.",
                unit: "short",
                queries: &[(
                    r#"sum by (condition, status, reason) (increase(wfe_webhook_condition_transitions_total{OWN, condition=~".*Complete"}[$__range]))"#,
                    "",
                )],
            },
        ],
    },
    Row {
        title: "Saturation",
        panels: &[
            Panel {
                kind: Kind::Lines,
                title: "Requests in flight",
                description: "Reviews that are judged or answered, and bodies that are read. Beyond server.maxInFlight the answer is 429.",
                unit: "short",
                queries: &[
                    (
                        "max by (instance) (wfe_webhook_in_flight_requests{OWN})",
                        "{{instance}} in flight",
                    ),
                    (
                        "max by (instance) (wfe_webhook_reading_requests{OWN})",
                        "{{instance}} reading",
                    ),
                ],
            },
            Panel {
                kind: Kind::Lines,
                title: "Connections",
                description: "Open ones as a share of those that may be open. At the limit the one that has been idle longest is closed for each new one.",
                unit: "percentunit",
                queries: &[(
                    "max by (instance, port) (wfe_webhook_open_connections{OWN} / wfe_webhook_max_connections{OWN})",
                    "{{instance}} {{port}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Sent away, out of time, lost",
                description: "Requests that got no review: 429 for want of a place, a late body or caller, a fault of the program.",
                unit: "reqps",
                queries: &[(
                    r#"sum by (outcome) (rate(wfe_webhook_admission_requests_total{OWN, outcome=~"shed|timeout|error"}[$__rate_interval]))"#,
                    "{{outcome}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Connections that ended early",
                description: "Otherwise than by their client between two requests.",
                unit: "cps",
                queries: &[(
                    "sum by (port, reason) (rate(wfe_webhook_connections_closed_total{OWN}[$__rate_interval]))",
                    "{{port}} {{reason}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Troubles",
                description: "Faults of the program, connections that could not be accepted, handshakes that failed, lines that the log lost, Events that were not recorded.",
                unit: "cps",
                queries: &[
                    (
                        "sum(rate(wfe_webhook_panics_total{OWN}[$__rate_interval]))",
                        "faults of the program",
                    ),
                    (
                        "sum(rate(wfe_webhook_accept_failures_total{OWN}[$__rate_interval]))",
                        "not accepted",
                    ),
                    (
                        "sum(rate(wfe_webhook_tls_handshake_failures_total{OWN}[$__rate_interval]))",
                        "failed handshakes",
                    ),
                    (
                        "sum(rate(wfe_webhook_log_lines_lost_total{OWN}[$__rate_interval]))",
                        "lost lines",
                    ),
                    (
                        "sum by (result) (rate(wfe_webhook_events_total{OWN, result=~\"dropped|failed\"}[$__rate_interval]))",
                        "Events {{result}}",
                    ),
                ],
            },
            Panel {
                kind: Kind::Lines,
                title: "Memory",
                description: "Resident memory of the process.",
                unit: "bytes",
                queries: &[("process_resident_memory_bytes{OWN}", "{{instance}}")],
            },
            Panel {
                kind: Kind::Lines,
                title: "CPU",
                description: "Cores in use.",
                unit: "short",
                queries: &[(
                    "sum by (instance) (rate(process_cpu_seconds_total{OWN}[$__rate_interval]))",
                    "{{instance}}",
                )],
            },
        ],
    },
    Row {
        title: "TLS",
        panels: &[
            Panel {
                kind: Kind::Lines,
                title: "Certificates end in",
                description: "A line that falls to 0 is a certificate that is not renewed.",
                unit: "s",
                queries: &[(
                    "min by (instance, certificate) (wfe_webhook_tls_certificate_not_after_seconds{OWN}) - time()",
                    "{{instance}} {{certificate}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Changed certificate files",
                description: "By whether what they hold is served now.",
                unit: "short",
                queries: &[(
                    "sum by (instance, result) (increase(wfe_webhook_tls_reloads_total{OWN}[$__rate_interval]))",
                    "{{instance}} {{result}}",
                )],
            },
        ],
    },
    Row {
        title: "As API servers see it",
        panels: &[
            Panel {
                kind: Kind::Lines,
                title: "Calls by code",
                description: "200 and 422 are verdicts. 503: the call failed. 429: sent away.",
                unit: "reqps",
                queries: &[(
                    "sum by (name, code) (rate(apiserver_admission_webhook_request_total{API}[$__rate_interval]))",
                    "{{name}} {{code}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Latency of calls, p99",
                description: "With network and TLS. The smallest bucket of an API server is 5 ms.",
                unit: "s",
                queries: &[(
                    "histogram_quantile(0.99, sum by (le, name) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket{API}[$__rate_interval])))",
                    "{{name}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Writes that passed without a call",
                description: "The call failed, and failurePolicy is Ignore.",
                unit: "reqps",
                queries: &[(
                    "sum by (name) (rate(apiserver_admission_webhook_fail_open_count{API}[$__rate_interval]))",
                    "{{name}}",
                )],
            },
            Panel {
                kind: Kind::Lines,
                title: "Writes refused",
                description: "no_error: by a verdict. calling_webhook_error: the call failed under Fail. apiserver_internal_error: the answer could not be used.",
                unit: "reqps",
                queries: &[(
                    "sum by (name, error_type) (rate(apiserver_admission_webhook_rejection_count{API}[$__rate_interval]))",
                    "{{name}} {{error_type}}",
                )],
            },
        ],
    },
];
