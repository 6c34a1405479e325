//! What is counted: by the API server about the webhook, and by the webhook for Prometheus.

use serde_json::{Value, json};
use test_support::prometheus;

use crate::control_plane::free_ports;
use crate::object::Group;
use crate::samples::sum;
use crate::scene::{Scene, http_get};

const TIME: &str = "2026-11-20T10:00:00Z";

/// Many writers at once, as controllers with several workers are.
#[tokio::test]
async fn no_call_of_many_parallel_writers_fails() {
    let scene = Scene::unregistered("parallel", &[]);
    // Else most of these writes would need no call.
    scene.register(&["--match-conditions", "off"]).await;
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..16 {
        let object = scene
            .create(Group::Tekton, &format!("parallel-{number}"))
            .await;
        writers.spawn(async move {
            for completed in 0..6 {
                let status = json!({
                    "phase": "Running",
                    "startTime": TIME,
                    "pipelineRunStatus":
                        {"status": "Unknown", "completedTasks": completed, "totalTasks": 6},
                });
                object.put(status).await.unwrap();
            }
            object.conditions().await
        });
    }
    while let Some(conditions) = writers.join_next().await {
        let conditions = conditions.unwrap();
        assert_eq!(conditions.as_array().unwrap().len(), 2, "{conditions:#}");
    }
    let metrics = scene.plane.metrics();
    for webhook in ["mutate", "validate"] {
        let name = scene.webhook_name(&format!("{webhook}.wfe-webhook.kubernaut.ai"));
        let name = ("name", name.as_str());
        let requests = "apiserver_admission_webhook_request_total";
        let answered = sum(&metrics, requests, &[name, ("code", "200")]);
        assert!(answered >= 16 * 6, "{webhook}: {answered}");
        assert_eq!(
            sum(&metrics, requests, &[name]),
            answered,
            "{webhook}: all are 200"
        );
        assert_eq!(
            sum(
                &metrics,
                "apiserver_admission_webhook_fail_open_count",
                &[name]
            ),
            0,
            "{webhook}"
        );
    }
}

/// Lives and refusals, in this order: 2 lives of 3 writes, one refused write each.
async fn play(scene: &Scene) {
    for name in ["one", "two"] {
        let object = scene.create(Group::Tekton, name).await;
        object.put(json!({"phase": "Pending"})).await.unwrap();
        object
            .put(json!({"phase": "Running", "startTime": TIME}))
            .await
            .unwrap();
        object
            .put(json!({"phase": "Completed", "startTime": TIME, "completionTime": TIME}))
            .await
            .unwrap();
        assert_eq!(
            object
                .put(json!({"phase": "Running"}))
                .await
                .unwrap_err()
                .code,
            422
        );
    }
}

#[tokio::test]
async fn the_api_server_counts_no_failed_call() {
    let scene = Scene::unregistered("api-metrics", &[]);
    scene.register(&["--match-conditions", "off"]).await;
    let before = scene.plane.metrics();
    play(&scene).await;
    let after = scene.plane.metrics();
    let grown = |counter: &str, labels: &[(&str, &str)]| {
        sum(&after, counter, labels) - sum(&before, counter, labels)
    };

    for webhook in ["mutate", "validate"] {
        let name = scene.webhook_name(&format!("{webhook}.wfe-webhook.kubernaut.ai"));
        let name = ("name", name.as_str());
        let requests = "apiserver_admission_webhook_request_total";
        let well = grown(requests, &[name, ("code", "200"), ("rejected", "false")]);
        let verdicts = grown(requests, &[name, ("code", "422"), ("rejected", "true")]);
        assert_eq!(
            verdicts,
            if webhook == "validate" { 2 } else { 0 },
            "{webhook}"
        );
        assert!(
            well + verdicts >= 8,
            "{webhook}: 8 writes, {well} allowed, {verdicts} refused"
        );
        assert_eq!(
            grown(requests, &[name]),
            well + verdicts,
            "{webhook}: no call failed"
        );
        assert_eq!(
            grown("apiserver_admission_webhook_fail_open_count", &[name]),
            0,
            "{webhook}"
        );
        let rejections = "apiserver_admission_webhook_rejection_count";
        assert_eq!(
            grown(
                rejections,
                &[name, ("error_type", "no_error"), ("rejection_code", "422")]
            ),
            verdicts,
            "{webhook}"
        );
        assert_eq!(
            grown(rejections, &[name]),
            verdicts,
            "{webhook}: no rejection but the verdicts"
        );
    }
}

#[tokio::test]
async fn prometheus_scrapes_the_server_and_a_query_returns_the_counters() {
    let scene = Scene::new("prometheus").await;
    let [port] = free_ports();
    let scrape = json!({
        "job_name": "wfe-webhook",
        "static_configs": [{"targets": [scene.server.admin().to_string()]}],
    });
    let prometheus = prometheus::start(port, &[scrape], &[]);
    play(&scene).await;

    let query = |expression: &str| -> Option<Value> {
        let address = ([127, 0, 0, 1], port).into();
        serde_json::from_str(&http_get(
            address,
            &format!("/api/v1/query?query={expression}"),
        )?)
        .ok()
    };
    let counted = |counter: &'static str, labels: Value| {
        move |query: &dyn Fn(&str) -> Option<Value>| -> Option<u64> {
            let answer = query(counter)?;
            let series = answer["data"]["result"].as_array()?.iter().find(|series| {
                labels
                    .as_object()
                    .unwrap()
                    .iter()
                    .all(|(key, value)| series["metric"][key] == *value)
            })?;
            series["value"][1].as_str()?.parse().ok()
        }
    };
    // All of these count once for each write: rounds that the API server repeats never reach /validate after a PUT, and
    // count no derived condition.
    for (counter, labels, expected) in [
        (
            "wfe_webhook_admission_requests_total",
            json!({"webhook": "validate", "outcome": "denied", "dry_run": "false"}),
            2,
        ),
        (
            "wfe_webhook_findings_total",
            json!({"rule": "phase-transition", "condition": "none", "action": "deny"}),
            2,
        ),
        (
            "wfe_webhook_conditions_derived_total",
            json!({
                "condition": "TektonPipelineComplete",
                "status": "True",
                "reason": "PipelineSucceeded",
                "change": "add",
            }),
            2,
        ),
        (
            "wfe_webhook_phase_transitions_total",
            json!({"from": "Running", "to": "Completed"}),
            2,
        ),
    ] {
        let count = counted(counter, labels.clone());
        prometheus.wait_until(&format!("{counter}{labels} is {expected}"), || {
            (count(&query) == Some(expected)).then_some(())
        });
    }
    let up = query("up").unwrap();
    assert_eq!(up["data"]["result"][0]["value"][1], "1", "{up}");
}
