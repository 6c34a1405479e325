//! What was stored before the webhook came never blocks a writer; a repair is possible.

use serde_json::{Value, json};

use crate::object::Group;
use crate::scene::Scene;

const TIME: &str = "2026-11-20T10:00:00Z";

fn condition(condition: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": condition,
        "status": status,
        "reason": reason,
        "message": "by hand",
        "lastTransitionTime": TIME,
    })
}

#[tokio::test]
async fn a_fault_from_before_the_registration_may_stay_but_a_new_one_may_not_come() {
    let scene = Scene::unregistered("ratchet", &[]);
    let object = scene.create(Group::Tekton, "old-fault").await;
    let stored_fault = condition("PipelineRunCreated", "True", "PipelineRunCreated");
    object
        .put(json!({"phase": "Running", "startTime": TIME, "conditions": [stored_fault]}))
        .await
        .unwrap();
    scene.register(&[]).await;

    // The controller goes on with what it read, to the end.
    object
        .put(json!({
            "phase": "Completed",
            "startTime": TIME,
            "completionTime": TIME,
            "conditions": [stored_fault],
        }))
        .await
        .unwrap();
    let conditions = object.conditions().await;
    assert_eq!(
        conditions[0], stored_fault,
        "foreign conditions are never changed"
    );
    assert_eq!(conditions[3]["type"], "TektonPipelineComplete");

    // The same fault in another guise is new.
    let mut status = object.stored().await["status"].clone();
    status["conditions"].as_array_mut().unwrap().push(condition(
        "PipelineRunFinished",
        "True",
        "PipelineRunFinished",
    ));
    let refused = object.put(status).await.unwrap_err();
    assert_eq!(refused.code, 422);
    let causes = refused.details.unwrap().causes;
    assert_eq!(
        causes.len(),
        1,
        "only the new fault is refused: {causes:#?}"
    );
    assert_eq!(causes[0].field, "status.conditions[4].type");
}

#[tokio::test]
async fn only_an_exempt_user_can_repair_a_terminal_object() {
    let scene = Scene::with("exempt", &["--exempt-user", "repairer"]).await;
    scene.grant("repairer");
    scene.grant("operator");
    let object = scene.create(Group::Tekton, "stuck").await;
    object
        .put(json!({"phase": "Failed", "completionTime": TIME}))
        .await
        .unwrap();
    let mended = json!({"phase": "Running", "startTime": TIME});

    let refused = object
        .as_user("operator")
        .await
        .put(mended.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.code, 422);
    assert!(
        refused.message.contains("[phase-transition]"),
        "{}",
        refused.message
    );

    object
        .as_user("repairer")
        .await
        .put(mended.clone())
        .await
        .unwrap();
    let stored = object.stored().await;
    assert_eq!(
        stored["status"], mended,
        "stored as sent, and nothing is completed"
    );
    let findings = scene
        .plane
        .audit_events()
        .into_iter()
        .filter(|event| {
            event["objectRef"]["namespace"] == "exempt" && event["user"]["username"] == "repairer"
        })
        .find_map(|event| {
            let (_, findings) = event["annotations"]
                .as_object()?
                .iter()
                .find(|(key, _)| key.ends_with("/findings"))?;
            findings.as_str().map(str::to_owned)
        })
        .expect("an exempt writer's findings are audited");
    assert!(findings.contains("phase-transition"), "{findings}");
}
