//! `--fix`: the completed documents, and nothing else changed.

use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use super::{COMPLETED, FAULTY, Folder, RUNNING, check, object};
use crate::reviews::{Review, condition, own};

#[test]
fn yaml_comes_back_as_yaml_and_the_findings_go_to_standard_error() {
    let ended = check(&["--fix"], object("wfe-1", FAULTY));
    assert_eq!(ended.code, 1);
    insta::assert_snapshot!(ended.stdout);
    assert_eq!(ended.stderr, check(&[], object("wfe-1", FAULTY)).stdout);
}

#[test]
fn indented_json_comes_back_as_it_was_with_the_conditions_put_in() {
    let document = r#"{
    "apiVersion": "workflowexecution.kubernaut.ai/v1alpha1",
    "kind": "WorkflowExecution",
    "metadata": { "name": "wfe-1",   "annotations": {"big": "1e400"} },
    "spec": {"limit": 12345678901234567890123.50, "limit": 1E400},
    "status": {
        "phase": "Running",
        "startTime": "2026-11-23T10:00:00Z"
    }
}"#;
    let ended = check(&["--fix"], document);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn compact_json_stays_compact() {
    let document = r#"{"apiVersion":"workflowexecution.kubernaut.ai/v1alpha1","kind":"WorkflowExecution","status":{"conditions":null,"phase":"Running","startTime":"2026-11-23T10:00:00Z"}}"#;
    let ended = check(&["--fix"], document);
    assert_eq!(ended.code, 0);
    let written = |condition_type: &str, reason: &str| {
        format!(
            r#"{{"lastTransitionTime":"2026-11-23T10:00:00Z","message":"phase is Running (derived by wfe-webhook)","reason":"{reason}","status":"True","type":"{condition_type}"}}"#
        )
    };
    let conditions = format!(
        "[{},{}]",
        written("TektonPipelineCreated", "PipelineCreated"),
        written("TektonPipelineRunning", "PipelineStarted")
    );
    assert_eq!(
        ended.stdout,
        document.replacen("null", &conditions, 1) + "\n"
    );
}

#[test]
fn what_needs_no_completion_comes_back_unchanged() {
    let document = "{\"kind\":\"WorkflowExecution\", \"apiVersion\":\"kubernaut.ai/v1\",\n\"status\":{\"phase\" : \"Pending\"}}";
    let ended = check(&["--fix"], document);
    assert_eq!((ended.code, ended.stdout), (0, format!("{document}\n")));
}

#[rstest]
#[case(RUNNING)]
#[case(COMPLETED)]
#[case(FAULTY)]
fn what_was_completed_needs_no_more(#[case] status: &str) {
    let once = check(&["--fix"], object("wfe-1", status)).stdout;
    let again = check(&["--fix"], &once);
    assert_eq!(again.stdout, once);
    assert!(!again.stderr.contains(": add: "), "{}", again.stderr);
}

#[test]
fn every_document_of_every_file_is_printed_also_those_that_cannot_be_judged() {
    let folder = Folder::new();
    folder.file(
        "list.yaml",
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n- {}",
            object("wfe-1", RUNNING).trim_end().replace('\n', "\n  ")
        ),
    );
    folder.file(
        "wfe.json",
        r#"{"apiVersion":"kubernaut.ai/v1","kind":"WorkflowExecution"}"#,
    );
    let ended = folder.check(&["--fix", "list.yaml", "wfe.json"]);
    assert_eq!(ended.code, 2);
    let printed: Vec<Value> = serde_saphyr::from_multiple(&ended.stdout).unwrap();
    assert_eq!(printed.len(), 2);
    assert_eq!(
        printed[0]["items"][0],
        json!({"apiVersion": "v1", "kind": "Pod"})
    );
    let conditions = printed[0]["items"][1]["status"]["conditions"].as_array();
    assert_eq!(conditions.map(Vec::len), Some(2));
    assert_eq!(printed[1]["kind"], "WorkflowExecution");
}

/// A status with the webhook's own conditions in every role that a patch gives them: kept, renewed, removed, added.
fn statuses() -> [Value; 5] {
    let foreign = condition("TektonPipelineCreated", "True", "PipelineCreated");
    let start = "2026-11-23T10:00:00Z";
    [
        json!({"phase": "Running", "startTime": start}),
        json!({"phase": "Running", "startTime": start, "conditions": null}),
        json!({"phase": "Running", "startTime": start, "conditions": []}),
        json!({
            "phase": "Failed", "startTime": start,
            "failureDetails": {"reason": "OOMKilled", "wasExecutionFailure": true},
            "conditions": [
                own("TektonPipelineComplete", "True", "PipelineSucceeded"),
                foreign,
                own("ResourceLocked", "True", "TargetResourceBusy"),
            ],
        }),
        json!({
            "phase": "Completed", "startTime": start, "completionTime": start,
            "conditions": [own("TektonPipelineComplete", "False", "PipelineFailed"), {"type": "Odd"}],
        }),
    ]
}

#[rstest]
fn the_completed_object_is_what_the_servers_patch_makes_of_it(
    #[values(0, 1, 2, 3, 4)] which: usize,
    #[values(false, true)] indented: bool,
) {
    let review = Review::tekton().status(statuses()[which].clone());
    let body = review.body();
    let decision = judged(Webhook::Mutate, &body, &Policy::default(), Timestamp::now()).unwrap();
    let answer: Value = serde_json::from_slice(&decision.answer).unwrap();
    let patch = answer["response"]["patch"]
        .as_str()
        .expect("each of them is completed");
    let patch = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, patch).unwrap();
    let mut expected = review.value().clone();
    let object = &mut expected["request"]["object"];
    let patch: json_patch::Patch = serde_json::from_slice(&patch).unwrap();
    json_patch::patch(object, &patch).unwrap();

    let value = review.value();
    let document = if indented {
        format!("{value:#}")
    } else {
        value.to_string()
    };
    let ended = check(&["--fix"], document);
    let fixed: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(fixed, expected);
    assert_eq!(ended.stdout.lines().count() > 1, indented);
}
