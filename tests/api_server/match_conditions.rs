//! An API server that is given `matchConditions` stores and refuses what one without them does, with fewer calls.

use std::sync::OnceLock;

use serde_json::{Value, json};
use test_support::pieces::wrong_types;
use test_support::properties::write::Write;

use crate::control_plane::ControlPlane;
use crate::object::{Group, Written};
use crate::samples::sum;
use crate::scene::{Scene, generate_registration, plane_with_crds};

const START: &str = "2026-11-20T10:00:00Z";
const END: &str = "2026-11-20T10:01:12Z";
const MARK: &str = " (derived by wfe-webhook)";

/// Two namespaces whose servers are alike. The API server calls the one for every write, and the other as it is told.
struct Pair {
    all: Scene,
    some: Scene,
}

impl Pair {
    async fn on(plane: &'static ControlPlane, name: &str, vocabulary: &str) -> Self {
        let scene = async |kind: &str, conditions: &str| {
            let namespace = format!("{name}-{kind}");
            let serve = ["--vocabulary", vocabulary, "--rule=generation-ahead=deny"];
            let scene = Scene::unregistered_on(plane, &namespace, &serve);
            let url = format!("https://localhost:{}", scene.server.port());
            let flags = [
                "--url",
                &url,
                "--vocabulary",
                vocabulary,
                "--match-conditions",
                conditions,
                "--mutate-timeout=30",
                "--validate-timeout=30",
            ];
            for mut configuration in generate_registration(&scene.server.ca(), &flags) {
                // An expression that fails refuses the write, so that it shows.
                configuration["webhooks"][0]["failurePolicy"] = json!("Fail");
                scene.apply_configuration(configuration);
            }
            scene.wait_for_calls().await;
            scene
        };
        Self {
            all: scene("all", "off").await,
            some: scene("some", "on").await,
        }
    }

    /// Puts one status after the other, and asserts that both namespaces get the same of each.
    async fn live(&self, group: Group, name: &str, statuses: &[Value]) {
        let all = self.all.create(group, name).await;
        let some = self.some.create(group, name).await;
        for status in statuses {
            let (first, second) = tokio::join!(all.put(status.clone()), some.put(status.clone()));
            assert_eq!(outcome(first), outcome(second), "{name}: {status}");
            let (first, second) = tokio::join!(all.stored(), some.stored());
            assert_eq!(
                without_clock(&first["status"]),
                without_clock(&second["status"]),
                "{name}: {status}"
            );
        }
    }

    /// Asserts that both servers did the same, and that no expression failed.
    fn assert_same_deeds(&self) {
        let deeds = |scene: &Scene| {
            let metrics = scene.metrics();
            ["deny", "warn"].map(|action| {
                let labels = [("action", action)];
                sum(&metrics, "wfe_webhook_findings_total", &labels)
            })
        };
        assert_eq!(deeds(&self.all), deeds(&self.some), "denials and warnings");
        let derived = |scene: &Scene| {
            sum(
                &scene.metrics(),
                "wfe_webhook_conditions_derived_total",
                &[],
            )
        };
        assert_eq!(
            derived(&self.all),
            derived(&self.some),
            "changes of conditions"
        );
        let metrics = self.some.plane.metrics();
        for webhook in ["mutate", "validate"] {
            let name = self
                .some
                .webhook_name(&format!("{webhook}.wfe-webhook.kubernaut.ai"));
            let errors = "apiserver_admission_match_condition_evaluation_errors_total";
            assert_eq!(sum(&metrics, errors, &[("name", &name)]), 0, "{webhook}");
            let [all, some] = [&self.all, &self.some].map(|scene| scene.called(webhook, false));
            println!("{webhook}: {some} of {all} calls");
            assert!(some <= all, "{webhook}: {some} of {all} calls");
        }
    }
}

/// What a writer is told.
fn outcome(written: Written) -> Result<(), (u16, Value)> {
    written.map(drop).map_err(|refused| {
        let details = serde_json::to_value(&refused.details).unwrap();
        assert!(
            !refused.message.contains("resulted in error"),
            "{}",
            refused.message
        );
        (refused.code, details["causes"].clone())
    })
}

/// A status without the times of derived conditions, which may be the clock's.
fn without_clock(status: &Value) -> Value {
    let mut status = status.clone();
    let conditions = status.get_mut("conditions").and_then(Value::as_array_mut);
    for item in conditions.into_iter().flatten() {
        let message = item.get("message").and_then(Value::as_str);
        if message.is_some_and(|message| message.ends_with(MARK)) {
            item["lastTransitionTime"] = Value::Null;
        }
    }
    status
}

fn condition(condition_type: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": condition_type, "status": status, "reason": reason,
        "message": "by the controller", "lastTransitionTime": START,
    })
}

/// The life of a run whose controller sets the conditions itself, with so many writes for its progress alone.
fn controllers_life(progress: u64) -> Vec<Value> {
    let created = condition("ExecutionCreated", "True", "ExecutionCreated");
    let running = condition("ExecutionRunning", "True", "ExecutionStarted");
    let complete = condition("ExecutionComplete", "True", "ExecutionSucceeded");
    let ready = condition("Ready", "True", "Ready");
    let mut status = json!({
        "phase": "Running", "observedGeneration": 1, "startTime": START, "executionRef": {"name": "job-1"},
        "conditions": [created, running],
    });
    let mut life = vec![json!({"phase": "Pending", "observedGeneration": 1})];
    for completed in 0..=progress {
        status["executionStatus"] = json!({"status": "Unknown", "reason": "Running", "completedTasks": completed, "totalTasks": progress});
        life.push(status.clone());
    }
    status["phase"] = json!("Completed");
    status["completionTime"] = json!(END);
    status["conditions"] = json!([created, running, complete, ready]);
    life.push(status);
    life
}

#[tokio::test]
async fn the_progress_of_a_run_costs_no_call() {
    let pair = Pair::on(plane_with_crds(), "progress", "auto").await;
    let before = ["mutate", "validate"].map(|webhook| pair.some.called(webhook, false));
    pair.live(Group::Kubernaut, "controller", &controllers_life(20))
        .await;
    let after = ["mutate", "validate"].map(|webhook| pair.some.called(webhook, false));
    assert_eq!(
        after[0] - before[0],
        0,
        "all conditions are the controller's"
    );
    assert_eq!(after[1] - before[1], 3, "Pending, Running and Completed");
    pair.assert_same_deeds();
}

/// What the CRDs of kubernaut let through.
#[tokio::test]
async fn what_kubernauts_schema_lets_through_meets_the_same_verdict() {
    let pair = Pair::on(plane_with_crds(), "schema", "auto").await;
    let running = json!({"phase": "Running", "startTime": START});
    let with = |field: &str, value: Value| {
        let mut item = condition("TektonPipelineCreated", "True", "PipelineCreated");
        item[field] = value;
        json!({"phase": "Running", "conditions": [item]})
    };
    let lives = [
        vec![
            running.clone(),
            running.clone(),
            json!({"phase": "Completed", "completionTime": END}),
            json!({}),
        ],
        vec![
            running.clone(),
            json!({"phase": "Pending"}),
            json!({"phase": "Failed", "failureReason": "cancelled"}),
        ],
        vec![
            with("type", json!("Anything")),
            with("type", json!("Anything")),
            running.clone(),
        ],
        vec![
            with("reason", json!("snake_case")),
            with("reason", json!("With:Colon")),
        ],
        vec![
            with("observedGeneration", json!(99)),
            with("observedGeneration", json!(0)),
        ],
        vec![
            with("lastTransitionTime", json!("2026-11-20t10:00:00z")),
            with("lastTransitionTime", json!(END)),
        ],
        vec![with("message", json!(format!("edited{MARK}"))), running],
    ];
    for (number, life) in lives.iter().enumerate() {
        for (group, name) in [(Group::Tekton, "tekton"), (Group::Kubernaut, "kubernaut")] {
            pair.live(group, &format!("{name}-{number}"), life).await;
        }
    }
    pair.assert_same_deeds();
}

/// A control plane whose CRDs let anything through.
pub fn loose_plane() -> &'static ControlPlane {
    static PLANE: OnceLock<ControlPlane> = OnceLock::new();
    PLANE.get_or_init(|| {
        let plane = ControlPlane::start();
        for group in [Group::Tekton, Group::Kubernaut].map(Group::name) {
            let names = json!({
                "kind": "WorkflowExecution", "listKind": "WorkflowExecutionList",
                "plural": "workflowexecutions", "singular": "workflowexecution",
            });
            let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
            plane.establish(
                &json!({
                    "apiVersion": "apiextensions.k8s.io/v1",
                    "kind": "CustomResourceDefinition",
                    "metadata": {"name": format!("workflowexecutions.{group}")},
                    "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [{
                        "name": "v1alpha1", "served": true, "storage": true,
                        "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}},
                    }]},
                })
                .to_string(),
            );
        }
        plane
    })
}

/// Places that completion reads, each in a phase where it does.
const PLACES: [(&str, &str); 13] = [
    ("Completed", "/completionTime"),
    ("Completed", "/duration"),
    ("Failed", "/failureReason"),
    ("Failed", "/failureDetails/reason"),
    ("Failed", "/failureDetails/message"),
    ("Failed", "/failureDetails/failedAt"),
    ("Failed", "/failureDetails/wasExecutionFailure"),
    ("Skipped", "/skipDetails/reason"),
    ("Skipped", "/skipDetails/message"),
    ("Skipped", "/skipDetails/skippedAt"),
    ("Running", "/executionRef/name"),
    ("Running", "/executionStatus/completedTasks"),
    ("Running", "/executionStatus/totalTasks"),
];

/// Every shape in every place that an expression reads.
pub fn odd_statuses() -> Vec<Value> {
    let mut odd = wrong_types();
    odd.extend([
        json!(""),
        json!("text"),
        json!([]),
        json!({}),
        json!([null, 1, "text", [], {}]),
    ]);
    let mut all = odd.clone();
    let fields = [
        "phase",
        "conditions",
        "failureDetails",
        "skipDetails",
        "executionRef",
        "pipelineRunRef",
        "executionStatus",
        "pipelineRunStatus",
        "startTime",
        "observedGeneration",
    ];
    for value in odd {
        all.extend(fields.map(|field| json!({"phase": "Running", field: value})));
        all.push(json!({"phase": "Failed", "executionStatus": {"reason": value}}));
        all.push(json!({"phase": "Completed", "conditions": [value, condition("Ready", "True", "Ready")]}));
        for field in [
            "type",
            "status",
            "reason",
            "message",
            "lastTransitionTime",
            "observedGeneration",
        ] {
            let mut item = condition("ExecutionComplete", "False", "TaskFailed");
            item[field] = value.clone();
            all.push(
                json!({"phase": "Failed", "executionRef": {"name": "job-1"}, "conditions": [item]}),
            );
        }
        for (phase, place) in PLACES {
            let mut status = json!({
                "phase": phase, "executionRef": {"name": "job-1"}, "startTime": START,
                "executionStatus": {"completedTasks": 1, "totalTasks": 1},
                "failureDetails": {"reason": "TaskFailed"}, "skipDetails": {"reason": "ResourceBusy"},
            });
            let details = ["failureDetails", "skipDetails"];
            for details in details.into_iter().filter(|it| !place.contains(it)) {
                status.as_object_mut().unwrap().remove(details);
            }
            let (parent, field) = place.rsplit_once('/').unwrap();
            status.pointer_mut(parent).unwrap()[field] = value.clone();
            all.push(status);
        }
    }
    all
}

#[tokio::test]
async fn no_shape_makes_an_expression_fail() {
    let pair = Pair::on(loose_plane(), "odd", "auto").await;
    for (number, status) in odd_statuses().iter().enumerate() {
        let mut repeated = status.clone();
        if let Some(status) = repeated.as_object_mut() {
            status.insert("duration".to_owned(), json!("1s"));
        }
        let life = [status.clone(), repeated, json!({"phase": "Pending"})];
        pair.live(Group::Kubernaut, &format!("odd-{number}"), &life)
            .await;
    }
    pair.assert_same_deeds();
}

/// The same random choices on every machine.
pub fn random_choices() -> impl Iterator<Item = Vec<u8>> {
    let mut pick: u64 = 7;
    std::iter::from_fn(move || {
        let mut choices = Vec::new();
        for _ in 0..600 {
            pick = pick
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            choices.push(pick.to_be_bytes()[2]);
        }
        Some(choices)
    })
}

/// Random lives: what is stored first, what is written over it, and that once more with progress.
fn random_lives(count: usize) -> impl Iterator<Item = Vec<Value>> {
    let writes = random_choices().filter_map(|choices| Write::read(&choices));
    writes.take(count).map(|write| {
        let request = &write.review.value()["request"];
        let [stored, status] = ["oldObject", "object"].map(|it| request[it]["status"].clone());
        let mut progress = status.clone();
        if let Some(progress) = progress.as_object_mut() {
            progress.insert("duration".to_owned(), json!("1s"));
        }
        vec![stored, status, progress]
    })
}

#[tokio::test]
async fn random_lives_get_the_same_of_both() {
    for (vocabulary, count) in [("auto", 120), ("tekton", 40), ("execution", 40)] {
        let pair = Pair::on(loose_plane(), &format!("random-{vocabulary}"), vocabulary).await;
        for (number, life) in random_lives(count).enumerate() {
            let group = [Group::Kubernaut, Group::Tekton][number % 4 / 3];
            pair.live(group, &format!("random-{number}"), &life).await;
        }
        pair.assert_same_deeds();
    }
}

/// The budget of an API server for one write is limited, and the CRD bounds nothing.
#[tokio::test]
async fn the_longest_lists_are_within_the_budget() {
    let pair = Pair::on(loose_plane(), "long", "auto").await;
    for (name, count) in [("most", 1000), ("too-many", 1025), ("far-too-many", 9000)] {
        let conditions: Vec<Value> = (0..count)
            .map(|number| condition(&format!("example.com/C{number}"), "True", "Reason"))
            .collect();
        let mut status = json!({"phase": "Running", "observedGeneration": 1, "startTime": START, "conditions": conditions});
        let first = status.clone();
        status["duration"] = json!("1s");
        pair.live(Group::Kubernaut, name, &[first, status]).await;
    }
    pair.assert_same_deeds();
}
