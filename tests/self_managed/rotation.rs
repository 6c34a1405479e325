//! A new authority takes over while writes go on.

use crate::control_plane::guarded::wait_until;
use crate::probe::readyz;
use crate::scene::{LIFETIMES, Scene, certificates};
use crate::writes::Writes;

/// From the first certificate authority alone, over both, to the second one alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_loses_no_call_and_a_replica_that_slept_through_it_comes_back() {
    let mut scene = Scene::with_three_replicas("rotation", &LIFETIMES);
    // It is behind no port: a call while it sleeps has to wait, whatever its certificate.
    scene.start_replica(&LIFETIMES);
    scene.replicas[3].wait_until_ready();
    let first = scene.secret("ca.crt");
    let writes = Writes::start(&scene).await;

    tokio::task::block_in_place(|| {
        scene.wait_for_bundles("trust in two authorities", |bundle| {
            for replica in &scene.replicas {
                scene.assert_trusted(replica);
            }
            certificates(bundle) == 2 && bundle.contains(&first)
        });
    });
    scene.replicas[3].process.signal("STOP");
    tokio::task::block_in_place(|| {
        scene.wait_for_bundles("the end of the first authority", |bundle| {
            for replica in &scene.replicas[..3] {
                scene.assert_trusted(replica);
            }
            !bundle.contains(&first) && certificates(bundle) == 1
        });
    });
    assert_eq!(scene.bundles(), [(); 2].map(|()| scene.secret("ca.crt")));
    assert_eq!(scene.secret("old.crt"), "");
    writes.assert_none_failed(&scene).await;

    // What it would serve now has expired, and it must report that before it is called.
    scene.replicas[3].process.signal("CONT");
    let sleeper = &scene.replicas[3];
    wait_until("the sleeper is ready", || {
        let answer = readyz(sleeper.admin)?;
        if answer.starts_with("HTTP/1.0 200") {
            scene.assert_trusted(sleeper);
            return Some(());
        }
        assert!(answer.contains("the certificate has expired"), "{answer}");
        None
    });
}
