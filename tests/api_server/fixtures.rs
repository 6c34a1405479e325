//! The CRDs of the fixtures let pass and refuse what the real ones do.

use serde_json::{Value, json};

use crate::object::{Group, Object};
use crate::scene::plane_with_crds;

const TIME: &str = "2026-11-20T10:00:00Z";

fn condition(field: &str, value: Value) -> Value {
    let mut condition = json!({
        "type": "TektonPipelineCreated",
        "status": "True",
        "reason": "PipelineCreated",
        "message": "",
        "lastTransitionTime": TIME,
    });
    condition[field] = value;
    json!({"conditions": [condition]})
}

#[tokio::test]
async fn the_schema_refuses_what_no_webhook_has_to() {
    let plane = plane_with_crds();
    plane.apply("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: fixtures\n");
    let tekton = Object::create(plane, "fixtures", Group::Tekton, "refused").await;
    let kubernaut = Object::create(plane, "fixtures", Group::Kubernaut, "refused").await;
    for status in [
        json!({"phase": "executing"}),
        json!({"phase": ""}),
        json!({"conditions": "none"}),
        condition("type", json!("two words")),
        condition("type", json!("x".repeat(317))),
        condition("status", json!("true")),
        condition("reason", json!("")),
        condition("reason", json!("kebab-case")),
        condition("message", json!(1)),
        condition("lastTransitionTime", json!("2026-02-30T10:00:00Z")),
        condition("observedGeneration", json!(-1)),
        json!({"failureDetails": {"reason": "Unknown"}}),
    ] {
        for object in [&tekton, &kubernaut] {
            let refused = object.put(status.clone()).await.unwrap_err();
            assert_eq!(refused.code, 422, "{:?}: {status}", object.group);
        }
    }
    // Each generation of kubernaut has its own words.
    let skipped = json!({"phase": "Skipped"});
    tekton.put(skipped.clone()).await.unwrap();
    assert_eq!(kubernaut.put(skipped).await.unwrap_err().code, 422);
}

#[tokio::test]
async fn the_schema_lets_pass_what_the_webhook_is_for() {
    let plane = plane_with_crds();
    plane.apply("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: fixtures-passed\n");
    let item = |field: &str, value: Value| condition(field, value)["conditions"][0].clone();
    for group in [Group::Tekton, Group::Kubernaut] {
        let object = Object::create(plane, "fixtures-passed", group, "passed").await;
        for status in [
            json!({"conditions": [item("message", json!("one")), item("message", json!("two"))]}),
            condition("type", json!("Anything")),
            condition("reason", json!("snake_case")),
            condition("reason", json!("lowerCase")),
            condition("reason", json!("With:Colon")),
            condition("observedGeneration", json!(99)),
            condition("lastTransitionTime", json!("2026-11-20t10:00:00z")),
            condition("lastTransitionTime", json!("2026-11-20T10:00:00,5Z")),
            condition("lastTransitionTime", json!("2026-11-20T10:00:00+24:00")),
            condition("lastTransitionTime", json!("0000-11-20T10:00:00Z")),
            condition("lastTransitionTime", json!("0001-01-01T00:00:00Z")),
        ] {
            let stored = object.put(status.clone()).await.unwrap();
            assert_eq!(stored["status"], status, "{group:?}");
        }
    }
}
