//! The API server does not let a replica.

use crate::probe::readyz;
use crate::scene::{LIFETIMES, SECRET, Scene};

#[test]
fn without_permission_a_replica_stays_unready_logs_what_is_missing_and_ends() {
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
    assert_eq!(warnings.count(), 1, "the same error is logged once:\n{log}");
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
    scene.unregister();
    scene.start_replica(&LIFETIMES[2..]);
    scene.replicas[0].wait_for_log("there is no webhook configuration missing");
    assert!(!scene.replicas[0].is_ready());
}
