//! `--events`: why a write was refused, in what `kubectl describe` shows of the object.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::control_plane::ADMIN;
use crate::control_plane::guarded::wait_until;
use crate::object::{Group, Object};
use crate::samples::sum;
use crate::scene::{Scene, plane_with_crds, succeed};

const TIME: &str = "2026-11-20T10:00:00Z";
const LATER: &str = "2026-11-20T10:05:00Z";

/// What the server gives the API server for one Event. No review may take as long.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

async fn scene(namespace: &str, flags: &[&str]) -> Scene {
    let kubeconfig = plane_with_crds().kubeconfig(ADMIN);
    let flags = [&["--events"], flags].concat();
    Scene::with_kubeconfig(namespace, &kubeconfig, &flags).await
}

fn created(time: &str, reason: &str) -> Value {
    json!({
        "type": "TektonPipelineCreated",
        "status": "True",
        "reason": reason,
        "message": "",
        "lastTransitionTime": time,
    })
}

fn running(condition: &Value) -> Value {
    json!({"phase": "Running", "startTime": TIME, "conditions": [condition]})
}

/// Refused by `reason-format`.
async fn write_refused(object: &Object) {
    let refused = object.merge(running(&created(TIME, "created_it"))).await;
    refused.unwrap_err();
}

/// Stored, with a warning by `transition-time` from the second time on.
async fn write_warned(object: &Object, time: &str) {
    let status = running(&created(time, "PipelineCreated"));
    object.merge(status).await.unwrap();
}

fn count(scene: &Scene, result: &str) -> u64 {
    let labels = [("result", result)];
    sum(&scene.metrics(), "wfe_webhook_events_total", &labels)
}

fn wait_for(scene: &Scene, result: &str, expected: u64) {
    wait_until(&format!("{expected} {result}"), || {
        (count(scene, result) >= expected).then_some(())
    });
    assert_eq!(count(scene, result), expected, "{result}");
}

/// The Events of the scene's namespace, oldest first.
fn events(scene: &Scene) -> Vec<Value> {
    let arguments = ["get", "events", "--sort-by=.metadata.creationTimestamp"];
    let printed = succeed(scene.kubectl().args(arguments).arg("--output=json"));
    let list: Value = serde_json::from_str(&printed).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// The rows of the table of Events that `kubectl describe` prints of an object: type, reason, age, from whom, and message.
fn described(scene: &Scene, object: &Object) -> Vec<String> {
    let printed = succeed(scene.kubectl().args(["describe", &object.kubectl_name()]));
    let (_, events) = printed.split_once("\nEvents:\n").unwrap_or_default();
    let rows = events.lines().skip(2);
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[tokio::test]
async fn kubectl_describe_shows_why_a_write_was_refused_and_what_was_warned_of() {
    let scene = scene("events", &[]).await;
    let object = scene.create(Group::Tekton, "described").await;
    write_warned(&object, TIME).await;
    write_warned(&object, LATER).await;
    write_refused(&object).await;
    wait_for(&scene, "recorded", 2);
    let mut rows = described(&scene, &object);
    rows.sort();
    let expected = [
        (
            "Warning reason-format ",
            " wfe-webhook refused: status.conditions[0].reason: Invalid value: \"created_it\": must be CamelCase: ASCII letters and digits, the first an upper-case letter [reason-format]",
        ),
        (
            "Warning transition-time ",
            " wfe-webhook warning: status.conditions[0].lastTransitionTime: \"2026-11-20T10:05:00Z\" moved though status stays \"True\" [transition-time]",
        ),
    ];
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    for (row, (begin, end)) in rows.iter().zip(expected) {
        assert!(row.starts_with(begin) && row.ends_with(end), "{row}");
    }
}

#[tokio::test]
async fn the_words_are_those_that_the_writer_reads_in_either_group() {
    let scene = scene("events-words", &[]).await;
    for (number, group) in [Group::Tekton, Group::Kubernaut].into_iter().enumerate() {
        let object = scene.create(group, "words").await;
        let status = json!({"phase": "Running", "startTime": TIME, "conditions": [
            {"type": "Anything", "status": "True", "reason": "Any", "message": "", "lastTransitionTime": TIME},
        ]});
        let refused = object.merge(status).await.unwrap_err().message;
        wait_for(&scene, "recorded", number as u64 + 1);
        let [row] = <[String; 1]>::try_from(described(&scene, &object)).unwrap();
        let (_, line) = row.split_once(" wfe-webhook refused: ").unwrap();
        assert!(refused.ends_with(line), "{line} is not in {refused}");
    }
}

#[tokio::test]
async fn an_event_names_object_and_rule() {
    let scene = scene("events-whole", &[]).await;
    let object = scene.create(Group::Tekton, "whole").await;
    write_refused(&object).await;
    wait_for(&scene, "recorded", 1);
    let [event] = <[Value; 1]>::try_from(events(&scene)).unwrap();
    let stored = object.stored().await;
    assert_eq!(
        event["involvedObject"],
        json!({
            "apiVersion": "workflowexecution.kubernaut.ai/v1alpha1",
            "kind": "WorkflowExecution",
            "namespace": "events-whole",
            "name": "whole",
            "uid": stored["metadata"]["uid"],
        })
    );
    for (field, value) in [
        ("type", json!("Warning")),
        ("reason", json!("reason-format")),
        ("count", json!(1)),
        ("source", json!({"component": "wfe-webhook"})),
        ("reportingComponent", json!("wfe-webhook")),
    ] {
        assert_eq!(event[field], value, "{field}");
    }
    assert_eq!(event["firstTimestamp"], event["lastTimestamp"]);
    let table = succeed(scene.kubectl().args(["get", "events"]));
    assert!(
        table.contains("workflowexecution/whole") && table.contains("[reason-format]"),
        "{table}"
    );
}

#[tokio::test]
async fn repeated_refusals_are_one_event_also_of_two_replicas() {
    // So long that no new interval begins meanwhile: all replicas begin it at the same time.
    let flags = ["--events-interval", "87600h"];
    let scene = scene("events-repeated", &flags).await;
    let object = scene.create(Group::Tekton, "repeated").await;
    for _ in 0..5 {
        write_refused(&object).await;
    }
    wait_for(&scene, "aggregated", 4);
    wait_for(&scene, "recorded", 1);
    // Another replica in its place, which remembers nothing.
    let replica = self::scene("events-repeated", &flags).await;
    write_refused(&object).await;
    wait_for(&replica, "aggregated", 1);
    assert_eq!(count(&replica, "recorded"), 0);
    assert_eq!(events(&scene).len(), 1);
}

#[tokio::test]
async fn the_next_event_tells_how_often_it_happened_since_the_last() {
    let interval = Duration::from_secs(5);
    let scene = scene("events-counted", &["--events-interval", "5s"]).await;
    let object = scene.create(Group::Tekton, "counted").await;
    let first = Instant::now();
    for _ in 0..3 {
        write_refused(&object).await;
    }
    wait_for(&scene, "recorded", 1);
    assert!(
        first.elapsed() < interval,
        "too slow a machine for this test"
    );
    wait_for(&scene, "aggregated", 2);
    tokio::time::sleep(interval).await;
    write_refused(&object).await;
    wait_for(&scene, "recorded", 2);
    let counts: Vec<Value> = events(&scene)
        .iter()
        .map(|event| event["count"].clone())
        .collect();
    assert_eq!(counts, [1, 3]);
    let rows = described(&scene, &object);
    assert!(rows.iter().any(|row| row.contains("(x3 over ")), "{rows:?}");
}

#[tokio::test]
async fn dry_runs_exempt_writers_and_a_server_without_the_flag_make_none() {
    let scene = scene("events-none", &["--exempt-user", "repairer"]).await;
    let object = scene.create(Group::Tekton, "none").await;
    let status = running(&created(TIME, "created_it"));
    object.put_dry_run(status.clone()).await.unwrap_err();
    scene.grant("repairer");
    let exempt = object.as_user("repairer").await;
    exempt.merge(status).await.unwrap();
    // The queue keeps the order, so that these two would have come before.
    let marker = scene.create(Group::Tekton, "marker").await;
    write_refused(&marker).await;
    wait_for(&scene, "recorded", 1);
    assert_eq!(events(&scene)[0]["involvedObject"]["name"], "marker");
    assert_eq!(events(&scene).len(), 1);

    let shared = Scene::shared().await;
    let object = shared.create(Group::Tekton, "without-events").await;
    write_refused(&object).await;
    for result in ["recorded", "aggregated", "dropped", "failed"] {
        assert_eq!(count(shared, result), 0, "{result}");
    }
}

/// A kubeconfig for an API server at this address, which is another one than the one that calls the webhook.
fn kubeconfig_of(address: SocketAddr, folder: &Path) -> PathBuf {
    let path = folder.join("kubeconfig");
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "slow",
        "clusters": [{"name": "slow", "cluster": {"server": format!("http://{address}")}}],
        "contexts": [{"name": "slow", "context": {"cluster": "slow"}}],
    });
    std::fs::write(&path, kubeconfig.to_string()).unwrap();
    path
}

/// Refused by four rules at once, as the longest of a hundred writes.
async fn slowest_of_many_refusals(scene: &Scene) -> Duration {
    let object = scene.create(Group::Tekton, "many").await;
    let condition = |condition_type: &str, reason: &str| json!({"type": condition_type, "status": "True", "reason": reason, "message": "", "lastTransitionTime": TIME});
    let status = json!({"phase": "Running", "startTime": TIME, "conditions": [
        condition("TektonPipelineCreated", "created_it"),
        condition("TektonPipelineComplete", "Completed"),
        condition("Anything", "Any"),
    ]});
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let begun = Instant::now();
        object.merge(status.clone()).await.unwrap_err();
        slowest = slowest.max(begun.elapsed());
    }
    slowest
}

#[tokio::test]
async fn reviews_do_not_wait_for_an_api_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = kubeconfig_of(listener.local_addr().unwrap(), folder.path());
    let mut scene = Scene::with_kubeconfig("events-slow", &kubeconfig, &["--events"]).await;
    let slowest = slowest_of_many_refusals(&scene).await;
    assert!(slowest < CALL_TIMEOUT / 2, "{slowest:?}");
    assert!(count(&scene, "dropped") > 0, "{}", scene.metrics());
    assert_eq!(count(&scene, "recorded"), 0);
    wait_until("a call that takes too long", || {
        let log = scene.server.log();
        log.contains("no answer within 5s").then_some(())
    });
    // Nor does the end of the server.
    let begun = Instant::now();
    let process = scene.server.process();
    process.signal("TERM");
    assert_eq!(process.wait(), 0);
    let log = scene.server.log();
    assert!(begun.elapsed() < 2 * CALL_TIMEOUT, "{log}");
    assert!(log.contains("too slow for the last Events"), "{log}");
    drop(listener);
}

#[tokio::test]
async fn reviews_do_not_wait_for_an_api_server_that_is_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    TcpStream::connect(address).unwrap_err();
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = kubeconfig_of(address, folder.path());
    let scene = Scene::with_kubeconfig("events-gone", &kubeconfig, &["--events"]).await;
    let slowest = slowest_of_many_refusals(&scene).await;
    assert!(slowest < CALL_TIMEOUT / 2, "{slowest:?}");
    wait_until("failed calls", || {
        let log = scene.server.log();
        (count(&scene, "failed") > 1 && log.contains("cannot record an Event")).then_some(())
    });
    assert_eq!(count(&scene, "recorded"), 0);
    let log = scene.server.log();
    assert_eq!(log.matches("cannot record an Event").count(), 1, "{log}");
}

#[tokio::test]
async fn what_waits_is_recorded_before_the_server_ends() {
    let mut scene = scene("events-end", &[]).await;
    let objects = ["one", "two", "three", "four"];
    for name in objects {
        write_refused(&scene.create(Group::Tekton, name).await).await;
    }
    let process = scene.server.process();
    process.signal("TERM");
    assert_eq!(process.wait(), 0, "{}", scene.server.log());
    assert_eq!(
        events(&scene).len(),
        objects.len(),
        "{}",
        scene.server.log()
    );
}
