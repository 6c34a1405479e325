//! Malformed statuses that pass the CRD, and what kubectl prints when they are refused.

use serde_json::{Value, json};

use crate::object::Group;
use crate::scene::{Scene, fail};

/// A well-formed condition that fits phase Running.
fn created() -> Value {
    json!({
        "type": "TektonPipelineCreated",
        "status": "True",
        "reason": "PipelineCreated",
        "message": "created",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
    })
}

fn created_with(field: &str, value: Value) -> Value {
    let mut condition = created();
    condition[field] = value;
    condition
}

/// What a write looks like to kubectl: the conditions of the patch, and every line that kubectl prints about the fault.
struct Refusal {
    name: &'static str,
    conditions: Value,
    printed: Vec<String>,
}

fn lines(printed: &[&str]) -> Vec<String> {
    printed.iter().map(|&line| line.to_owned()).collect()
}

fn refused_conditions() -> Vec<Refusal> {
    let one = |field: &str, value: Value| json!([created_with(field, value)]);
    vec![
        Refusal {
            name: "unknown-type",
            conditions: one("type", json!("TektonPipelineCompleted")),
            printed: lines(&[
                "status.conditions[0].type: Unsupported value: \"TektonPipelineCompleted\": the condition types are TektonPipelineCreated, TektonPipelineRunning, TektonPipelineComplete, AuditRecorded, ResourceLocked, or one with the prefix of your own domain; did you mean \"TektonPipelineComplete\"? [condition-unknown-type]",
            ]),
        },
        Refusal {
            name: "duplicate-type",
            conditions: json!([created(), created_with("message", json!("created again"))]),
            printed: lines(&[
                "status.conditions[1].type: Duplicate value: \"TektonPipelineCreated\": status.conditions[0] has this type already, keep one of them [condition-duplicate]",
            ]),
        },
        Refusal {
            name: "reason-in-snake-case",
            conditions: one("reason", json!("pipeline_created")),
            printed: lines(&[
                "status.conditions[0].reason: Invalid value: \"pipeline_created\": must be CamelCase: ASCII letters and digits, the first an upper-case letter; did you mean \"PipelineCreated\"? [reason-format]",
            ]),
        },
        Refusal {
            name: "reason-in-lower-camel-case",
            conditions: one("reason", json!("pipelineCreated")),
            printed: lines(&[
                "status.conditions[0].reason: Invalid value: \"pipelineCreated\": must be CamelCase: ASCII letters and digits, the first an upper-case letter; did you mean \"PipelineCreated\"? [reason-format]",
            ]),
        },
        Refusal {
            name: "reason-with-a-colon",
            conditions: one("reason", json!("Pipeline:Created")),
            printed: lines(&[
                "status.conditions[0].reason: Invalid value: \"Pipeline:Created\": must be CamelCase: ASCII letters and digits, the first an upper-case letter; did you mean \"PipelineCreated\"? [reason-format]",
            ]),
        },
        Refusal {
            name: "reason-of-another-status",
            conditions: one("reason", json!("PipelineCreationFailed")),
            printed: lines(&[
                "status.conditions[0].reason: Unsupported value: \"PipelineCreationFailed\" for \"TektonPipelineCreated\" \"True\": allowed: PipelineCreated; did you mean \"PipelineCreated\"? [reason-not-allowed]",
            ]),
        },
        Refusal {
            name: "three-conditions",
            conditions: json!([
                created_with("type", json!("PipelineRunCreated")),
                created_with("reason", json!("created_it")),
                created_with("type", json!("TektonPipelineComplete")),
            ]),
            printed: lines(&[
                "status.conditions[0].type: Unsupported value: \"PipelineRunCreated\": the condition types are TektonPipelineCreated, TektonPipelineRunning, TektonPipelineComplete, AuditRecorded, ResourceLocked, or one with the prefix of your own domain; did you mean \"TektonPipelineCreated\"? [condition-unknown-type]",
                "status.conditions[1].reason: Invalid value: \"created_it\": must be CamelCase: ASCII letters and digits, the first an upper-case letter [reason-format]",
                "status.conditions[2].reason: Unsupported value: \"PipelineCreated\" for \"TektonPipelineComplete\" \"True\": allowed: PipelineSucceeded; did you mean \"PipelineSucceeded\"? [reason-not-allowed]",
                "status.conditions[2].status: Forbidden: \"True\" for \"TektonPipelineComplete\" in phase \"Running\": allowed there: Unknown or no condition [phase-conflict]",
            ]),
        },
    ]
}

/// Times that the CRD takes and that Go, or a stricter reader, does not read.
fn refused_times() -> Vec<Refusal> {
    [
        ("time-in-lower-case", "2026-11-20t10:00:00z"),
        ("time-with-a-comma", "2026-11-20T10:00:00,5Z"),
        ("time-with-a-wide-offset", "2026-11-20T10:00:00+24:00"),
        ("time-in-year-0", "0000-11-20T10:00:00Z"),
        ("time-that-go-reads-as-none", "0001-01-01T00:00:00Z"),
    ]
    .into_iter()
    .map(|(name, time)| Refusal {
        name,
        conditions: json!([created_with("lastTransitionTime", json!(time))]),
        printed: vec![format!(
            "status.conditions[0].lastTransitionTime: Invalid value: \"{time}\": must be a time such as 2006-01-02T15:04:05Z, of a real day, upper-case, and not 0001-01-01T00:00:00Z [condition-shape]"
        )],
    })
    .collect()
}

/// The conditions arrive by a merge patch on an object in phase Running.
#[tokio::test]
async fn each_malformed_family_that_passes_the_crd_is_refused_in_words() {
    let scene = Scene::shared().await;
    for refusal in refused_conditions().into_iter().chain(refused_times()) {
        let object = scene
            .create(Group::Tekton, &format!("refused-{}", refusal.name))
            .await;
        let before = object.resource_version().await;
        let patch = json!({"status": {"phase": "Running", "conditions": refusal.conditions}});
        let printed = fail(&mut object.kubectl_patch("merge", &patch.to_string()));
        let expected = match refusal.printed.as_slice() {
            [one] => format!(
                "The WorkflowExecution \"{}\" is invalid: {one}\n",
                object.name
            ),
            several => {
                let lines = several.join("\n* ");
                format!(
                    "The WorkflowExecution \"{}\" is invalid: \n* {lines}\n",
                    object.name
                )
            }
        };
        assert_eq!(printed, expected, "{}", refusal.name);
        assert_eq!(
            object.resource_version().await,
            before,
            "{}: stored nothing",
            refusal.name
        );
    }
}

/// Times that are odd and yet read well by every client.
#[tokio::test]
async fn odd_times_that_go_reads_pass() {
    let scene = Scene::shared().await;
    for (name, time) in [
        ("offset", "2026-11-20T12:00:00+02:00"),
        ("fraction", "2026-11-20T10:00:00.5Z"),
    ] {
        let object = scene
            .create(Group::Tekton, &format!("time-with-{name}"))
            .await;
        let condition = created_with("lastTransitionTime", json!(time));
        object
            .put(json!({"phase": "Running", "conditions": [condition]}))
            .await
            .unwrap();
        assert_eq!(object.conditions().await[0], condition, "stored as sent");
    }
}

/// Other clients than kubectl see the message alone.
#[tokio::test]
async fn the_message_of_a_refusal_lists_its_causes() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "refused-in-a-message").await;
    let status = json!({"phase": "Running", "conditions": [
        created_with("type", json!("PipelineRunCreated")),
        created_with("reason", json!("created_it")),
    ]});
    let refused = object.put(status).await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), (422, "Invalid"));
    let details = refused.details.unwrap();
    assert_eq!(
        (
            details.name.as_str(),
            details.group.as_str(),
            details.kind.as_str()
        ),
        (
            "refused-in-a-message",
            "workflowexecution.kubernaut.ai",
            "WorkflowExecution"
        )
    );
    assert_eq!(details.causes.len(), 2);
    for cause in &details.causes {
        let said = format!("{}: {}", cause.field, cause.message);
        assert!(
            refused.message.contains(&said),
            "{said} is not in {}",
            refused.message
        );
    }
}
