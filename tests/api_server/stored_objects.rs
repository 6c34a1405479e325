//! `check --cluster`: what enforcing would refuse of what a cluster has stored.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use test_support::{consumers, crds};

use crate::control_plane::{ADMIN, run, stderr, stdout};
use crate::object::Group;
use crate::scene::{PROGRAM, plane_with_crds, succeed};

/// Runs a program, and prints its exit code and its most memory in KiB.
const MEASURE: &str = "\
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";

/// `check --cluster` in a namespace.
fn check(namespace: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(["check", "--cluster", "--namespace", namespace])
        .args(arguments)
        .env("KUBECONFIG", plane_with_crds().kubeconfig(ADMIN));
    command
}

fn namespace(name: &str) {
    let manifest = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    plane_with_crds().apply(&manifest.to_string());
}

fn condition(condition_type: &str, reason: &str) -> Value {
    json!({
        "type": condition_type,
        "status": "True",
        "reason": reason,
        "message": "",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
    })
}

fn running(conditions: &[Value]) -> Value {
    json!({"phase": "Running", "startTime": "2026-11-20T10:00:00Z", "conditions": conditions})
}

/// Objects of two controllers, one of which writes what is refused; no webhook has seen them.
async fn of_two_controllers(name: &str) {
    namespace(name);
    let plane = plane_with_crds();
    let faulty = running(&[
        condition("PipelineRunCreated", "PipelineRunCreated"),
        condition("TektonPipelineCreated", "PipelineMade"),
    ]);
    let complete = running(&[
        condition("TektonPipelineCreated", "PipelineCreated"),
        condition("TektonPipelineRunning", "PipelineStarted"),
    ]);
    for (object, manager, status) in [
        ("wfe-1", "old-controller", &faulty),
        ("wfe-2", "old-controller", &faulty),
        ("wfe-3", "new-controller", &complete),
        ("wfe-4", "new-controller", &running(&[])),
    ] {
        let object = crate::object::Object::create(plane, name, Group::Tekton, object).await;
        object.put_as(manager, status.clone()).await.unwrap();
    }
    succeed(plane.kubectl().args(["--namespace", name]).args([
        "label",
        "workflowexecutions.workflowexecution.kubernaut.ai/wfe-3",
        "team=shop",
    ]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_refused_and_completed_is_counted_by_rule_and_field_manager() {
    of_two_controllers("stored-counted").await;
    let output = run(&mut check("stored-counted", &[]));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("Read 4 objects in "));
    insta::assert_snapshot!(stdout(&output), @r"
    4 WorkflowExecutions: 2 denied, 2 allowed, 3 to be completed

    Findings
    RULE                    ACTION  FIELD MANAGER   OBJECTS  FOR EXAMPLE
    condition-unknown-type  deny    old-controller  2        stored-counted/wfe-1 status.conditions[0].type
    reason-not-allowed      deny    old-controller  2        stored-counted/wfe-1 status.conditions[1].reason
    Writes that keep these faults unchanged are allowed; writes that make them are not.

    Completion at the next write
    CONDITION              CHANGE  FIELD MANAGER   OBJECTS  FOR EXAMPLE
    TektonPipelineCreated  add     new-controller  1        stored-counted/wfe-4 PipelineCreated
    TektonPipelineRunning  add     new-controller  1        stored-counted/wfe-4 PipelineStarted
    TektonPipelineRunning  add     old-controller  2        stored-counted/wfe-1 PipelineStarted
    ");

    let selected = succeed(&mut check("stored-counted", &["--selector", "team=shop"]));
    assert_eq!(selected, "1 WorkflowExecution: 1 allowed\n");
    let audited = succeed(&mut check("stored-counted", &["--mode", "audit"]));
    assert!(
        audited.starts_with("4 WorkflowExecutions: 4 allowed, "),
        "{audited}"
    );
}

/// The ratchet: nobody is refused for what is stored already.
#[tokio::test(flavor = "multi_thread")]
async fn each_object_tells_what_is_stored_and_who_writes_it() {
    of_two_controllers("stored-told").await;
    let output = run(&mut check("stored-told", &["--output", "json"]));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check.schema.json");
    assert_eq!(consumers::of_schema(&schema, &stdout(&output)), Ok(()));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let object = &report["objects"][0];
    assert_eq!(
        object["file"],
        "workflowexecutions.workflowexecution.kubernaut.ai/stored-told/wfe-1"
    );
    assert_eq!(
        (&object["verdict"], &object["fieldManager"]),
        (&json!("denied"), &json!("old-controller"))
    );
    let findings = object["findings"].as_array().unwrap();
    let denied: Vec<_> = findings
        .iter()
        .filter(|it| it["action"] == "deny")
        .collect();
    assert!(!denied.is_empty());
    for finding in denied {
        assert_eq!(
            (&finding["stored"], &finding["fieldManager"]),
            (&json!(true), &json!("old-controller"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_applied_by_kubectl_and_counted_by_its_columns() {
    of_two_controllers("stored-reported").await;
    let plane = plane_with_crds();
    for crd in crds::of_open_reports() {
        plane.apply(&crd);
    }
    let reports = ["report.openreports.io", "--namespace", "stored-reported"];
    succeed(plane.kubectl().args([
        "wait",
        "--for=condition=Established",
        "--timeout=60s",
        "crd/reports.openreports.io",
    ]));
    let printed = stdout(&run(&mut check(
        "stored-reported",
        &["--output", "policyreport"],
    )));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reports.json");
    std::fs::write(&file, &printed).unwrap();
    let apply = || succeed(plane.kubectl().args(["apply", "--filename"]).arg(&file));
    let applied = apply();
    assert_eq!(applied.matches(" created\n").count(), 2, "{applied}");
    let again = apply();
    assert_eq!(again.matches(" unchanged\n").count(), 2, "{again}");

    let columns = "custom-columns=NAME:.scope.name,FAIL:.summary.fail,WARN:.summary.warn,POLICY:.results[0].policy";
    let rows = succeed(plane.kubectl().arg("get").args(reports).args([
        "--no-headers",
        "--output",
        columns,
    ]));
    let mut rows: Vec<Vec<&str>> = rows
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    rows.sort();
    let expected = |name| vec![name, "2", "0", "condition-unknown-type"];
    assert_eq!(rows, [expected("wfe-1"), expected("wfe-2")]);
}

/// What holds of ten thousand objects holds of a cluster that has run for months.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_objects_are_judged_within_100_mib() {
    const OBJECTS: usize = 10_000;
    const WRITERS: usize = 16;
    namespace("stored-many");
    let long = "The task has ended. ".repeat(50);
    let status = running(&[
        condition("PipelineRunCreated", "PipelineRunCreated"),
        condition("TektonPipelineCreated", "PipelineCreated"),
        json!({"type": "TektonPipelineRunning", "status": "True", "reason": "PipelineStarted", "message": long,
            "lastTransitionTime": "2026-11-20T10:00:00Z"}),
    ]);
    let writers = (0..WRITERS).map(|writer| {
        let status = status.clone();
        tokio::spawn(async move {
            for number in (writer..OBJECTS).step_by(WRITERS) {
                let name = format!("wfe-{number}");
                let object = crate::object::Object::create(
                    plane_with_crds(),
                    "stored-many",
                    Group::Tekton,
                    &name,
                )
                .await;
                object.put_as("controller", status.clone()).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }

    let command = check("stored-many", &[]);
    for output in ["text", "json", "junit", "sarif", "github", "policyreport"] {
        let mut measure = Command::new("python3");
        measure
            .args(["-c", MEASURE, PROGRAM])
            .args(command.get_args())
            .args(["--output", output])
            .env("KUBECONFIG", plane_with_crds().kubeconfig(ADMIN));
        let ended = run(&mut measure);
        let said = stderr(&ended);
        assert!(said.starts_with("Read 10000 objects in "), "{said}");
        let printed = stdout(&ended);
        let (code, kibibytes) = printed.trim().split_once(' ').unwrap();
        assert_eq!(code, "1");
        let mebibytes = kibibytes.parse::<u64>().unwrap() / 1024;
        println!("{output}: {mebibytes} MiB; {said}");
        assert!(mebibytes <= 100, "{output}: {mebibytes} MiB");
    }
}
