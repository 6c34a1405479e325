//! The API server does not let a replica, or is away.

use std::process::Command;

use crate::control_plane::run;
use crate::probe::readyz;
use crate::scene::{LIFETIMES, SECRET, Scene};
use crate::writes::Writes;

#[test]
fn without_permission_a_replica_stays_unready_says_what_is_missing_and_ends() {
    let mut scene = Scene::new("forbidden");
    scene.start_replica(&[
        "--startup-timeout=6s",
        "--sync-interval=300ms",
        "--trust-delay=1s",
    ]);
    let replica = &scene.replicas[0];
    let missing = format!("cannot get the Secret forbidden/{SECRET}");
    replica.wait_for_log(&missing);
    if let Some(answer) = readyz(replica.admin) {
        assert!(
            answer.contains("503") && answer.contains("not ready: starting"),
            "{answer}"
        );
    }
    assert_eq!(replica.process.wait(), 1);
    let log = replica.process.log();
    let end = log.lines().last().unwrap();
    for said in [
        "error: no certificate is served 6s after the start (--startup-timeout)",
        &missing,
        "cannot get resource \"secrets\" in API group \"\" in the namespace \"forbidden\"",
    ] {
        assert!(end.contains(said), "{said}: {end}");
    }
    let warnings = log.lines().filter(|line| line.contains("trying again"));
    assert_eq!(warnings.count(), 1, "the same trouble is told once:\n{log}");
}

#[test]
fn a_replica_that_gets_its_permission_late_becomes_ready() {
    let mut scene = Scene::new("late");
    scene.start_replica(&LIFETIMES[2..]);
    scene.replicas[0].wait_for_log("cannot get the Secret late/hook-ca");
    scene.grant();
    scene.replicas[0].wait_until_ready();
    scene.assert_trusted(&scene.replicas[0]);
}

#[test]
fn configurations_that_are_missing_are_named() {
    let mut scene = Scene::new("missing");
    scene.grant();
    for kind in [
        "mutatingwebhookconfiguration",
        "validatingwebhookconfiguration",
    ] {
        assert!(
            run(scene.kubectl().args(["delete", kind, "missing"]))
                .status
                .success()
        );
    }
    scene.start_replica(&LIFETIMES[2..]);
    scene.replicas[0].wait_for_log("there is no webhook configuration missing");
    assert!(!scene.replicas[0].is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_api_server_is_away_replicas_serve_what_they_have() {
    let scene = Scene::with_three_replicas("away", &LIFETIMES[2..]);
    let bundles = scene.bundles();
    let name = "hook.away.svc";
    let [_, api_server] = scene.plane.processes();
    let signal = |signal: &str| {
        let pid = api_server.pid().to_string();
        assert!(
            run(Command::new("kill").args([signal, &pid]))
                .status
                .success()
        );
    };
    signal("-STOP");
    for replica in &scene.replicas {
        replica.wait_for_log("cannot look after the certificates; trying again");
    }
    let mut calls = 0;
    for replica in &scene.replicas {
        for bundle in &bundles {
            let answer = crate::probe::call(replica.webhook, name, bundle);
            assert!(answer.is_ok_and(|head| head.starts_with("HTTP/1.1")));
            calls += 1;
        }
        assert!(replica.is_ready());
    }
    signal("-CONT");
    assert_eq!(calls, 6);
    for replica in &scene.replicas {
        replica.wait_for_log("can look after the certificates again");
    }
    let writes = Writes::start(&scene).await;
    tokio::task::block_in_place(|| {
        crate::control_plane::guarded::wait_until("a write", || {
            (writes.written() >= 5).then_some(())
        });
    });
    writes.assert_none_failed(&scene).await;
}
