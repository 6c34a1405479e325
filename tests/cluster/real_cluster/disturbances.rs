//! What goes wrong: at most as much is lost as `docs/reliability.md` says.

use std::time::Duration;
use test_support::guarded::{wait_until, wait_within};

use test_support::control_plane::stderr;
use test_support::helm;

use super::pods;
use super::scene::{RELEASE, Scene};
use super::writes::RATE;

/// How long writes go on after something has happened.
const AFTERWARDS: Duration = Duration::from_secs(20);

/// What the API server says of a call that no replica answered.
const CALL_FAILED: &str = "failed calling webhook";

/// A replica that ends without notice costs what its connections had in flight, and an API server keeps at most 25.
const MOST_CONNECTIONS: usize = 25;

/// When the control plane takes a silent node for lost; these clusters are told to do it earlier than others.
const NODE_LOST: Duration = Duration::from_secs(20);

fn per(duration: Duration) -> usize {
    RATE as usize * usize::try_from(duration.as_secs()).unwrap()
}

#[test]
fn a_replica_that_is_killed_or_hangs_or_is_cut_off_loses_what_it_was_sent() {
    let scene = Scene::installed();

    let writes = scene.writes();
    std::thread::sleep(AFTERWARDS / 4);
    pods::busiest(&scene).signal("KILL");
    std::thread::sleep(AFTERWARDS);
    writes
        .stop()
        .expect_lost_at_most(MOST_CONNECTIONS, &[CALL_FAILED], "the kill of a replica");
    wait_until("the replica again", || {
        pods::settled(&scene, 2)
            .iter()
            .any(|pod| pod.restarts == 1)
            .then_some(())
    });

    let writes = scene.writes();
    let pod = pods::busiest(&scene);
    pod.signal("STOP");
    std::thread::sleep(AFTERWARDS * 2);
    pod.signal("CONT");
    writes
        .stop()
        .expect_lost_at_most(MOST_CONNECTIONS, &[CALL_FAILED], "a replica that hangs");
    pods::settled(&scene, 2);

    let writes = scene.writes();
    std::thread::sleep(AFTERWARDS / 4);
    wait_until("writes that go to node 2", || {
        let busiest = pods::busiest(&scene);
        if busiest.node == "node2" {
            return Some(());
        }
        // Its connections move to the other replica, or come back to it.
        busiest.signal("KILL");
        pods::settled(&scene, 2);
        None
    });
    scene.cluster.cut_off_node_2(true);
    std::thread::sleep(AFTERWARDS * 3);
    writes
        .stop()
        .expect_lost_at_most(per(NODE_LOST), &[CALL_FAILED], "a node that is cut off");
    scene.cluster.cut_off_node_2(false);
}

#[test]
fn mistakes_are_put_right_or_do_no_harm() {
    let scene = Scene::installed();

    let writes = scene.writes();
    scene.kubectl(&[
        "delete",
        "secret",
        "wfe-webhook-ca",
        "--namespace",
        RELEASE.namespace,
    ]);
    wait_until("the Secret again", || {
        let secrets = scene.kubectl(&[
            "get",
            "secrets",
            "--namespace",
            RELEASE.namespace,
            "--output=name",
        ]);
        secrets.contains("secret/wfe-webhook-ca").then_some(())
    });
    std::thread::sleep(AFTERWARDS);
    writes
        .stop()
        .expect_nothing_lost("the deletion of the Secret");

    let writes = scene.writes();
    let wrong = format!(
        r#"[{{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": "{}"}}]"#,
        scene.kubectl(&[
            "config",
            "view",
            "--raw",
            "--flatten",
            "--output=jsonpath={.clusters[0].cluster.certificate-authority-data}"
        ])
    );
    scene.kubectl(&[
        "patch",
        "validatingwebhookconfiguration",
        RELEASE.name,
        "--type=json",
        "--patch",
        &wrong,
    ]);
    std::thread::sleep(AFTERWARDS);
    // --sync-interval is 10 s, and API servers take a moment to see it.
    writes.stop().expect_lost_at_most(
        per(Duration::from_secs(12)),
        &["x509: certificate signed by unknown authority"],
        "a wrong caBundle",
    );
    scene.wait_for_completion();

    let writes = scene.writes();
    let output = scene.try_install(&helm::chart(), &["image.tag=missing"], "30s");
    assert!(
        !output.status.success(),
        "an image that does not exist was installed"
    );
    println!("{}", stderr(&output));
    scene.helm("rollback", &["--wait", "--timeout=120s"]);
    wait_within(Duration::from_secs(60), "the pods of before", || {
        (pods::all(&scene).len() == 2).then_some(())
    });
    writes
        .stop()
        .expect_nothing_lost("an image that does not exist, and the rollback");
}
