//! With the default intervals.

use std::time::Duration;

use crate::control_plane::guarded::wait_within;
use crate::scene::Scene;

#[test]
fn a_bundle_that_is_emptied_or_overwritten_is_restored_within_30_s() {
    let mut scene = Scene::beside_others("defaults");
    scene.start_three_replicas(&[], &[]);
    let right = scene.bundles();
    let foreign = rcgen::generate_simple_self_signed(["foreign".to_owned()])
        .unwrap()
        .cert
        .pem();
    scene.overwrite_bundle(0, "");
    scene.overwrite_bundle(1, &foreign);
    wait_within(Duration::from_secs(30), "the right bundles", || {
        (scene.bundles() == right).then_some(())
    });
    for replica in &scene.replicas {
        scene.assert_trusted(replica);
    }
}
