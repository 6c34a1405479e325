//! The wall clock of the replicas jumps, and that of the API server, by which it accepts certificates, does not.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use test_support::faketime;

use crate::control_plane::guarded::wait_until;
use crate::probe::Probes;
use crate::replica::Replica;
use crate::scene::{Scene, certificates};
use crate::writes::Writes;

/// A certificate is due after 8 minutes, its authority after 24.
const FLAGS: [&str; 4] = [
    "--ca-lifetime=36m",
    "--leaf-lifetime=12m",
    "--sync-interval=1s",
    "--trust-delay=1s",
];

/// What a replica logs whose clock is set 400 days ahead.
const FAR_AHEAD: &str = "the clock here is 576000 min ahead of the API server's";

/// A wall clock that runs beside the real one, for processes that are started with its environment.
struct Clock {
    folder: TempDir,
    library: String,
}

impl Clock {
    fn new() -> Self {
        let clock = Self {
            folder: tempfile::tempdir().unwrap(),
            library: faketime::library(),
        };
        clock.set_ahead("0");
        clock
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ahead")
    }

    /// Sets it ahead of the real one by this, as libfaketime writes it.
    fn set_ahead(&self, by: &str) {
        let new = self.folder.path().join("new");
        std::fs::write(&new, format!("+{by}\n")).unwrap();
        std::fs::rename(new, self.file()).unwrap();
    }

    /// The steady clock stays right: a clock that is set does not move it.
    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_forward_is_followed_without_a_failed_call() {
    let clock = Clock::new();
    let mut scene = Scene::beside_others("jump");
    scene.start_three_replicas(&clock.environment(), &FLAGS);
    let first = scene.secret("ca.crt");
    let writes = Writes::start(&scene).await;
    let served = || {
        let replicas = scene.replicas.iter();
        replicas.map(|replica| scene.assert_trusted(replica))
    };
    tokio::task::block_in_place(|| {
        // The certificate is due at each jump, and at the third one its authority is too.
        for ahead in ["9m", "18m", "27m"] {
            let before: Vec<_> = served().collect();
            clock.set_ahead(ahead);
            wait_until(&format!("new certificates at +{ahead}"), || {
                served()
                    .zip(&before)
                    .all(|(now, before)| now != *before)
                    .then_some(())
            });
            assert!(scene.replicas.iter().all(Replica::is_ready));
        }
        wait_until("a new authority", || {
            served().for_each(drop);
            (scene.secret("ca.crt") != first && scene.secret("next.crt").is_empty()).then_some(())
        });
        let written = writes.written();
        writes.wait_for(written + 5);
    });
    // Clients by whose clock the first one has not expired trust both.
    for bundle in scene.bundles() {
        assert!(bundle.contains(&first) && certificates(&bundle) == 2);
    }
    writes.assert_none_failed(&scene).await;
}

#[test]
fn a_replica_whose_clock_has_gone_wrong_changes_nothing_and_serves_on() {
    let clock = Clock::new();
    let mut scene = Scene::beside_others("wrong-clock");
    scene.start_three_replicas(&clock.environment(), &FLAGS);
    let state = || {
        let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
        let [mutating, validating] = scene.configurations();
        [mutating, validating, scene.secret_object().unwrap()].map(|object| version(&object))
    };
    let before = state();
    let probes = Probes::start(&scene, &scene.bundles());
    // Every authority and every certificate has long expired by then.
    clock.set_ahead("400d");
    for replica in &scene.replicas {
        replica.wait_for_log(FAR_AHEAD);
    }
    clock.set_ahead("0");
    for replica in &scene.replicas {
        replica.wait_for_log("can manage the certificates again");
    }
    assert_eq!(state(), before);
    probes.assert_none_failed();
}

#[test]
fn a_replica_that_starts_with_a_wrong_clock_is_never_ready_and_makes_nothing() {
    let clock = Clock::new();
    clock.set_ahead("400d");
    let mut scene = Scene::beside_others("wrong-start");
    scene.grant();
    let flags = ["--startup-timeout=5s"];
    scene.start_replica_in(&clock.environment(), &flags);
    let replica = &scene.replicas[0];
    assert_eq!(replica.process.wait(), 1);
    let log = replica.process.log();
    let end = log.lines().last().unwrap();
    assert!(
        end.contains("(--startup-timeout)") && end.contains(FAR_AHEAD),
        "{end}"
    );
    assert!(!log.contains("serving a new certificate"), "{log}");
    assert_eq!(scene.secret_object(), None);
    assert_eq!(scene.bundles(), ["", ""]);
}
