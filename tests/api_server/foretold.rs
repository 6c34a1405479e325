//! `check` over what kubectl prints says what the registered webhook then does.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::object::Group;
use crate::scene::{PROGRAM, Scene, succeed};

const START: &str = "2026-11-20T10:00:00Z";
const END: &str = "2026-11-20T10:01:12Z";

/// Runs `check` with `document` on standard input; gives the exit code, standard output and standard error.
fn check(arguments: &[&str], document: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(PROGRAM)
        .arg("check")
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(document.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn old_objects_are_completed_as_check_completes_what_kubectl_prints_of_them() {
    let scene = Scene::unregistered("foretold", &[]);
    let fault = json!({
        "type": "PipelineRunCreated", "status": "True", "reason": "PipelineRunCreated",
        "message": "by hand", "lastTransitionTime": START,
    });
    let statuses = [
        ("pending", json!({"phase": "Pending"})),
        ("running", json!({"phase": "Running", "startTime": START})),
        (
            "completed",
            json!({"phase": "Completed", "startTime": START, "completionTime": END, "duration": "1m12s"}),
        ),
        (
            "faulty",
            json!({"phase": "Running", "startTime": START, "conditions": [fault]}),
        ),
    ];
    let mut objects = Vec::new();
    for (name, status) in statuses {
        let object = scene.create(Group::Tekton, name).await;
        object.put(status).await.unwrap();
        objects.push((name, object));
    }
    let get = |format: &str| {
        succeed(scene.kubectl().args([
            "get",
            "workflowexecutions.workflowexecution.kubernaut.ai",
            "--output",
            format,
        ]))
    };
    let (yaml, json) = (get("yaml"), get("json"));

    let (code, fixed, said) = check(&["--stored", "--fix"], &yaml);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("inherited[condition-unknown-type]")
            && said.contains("status.conditions[0].type of foretold/faulty\n"),
        "{said}"
    );
    assert!(said.ends_with("4 objects: 4 allowed\n"), "{said}");
    let (code, fixed_json, _) = check(&["--stored", "--fix"], &json);
    assert_eq!(code, Some(0));
    let fixed: Value = serde_saphyr::from_str(&fixed).unwrap();
    assert_eq!(
        fixed,
        serde_json::from_str::<Value>(&fixed_json).unwrap(),
        "YAML and JSON tell the same"
    );
    // Judged as first writes, the fault is nobody's inheritance.
    assert_eq!(check(&[], &yaml).0, Some(1));

    scene.register(&[]).await;
    for (name, object) in objects {
        succeed(&mut object.kubectl_patch("merge", "{}"));
        let foretold = fixed["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["metadata"]["name"] == name)
            .unwrap();
        assert_eq!(
            object.stored().await["status"],
            foretold["status"],
            "{name}"
        );
    }

    // What is stored now needs no more.
    let now = get("yaml");
    let (code, _, said) = check(&["--stored", "--fix"], &now);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains(": add: "), "{said}");
}
