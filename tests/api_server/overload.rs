//! The webhook has no place left and answers 429: what the API server and its clients make of it.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use test_support::client::{Connection, tls_config};
use test_support::unread::{leave_unread, review_with_large_answer};

use crate::control_plane::guarded::{PATIENCE, wait_until};
use crate::object::Group;
use crate::samples::sum;
use crate::scene::{Scene, fail, generate_registration, succeed};

const TIME: &str = "2026-11-20T10:00:00Z";

/// A client that does not read its answer, which takes the only place there is until it is dropped.
struct Hanging(#[expect(dead_code, reason = "it is only held open")] Connection);

impl Hanging {
    fn in_place_of_others(scene: &Scene) -> Self {
        let config = tls_config(&scene.server.ca());
        let review = review_with_large_answer();
        let hanging = Self(leave_unread(scene.server.port(), config, &review));
        wait_until("its place is taken", || {
            scene
                .metrics()
                .contains("wfe_webhook_in_flight_requests 1\n")
                .then_some(())
        });
        hanging
    }
}

/// How many calls of a webhook were sent away.
fn shed(scene: &Scene, webhook: &str) -> u64 {
    sum(
        &scene.metrics(),
        "wfe_webhook_admission_requests_total",
        &[("webhook", webhook), ("outcome", "shed")],
    )
}

/// A server for one request at a time, registered with a failure policy and a timeout in seconds.
async fn narrow(namespace: &str, policy: &str, timeout: &str) -> Scene {
    let arguments = ["--max-in-flight", "1", "--body-timeout", "300s"];
    let scene = Scene::unregistered(namespace, &arguments);
    let url = format!("https://localhost:{}", scene.server.port());
    let arguments = [
        "--url",
        &url,
        "--failure-policy",
        policy,
        "--mutate-timeout",
        timeout,
        "--validate-timeout",
        timeout,
    ];
    for configuration in generate_registration(&scene.server.ca(), &arguments) {
        scene.apply_configuration(configuration);
    }
    scene.wait_for_calls().await;
    scene
}

#[rstest]
#[case("Ignore")]
#[case("Fail")]
#[tokio::test]
async fn a_call_that_is_sent_away_until_its_time_is_over_is_one_that_failed(#[case] policy: &str) {
    let scene = narrow(&format!("shed-{}", policy.to_lowercase()), policy, "5").await;
    let object = scene.create(Group::Tekton, "shed").await;
    let stored = object.stored().await;
    let status = json!({"status": {"phase": "Running", "startTime": TIME}}).to_string();

    let hanging = Hanging::in_place_of_others(&scene);
    let mut write = object.kubectl_patch("merge", &status);
    if policy == "Ignore" {
        succeed(&mut write);
        assert_ne!(object.stored().await, stored);
    } else {
        let printed = fail(&mut write);
        let name = scene.webhook_name("validate.wfe-webhook.kubernaut.ai");
        let expected = format!("failed calling webhook \"{name}\"");
        assert!(printed.contains(&expected), "{printed}");
        assert_eq!(object.stored().await, stored);
    }
    // Both were called again within their 5 s, and at most once a second.
    for webhook in ["mutate", "validate"] {
        let calls = shed(&scene, webhook);
        assert!((2..=6).contains(&calls), "{webhook}: {calls}");
    }

    drop(hanging);
    wait_until("the place is free", || {
        scene
            .metrics()
            .contains("wfe_webhook_in_flight_requests 0\n")
            .then_some(())
    });
    succeed(&mut object.kubectl_patch("merge", &status));
    assert_eq!(
        object.conditions().await[0]["type"],
        "TektonPipelineCreated"
    );
}

#[tokio::test]
async fn a_call_that_is_sent_away_and_finds_a_place_in_time_is_judged() {
    let scene = narrow("shed-for-a-while", "Fail", "30").await;
    let object = scene.create(Group::Tekton, "late").await;
    let hanging = Hanging::in_place_of_others(&scene);
    let writing = async {
        object
            .put(json!({"phase": "Running", "startTime": TIME}))
            .await
            .unwrap();
    };
    let freeing = async {
        while shed(&scene, "mutate") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(hanging);
    };
    let both = async { tokio::join!(writing, freeing) };
    tokio::time::timeout(PATIENCE, both)
        .await
        .expect("the call is sent away, and then judged");
    assert!(shed(&scene, "mutate") > 0);
    assert_eq!(
        object.conditions().await[1]["type"],
        "TektonPipelineRunning"
    );
}
