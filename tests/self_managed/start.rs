//! The first start, three at once.

use serde_json::{Value, json};

use crate::scene::{LIFETIMES, Scene, certificates};
use crate::writes::Writes;

/// A configuration without what the API server itself keeps, and without bundles.
fn without_bundle(configuration: &Value) -> Value {
    let mut rest = configuration.clone();
    for key in ["managedFields", "resourceVersion", "generation"] {
        rest["metadata"].as_object_mut().unwrap().remove(key);
    }
    for webhook in rest["webhooks"].as_array_mut().unwrap() {
        webhook["clientConfig"]
            .as_object_mut()
            .unwrap()
            .remove("caBundle");
    }
    rest
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_that_start_at_once_share_one_authority_and_touch_nothing_but_bundles() {
    let before = {
        let scene = Scene::new("first-start");
        scene.configurations()
    };
    let scene = Scene::with_three_replicas("first-start", &LIFETIMES[2..]);

    let authority = scene.secret("ca.crt");
    assert_eq!(certificates(&authority), 1);
    assert_eq!(
        [scene.secret("next.crt"), scene.secret("old.crt")],
        ["", ""]
    );
    assert_eq!(scene.bundles(), [authority.clone(), authority]);
    for replica in &scene.replicas {
        scene.assert_trusted(replica);
        replica.wait_for_log("failurePolicy Fail is safe from now on");
    }

    for (before, after) in before.iter().zip(&scene.configurations()) {
        let ports = |configuration: &Value| {
            let mut rest = without_bundle(configuration);
            rest["webhooks"][0]["clientConfig"]["service"]["port"] = json!(0);
            rest
        };
        assert_eq!(ports(before), ports(after));
        let owned: Vec<&Value> = after["metadata"]["managedFields"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["manager"] == "wfe-webhook-ca-bundle")
            .collect();
        assert_eq!(owned.len(), 1, "one manager for all replicas: {owned:?}");
        // No applier, or an operator who applies manifests with one webhook less would be refused.
        assert_eq!(owned[0]["operation"], "Update");
        let webhooks = owned[0]["fieldsV1"]["f:webhooks"].as_object().unwrap();
        let fields: Vec<&Value> = webhooks.values().collect();
        assert_eq!(fields, [&json!({"f:clientConfig": {"f:caBundle": {}}})]);
    }

    let writes = Writes::start(&scene).await;
    tokio::task::block_in_place(|| writes.wait_for(20));
    writes.assert_none_failed(&scene).await;
}
