//! What `/metrics` shows after known traffic.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;
use test_support::prometheus::promtool;

use crate::client::{get, post};
use crate::guarded::wait_until;
use crate::reviews::{Review, condition};
use crate::server::{connect, metric, start};
use crate::webhook_server::WebhookServer;

fn ask(server: &WebhookServer, path: &str, review: &Review) {
    let body = String::from_utf8(review.body()).unwrap();
    let answer = connect(server).ask(post(path, &body));
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Asserts that a server's `/metrics` has these series with these values; 0 also stands for a series that is not there.
#[track_caller]
fn assert_counted(server: &WebhookServer, expected: &[(&str, f64)]) {
    for (series, value) in expected {
        let series = format!("wfe_webhook_{series}");
        let seen = metric(server, &series).unwrap_or(0.0);
        assert!(
            (seen - value).abs() < f64::EPSILON,
            "{series}: {seen}, not {value}"
        );
    }
}

fn completed() -> Review {
    Review::tekton()
        .status(json!({"phase": "Completed"}))
        .stored(json!({"phase": "Running"}))
}

fn unknown_type() -> Review {
    Review::tekton().status(json!({
        "phase": "Pending",
        "conditions": [condition("NoSuchType", "True", "Because")],
    }))
}

#[test]
fn requests_are_counted_by_outcome() {
    let server = start(&["--exempt-user", "mender"]);
    ask(&server, "/mutate", &completed());
    ask(&server, "/mutate", &completed().dry_run());
    ask(
        &server,
        "/mutate",
        &Review::tekton().status(json!({"phase": "Pending"})),
    );
    ask(&server, "/validate", &completed());
    ask(&server, "/validate", &unknown_type());
    ask(&server, "/validate", &unknown_type().dry_run());
    ask(&server, "/validate", &unknown_type().user("mender"));
    ask(
        &server,
        "/validate",
        &Review::tekton().set("/request/subResource", "".into()),
    );
    connect(&server)
        .ask(post("/validate", "{}"))
        .assert_refusal(400, "");
    assert_counted(
        &server,
        &[
            (
                r#"admission_requests_total{dry_run="false",outcome="patched",webhook="mutate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="true",outcome="patched",webhook="mutate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="false",outcome="allowed",webhook="mutate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="false",outcome="allowed",webhook="validate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="false",outcome="denied",webhook="validate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="true",outcome="denied",webhook="validate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="false",outcome="exempt",webhook="validate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="false",outcome="ignored",webhook="validate"}"#,
                1.0,
            ),
            (
                r#"admission_requests_total{dry_run="unknown",outcome="invalid",webhook="validate"}"#,
                1.0,
            ),
            (r#"admission_duration_seconds_count{webhook="mutate"}"#, 3.0),
            (
                r#"admission_duration_seconds_count{webhook="validate"}"#,
                5.0,
            ),
            (
                r#"admission_duration_seconds_bucket{webhook="validate",le="+Inf"}"#,
                5.0,
            ),
            ("in_flight_requests", 0.0),
            ("panics_total", 0.0),
            ("tls_handshake_failures_total", 0.0),
        ],
    );
}

#[test]
fn findings_are_counted_by_what_was_done_about_them() {
    let finding = |action: &str| {
        format!(
            r#"findings_total{{action="{action}",condition="other",rule="condition-unknown-type"}}"#
        )
    };
    let server = start(&[]);
    ask(&server, "/validate", &unknown_type());
    let stored = unknown_type().stored(json!({
        "phase": "Pending",
        "conditions": [condition("NoSuchType", "True", "Because")],
    }));
    ask(&server, "/validate", &stored);
    assert_counted(
        &server,
        &[(&finding("deny"), 1.0), (&finding("inherited"), 1.0)],
    );

    let lenient = start(&["--mode", "warn"]);
    ask(&lenient, "/validate", &unknown_type());
    assert_counted(
        &lenient,
        &[(&finding("warn"), 1.0), (&finding("deny"), 0.0)],
    );
}

#[test]
fn derived_conditions_are_counted_but_not_those_of_a_stale_round() {
    let derived = r#"conditions_derived_total{change="add",condition="TektonPipelineComplete",reason="PipelineSucceeded",status="True"}"#;
    let server = start(&[]);
    ask(&server, "/mutate", &completed());
    assert_counted(&server, &[(derived, 1.0)]);
    let stale = completed().set("/request/object/metadata/resourceVersion", "6".into());
    ask(&server, "/mutate", &stale);
    assert_counted(
        &server,
        &[
            (derived, 1.0),
            (
                r#"admission_requests_total{dry_run="false",outcome="patched",webhook="mutate"}"#,
                2.0,
            ),
        ],
    );
}

#[test]
fn transitions_are_counted_as_they_are_allowed() {
    let phase = r#"phase_transitions_total{from="Running",to="Completed"}"#;
    let complete = r#"condition_transitions_total{condition="TektonPipelineComplete",reason="PipelineSucceeded",status="True"}"#;
    let server = start(&[]);
    let review = completed().status(json!({
        "phase": "Completed",
        "conditions": [condition("TektonPipelineComplete", "True", "PipelineSucceeded")],
    }));
    ask(&server, "/validate", &review.clone().dry_run());
    ask(&server, "/mutate", &review);
    assert_counted(&server, &[(phase, 0.0), (complete, 0.0)]);
    ask(&server, "/validate", &review);
    assert_counted(&server, &[(phase, 1.0), (complete, 1.0)]);
}

#[test]
fn the_program_reports_its_version_and_its_process() {
    let server = start(&[]);
    let version = format!(r#"build_info{{version="{}"}}"#, env!("CARGO_PKG_VERSION"));
    assert_counted(&server, &[(&version, 1.0)]);
    assert!(metric(&server, "process_resident_memory_bytes").unwrap() > 0.0);
    assert!(metric(&server, "process_open_fds").unwrap() > 0.0);
}

#[test]
fn the_connections_of_each_port_are_counted_from_zero() {
    let server = start(&["--max-connections", "7"]);
    let webhooks = connect(&server);
    assert_counted(
        &server,
        &[
            (r#"max_connections{port="webhooks"}"#, 7.0),
            (r#"max_connections{port="admin"}"#, 256.0),
            (r#"open_connections{port="webhooks"}"#, 1.0),
        ],
    );
    webhooks.close();
    wait_until("it is closed", || {
        (metric(&server, r#"wfe_webhook_open_connections{port="webhooks"}"#) == Some(0.0))
            .then_some(())
    });
    for port in ["webhooks", "admin"] {
        let failures = format!(r#"wfe_webhook_accept_failures_total{{port="{port}"}}"#);
        assert_eq!(metric(&server, &failures), Some(0.0), "{failures}");
        for reason in [
            "head_timeout",
            "idle_timeout",
            "write_timeout",
            "malformed_head",
            "client_closed",
        ] {
            let closed = format!(
                r#"wfe_webhook_connections_closed_total{{port="{port}",reason="{reason}"}}"#
            );
            assert_eq!(metric(&server, &closed), Some(0.0), "{closed}");
        }
    }
}

#[test]
fn promtool_accepts_them() {
    let server = start(&[]);
    ask(&server, "/mutate", &completed());
    ask(&server, "/validate", &completed());
    ask(&server, "/validate", &unknown_type());
    let answer = get(server.admin(), "/metrics").unwrap();
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4")
    );

    let mut check = Command::new(promtool())
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    check
        .stdin
        .take()
        .unwrap()
        .write_all(answer.body.as_bytes())
        .unwrap();
    let output = check.wait_with_output().unwrap();
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    assert!(output.status.success() && words.is_empty(), "{words}");
}
