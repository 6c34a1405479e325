//! Every way to write a status, and what each leaves behind.

use serde_json::{Value, json};

use crate::object::{Group, Object, resource_version};
use crate::scene::{Scene, succeed};

const START: &str = "2026-11-20T10:00:00Z";

fn created(message: &str) -> Value {
    json!({
        "type": "TektonPipelineCreated",
        "status": "True",
        "reason": "PipelineCreated",
        "message": message,
        "lastTransitionTime": START,
    })
}

fn running() -> Value {
    json!({"phase": "Running", "startTime": START, "pipelineRunRef": {"name": "run-1"}})
}

fn with_conditions(mut status: Value, conditions: &Value) -> Value {
    status["conditions"] = conditions.clone();
    status
}

fn types(object: &Value) -> Vec<String> {
    let conditions = object["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    conditions
        .iter()
        .map(|item| item["type"].as_str().unwrap().to_owned())
        .collect()
}

const BOTH: [&str; 2] = ["TektonPipelineCreated", "TektonPipelineRunning"];

/// Writes `running()` in one of the ways.
async fn write(object: &Object, way: &str) {
    match way {
        "put" => drop(object.put(running()).await.unwrap()),
        "merge" => drop(object.merge(running()).await.unwrap()),
        "apply" => drop(object.apply("controller", running()).await.unwrap()),
        "json" => {
            let patch = json!([{"op": "add", "path": "/status", "value": running()}]);
            succeed(&mut object.kubectl_patch("json", &patch.to_string()));
        }
        _ => panic!("no such way: {way}"),
    }
}

#[tokio::test]
async fn every_way_of_writing_is_completed_once_and_moves_nothing_when_repeated() {
    let scene = Scene::shared().await;
    let mut stored = Vec::new();
    for way in ["put", "merge", "apply", "json"] {
        let object = scene
            .create(Group::Tekton, &format!("written-by-{way}"))
            .await;
        write(&object, way).await;
        let first = object.stored().await;
        assert_eq!(types(&first), BOTH, "{way}");
        for _ in 0..3 {
            write(&object, way).await;
        }
        assert_eq!(
            resource_version(&object.stored().await),
            resource_version(&first),
            "{way}"
        );
        stored.push(first["status"].clone());
    }
    stored.dedup();
    assert_eq!(stored.len(), 1, "all ways store the same: {stored:#?}");
}

#[tokio::test]
async fn a_dry_run_is_completed_and_refused_as_a_real_write_and_stores_nothing() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "dry-run").await;
    let before = object.resource_version().await;

    let answer = object.put_dry_run(running()).await.unwrap();
    assert_eq!(types(&answer), BOTH);

    let broken = with_conditions(running(), &json!([created("one"), created("two")]));
    let refused = object.put_dry_run(broken).await.unwrap_err();
    assert_eq!(refused.code, 422);

    assert_eq!(object.resource_version().await, before);
}

#[tokio::test]
async fn an_empty_merge_patch_completes_an_object_from_before_the_webhook() {
    let scene = Scene::unregistered("backfill", &[]);
    let object = scene.create(Group::Tekton, "old").await;
    object.put(running()).await.unwrap();
    assert_eq!(object.conditions().await, Value::Null, "no webhook yet");

    scene.register(&[]).await;
    assert_eq!(
        object.conditions().await,
        Value::Null,
        "nothing is written but as an answer to a write"
    );
    succeed(&mut object.kubectl_patch("merge", "{}"));
    let completed = object.stored().await;
    assert_eq!(types(&completed), BOTH);
    succeed(&mut object.kubectl_patch("merge", "{}"));
    assert_eq!(
        object.resource_version().await,
        resource_version(&completed)
    );
}

#[tokio::test]
async fn server_side_apply_keeps_its_owner_and_what_was_derived() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "applied").await;
    let applied = with_conditions(running(), &json!([created("by A")]));

    let first = object.apply("a", applied.clone()).await.unwrap();
    assert_eq!(types(&first), BOTH);
    assert_eq!(object.owners_of_conditions().await, ["a/Apply"]);

    // The same again, without the derived item, as an applier always sends it.
    for _ in 0..2 {
        object.apply("a", applied.clone()).await.unwrap();
    }
    assert_eq!(object.resource_version().await, resource_version(&first));
    assert_eq!(object.owners_of_conditions().await, ["a/Apply"]);

    // A change of the own item leaves the derived one alone.
    let changed = with_conditions(running(), &json!([created("by A, again")]));
    let second = object.apply("a", changed.clone()).await.unwrap();
    assert_eq!(second["status"]["conditions"][0], created("by A, again"));
    assert_eq!(
        second["status"]["conditions"][1],
        first["status"]["conditions"][1]
    );

    // Giving conditions up leaves the stored ones in place, owned by nobody, and once only.
    let third = object.apply("a", running()).await.unwrap();
    assert_eq!(
        third["status"]["conditions"],
        second["status"]["conditions"]
    );
    assert!(object.owners_of_conditions().await.is_empty());
    object.apply("a", running()).await.unwrap();
    assert_eq!(object.resource_version().await, resource_version(&third));

    // What nobody owns can be taken without a conflict.
    object
        .apply("b", json!({"conditions": [created("by A, again")]}))
        .await
        .unwrap();
    assert_eq!(object.owners_of_conditions().await, ["b/Apply"]);
    assert_eq!(types(&object.stored().await), BOTH);
}

#[tokio::test]
async fn two_appliers_of_the_list_conflict_unless_one_forces() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "applied-twice").await;
    let applied = with_conditions(running(), &json!([created("by A")]));
    let first = object.apply("a", applied.clone()).await.unwrap();

    // The stored list is longer than what B sends, so the two do not agree.
    let own = json!({"conditions": [created("by A")]});
    let conflict = object.apply("b", own.clone()).await.unwrap_err();
    assert_eq!(conflict.code, 409);
    assert!(
        conflict
            .message
            .contains("conflict with \"a\" with subresource \"status\": .status.conditions"),
        "{}",
        conflict.message
    );

    object
        .apply("b", json!({"conditions": first["status"]["conditions"]}))
        .await
        .unwrap();
    assert_eq!(object.owners_of_conditions().await, ["a/Apply", "b/Apply"]);

    let conflict = object.apply("a", applied.clone()).await.unwrap_err();
    assert_eq!(conflict.code, 409);

    object.apply_forced("a", applied).await.unwrap();
    assert_eq!(object.owners_of_conditions().await, ["a/Apply"]);
    assert_eq!(object.conditions().await, first["status"]["conditions"]);
}

#[tokio::test]
async fn a_put_keeps_the_applier_unless_it_drops_a_condition() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "applied-and-put").await;
    let applied = with_conditions(running(), &json!([created("by A")]));
    let first = object.apply("a", applied.clone()).await.unwrap();

    // Sent back as it was read: nothing moves, not even the owner.
    object.put_as("c", first["status"].clone()).await.unwrap();
    assert_eq!(object.resource_version().await, resource_version(&first));
    assert_eq!(object.owners_of_conditions().await, ["a/Apply"]);

    // Without the derived item: it comes back as it was, and from then on nothing moves; but the list is the PUT's now.
    object.put_as("c", applied.clone()).await.unwrap();
    let second = object.stored().await;
    assert_eq!(second["status"], first["status"]);
    object.put_as("c", applied.clone()).await.unwrap();
    assert_eq!(object.resource_version().await, resource_version(&second));
    assert_eq!(object.owners_of_conditions().await, ["c/Update"]);
    assert_eq!(object.apply("a", applied).await.unwrap_err().code, 409);
}

/// The webhook sees such a write, but the API server's own answer stands: a controller reads again and tries once more.
#[tokio::test]
async fn a_write_of_an_old_version_is_a_conflict_without_a_verdict() {
    let scene = Scene::shared().await;
    let object = scene.create(Group::Tekton, "stale").await;
    let old = object.stored().await;
    object.put(running()).await.unwrap();
    let broken = with_conditions(running(), &json!([created("one"), created("two")]));
    for status in [running(), broken] {
        let conflict = object.put_over(&old, status).await.unwrap_err();
        assert_eq!((conflict.code, conflict.reason.as_str()), (409, "Conflict"));
    }
    assert_eq!(types(&object.stored().await), BOTH);
}
