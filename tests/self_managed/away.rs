//! The API server is away for a minute, longer than a certificate lives.

use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::control_plane::run;
use crate::probe::Probes;
use crate::scene::Scene;
use crate::writes::Writes;

const AWAY: Duration = Duration::from_secs(60);

/// A certificate lives shorter than the outage, so that of every replica expires in it unless it is renewed. A third of it
/// is longer than the 12 s between two looks that get no answer.
const FLAGS: [&str; 4] = [
    "--ca-lifetime=10m",
    "--leaf-lifetime=54s",
    "--sync-interval=2s",
    "--trust-delay=1s",
];

#[tokio::test(flavor = "multi_thread")]
async fn while_the_api_server_is_away_replicas_serve_what_they_have_and_renew_it() {
    let mut scene = Scene::apart("away");
    scene.start_three_replicas(&[], &FLAGS);
    let signal = |signal: &str| {
        let [_, api_server] = scene.plane.processes();
        let pid = api_server.pid().to_string();
        let output = run(Command::new("kill").args([signal, &pid]));
        assert!(output.status.success());
    };
    let bundles = scene.bundles();
    let renewals = || {
        let logs = scene.replicas.iter().map(|replica| replica.process.log());
        let count = |log: String| log.matches("serving a new certificate").count();
        logs.map(count).collect::<Vec<_>>()
    };
    let before = renewals();
    let probes = Probes::start(&scene, &bundles);

    signal("-STOP");
    // What is awaited is the time itself.
    thread::sleep(AWAY);
    for replica in &scene.replicas {
        replica.wait_for_log("cannot manage the certificates; trying again");
        assert!(replica.is_ready());
    }
    let after = renewals();
    signal("-CONT");
    for (before, after) in before.iter().zip(&after) {
        assert!(
            before < after,
            "certificates served: {before}, then {after}"
        );
    }

    for replica in &scene.replicas {
        replica.wait_for_log("can manage the certificates again");
        scene.assert_trusted(replica);
    }
    assert_eq!(scene.bundles(), bundles);
    let writes = Writes::start(&scene).await;
    tokio::task::block_in_place(|| writes.wait_for(5));
    writes.assert_none_failed(&scene).await;
    probes.assert_none_failed();
}
