//! The operator applies changed manifests, without a `caBundle` as always.

use rstest::rstest;
use serde_json::{Value, json};

use crate::control_plane::guarded::wait_until;
use crate::control_plane::{run, stderr};
use crate::scene::{LIFETIMES, Scene};
use crate::writes::Writes;

/// The manifests with one more webhook of this name in each.
fn with_another(manifests: &[Value; 2], name: &str) -> [Value; 2] {
    manifests.clone().map(|mut manifest| {
        let webhooks = manifest["webhooks"].as_array_mut().unwrap();
        let mut another = webhooks[0].clone();
        another["name"] = json!(format!("{name}.example.com"));
        // Until the server has put the bundle in, every call of it fails.
        another["failurePolicy"] = json!("Ignore");
        webhooks.push(another);
        manifest
    })
}

fn kubectl(scene: &Scene, verb: &[&str], manifests: &[Value; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifests.json");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": manifests});
    std::fs::write(&file, list.to_string()).unwrap();
    let output = run(scene.kubectl().args(verb).arg("-f").arg(&file));
    assert!(output.status.success(), "{verb:?}: {}", stderr(&output));
}

/// The names of the webhooks, of both configurations.
fn names(configurations: &[Value; 2]) -> [Vec<&str>; 2] {
    configurations.each_ref().map(|configuration| {
        let webhooks = configuration["webhooks"].as_array().unwrap();
        webhooks
            .iter()
            .map(|webhook| webhook["name"].as_str().unwrap())
            .collect()
    })
}

/// Waits until every webhook has a bundle, and asserts that there are those of the manifests and no others.
fn assert_registered(scene: &Scene, manifests: &[Value; 2]) {
    assert_eq!(names(&scene.configurations()), names(manifests));
    let authority = scene.secret("ca.crt");
    wait_until("a bundle in every webhook", || {
        scene
            .all_bundles()
            .iter()
            .all(|bundle| *bundle == authority)
            .then_some(())
    });
    assert_eq!(names(&scene.configurations()), names(manifests));
}

#[rstest]
#[case::server_side("server-side", &["apply", "--server-side"], &["apply", "--server-side"])]
#[case::client_side("client-side", &["apply"], &["apply"])]
#[case::replaced("replaced", &["create"], &["replace"])]
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_added_renamed_and_removed(
    #[case] namespace: &str,
    #[case] first: &[&str],
    #[case] again: &[&str],
) {
    let mut scene = Scene::new(namespace);
    let one = scene.manifests();
    scene.unregister();
    kubectl(&scene, first, &with_another(&one, "second"));
    scene.start_three_replicas(&[], &LIFETIMES[2..]);
    assert_registered(&scene, &with_another(&one, "second"));

    // What is replaced by a manifest has no bundle for a moment.
    let writes = match again {
        ["replace"] => None,
        _ => Some(Writes::start(&scene).await),
    };
    for manifests in [
        with_another(&one, "renamed"),
        one.clone(),
        with_another(&one, "added"),
    ] {
        tokio::task::block_in_place(|| {
            kubectl(&scene, again, &manifests);
            assert_registered(&scene, &manifests);
            if let Some(writes) = &writes {
                writes.wait_for(writes.written() + 5);
            }
        });
    }
    if let Some(writes) = writes {
        writes.assert_none_failed(&scene).await;
    }

    // The only one gets another name.
    let renamed = one.map(|mut manifest| {
        manifest["webhooks"][0]["name"] = json!("only.example.com");
        manifest
    });
    kubectl(&scene, again, &renamed);
    assert_registered(&scene, &renamed);
}
