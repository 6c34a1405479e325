//! Under the shipped policy the server works, and its user may do nothing else.

use serde_json::json;
use test_support::object::{Group, Object};

use crate::control_plane::guarded::wait_until;
use crate::control_plane::stderr;
use crate::scene::{LIFETIMES, Scene, USER};
use crate::writes::Writes;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_writes_and_restores_bundles_under_the_policy() {
    let mut scene = Scene::new("policy");
    scene.grant();
    let stricter = json!([{"op": "replace", "path": "/webhooks/0/timeoutSeconds", "value": 29}]);
    let refused = |kind: usize| {
        let output = scene.patch_as(USER, kind, &stricter);
        let message = stderr(&output);
        (!output.status.success() && message.contains("may change nothing but caBundle"))
            .then_some(())
    };
    wait_until("the policy is in force", || refused(0).and(refused(1)));

    scene.start_three_replicas(&[], &LIFETIMES[2..]);
    let right = scene.bundles();
    for (kind, wrong) in [(0, ""), (1, "no PEM text")] {
        scene.overwrite_bundle(kind, wrong);
        wait_until("the right bundle", || {
            (scene.bundles() == right).then_some(())
        });
    }
    let writes = Writes::start(&scene).await;
    tokio::task::block_in_place(|| writes.wait_for(5));
    writes.assert_none_failed(&scene).await;

    let elsewhere = json!([{
        "op": "replace", "path": "/webhooks/0/clientConfig", "value": {"url": "https://attacker.example.com/"},
    }]);
    for kind in [0, 1] {
        let output = scene.patch_as(USER, kind, &elsewhere);
        let message = stderr(&output);
        assert!(message.contains("where a webhook is called"), "{message}");
    }
    Object::create(scene.plane, &scene.namespace, Group::Tekton, "afterwards").await;
}
