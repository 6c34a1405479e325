//! Another client damages what the replicas share.

use serde_json::json;

use crate::control_plane::guarded::wait_until;
use crate::control_plane::{run, stderr};
use crate::scene::{LIFETIMES, SECRET, Scene, certificates};
use crate::writes::Writes;

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_emptied_or_overwritten_is_restored() {
    let scene = Scene::with_three_replicas("bundles", &LIFETIMES[2..]);
    let right = scene.bundles();
    let foreign = rcgen::generate_simple_self_signed(["foreign".to_owned()])
        .unwrap()
        .cert
        .pem();
    for kind in [0, 1] {
        for wrong in [
            "",
            "no PEM text",
            &foreign,
            &format!("{foreign}{}", right[0]),
        ] {
            scene.overwrite_bundle(kind, wrong);
            wait_until("the right bundle", || {
                (scene.bundles() == right).then_some(())
            });
        }
    }
    let writes = Writes::start(&scene).await;
    tokio::task::block_in_place(|| writes.wait_for(5));
    writes.assert_none_failed(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_deleted_or_broken_is_replaced_without_a_failed_call() {
    let scene = Scene::with_three_replicas("secret", &LIFETIMES[2..]);
    let writes = Writes::start(&scene).await;
    let broken = |data: serde_json::Value| {
        let patch = json!({"data": data}).to_string();
        let mut command = scene.kubectl();
        command.args(["patch", "secret", SECRET, "--type=merge", "-p", &patch]);
        command
    };
    let mut delete = scene.kubectl();
    delete.args(["delete", "secret", SECRET]);
    let spoiled = [
        delete,
        // Either key would do.
        broken(json!({"ca.key": "bm8ga2V5", "tls.key": "bm8ga2V5"})),
        broken(json!({"ca.crt": null})),
        broken(json!(null)),
    ];
    for (mut spoil, authorities) in spoiled.into_iter().zip(2..) {
        let before = scene.secret("ca.crt");
        let output = run(&mut spoil);
        assert!(output.status.success(), "{}", stderr(&output));
        tokio::task::block_in_place(|| {
            wait_until("another authority", || {
                for replica in &scene.replicas {
                    scene.assert_trusted(replica);
                }
                let now = scene.secret("ca.crt");
                (certificates(&now) == 1 && now != before && scene.secret("next.crt").is_empty())
                    .then_some(())
            });
        });
        // Nothing that may be served has lost trust.
        for bundle in scene.bundles() {
            assert_eq!(certificates(&bundle), authorities);
            assert!(bundle.contains(&before));
        }
    }
    for replica in &scene.replicas {
        assert!(replica.is_ready());
    }
    writes.assert_none_failed(&scene).await;
}
