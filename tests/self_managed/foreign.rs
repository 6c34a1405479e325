//! Another client puts a certificate authority of its own into a bundle, under the name of ours.

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;
use time::OffsetDateTime;

use crate::control_plane::guarded::wait_until;
use crate::control_plane::{run, stderr};
use crate::scene::{LIFETIMES, SECRET, Scene, certificates};

const HOUR: Duration = Duration::from_secs(3600);

/// Of a certificate authority of our name.
fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params
        .distinguished_name
        .push(DnType::CommonName, "wfe-webhook self-managed CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params
}

/// A certificate authority of our name that signed itself, valid from so long ago.
fn authority(age: Duration, lifetime: Duration) -> String {
    let mut params = params();
    params.not_before = OffsetDateTime::now_utc() - age;
    params.not_after = params.not_before + lifetime;
    let key = KeyPair::generate().unwrap();
    params
        .self_signed(&key)
        .unwrap()
        .pem()
        .replace("\r\n", "\n")
}

/// One that another authority signed.
fn forged() -> String {
    let signer = Issuer::new(params(), KeyPair::generate().unwrap());
    let key = KeyPair::generate().unwrap();
    params().signed_by(&key, &signer).unwrap().pem()
}

/// A certificate authority that looks like ours, and one that lives longer than ours may.
fn foreign() -> [String; 2] {
    [HOUR, 24 * 365 * 10 * HOUR].map(|lifetime| authority(Duration::ZERO, lifetime))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_authority_never_spreads_and_is_taken_out_again() {
    let scene = Scene::with_three_replicas("foreign", &LIFETIMES[2..]);
    let right = scene.bundles();
    for (kind, other) in [(0, 1), (1, 0)] {
        for foreign in foreign() {
            scene.overwrite_bundle(kind, &format!("{}{foreign}", right[kind]));
            wait_until("the right bundles", || {
                let bundles = scene.bundles();
                assert_eq!(bundles[other], right[other], "it has spread");
                (bundles == right).then_some(())
            });
        }
    }
    assert_eq!(scene.secret("old.crt"), "");
    assert!(scene.replicas.iter().any(|replica| {
        replica
            .process
            .log()
            .contains("removed a certificate authority from caBundle")
    }));
}

/// While the Secret is gone, only what a replica can have created is taken over, and the log reports it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_secret_takes_over_nothing_that_lives_longer_than_ours() {
    let mut scene = Scene::new("taken-over");
    let [_, lasting] = foreign();
    let ours = authority(Duration::ZERO, HOUR);
    let expired = authority(24 * HOUR, HOUR);
    // There is no Secret yet.
    let bundle = [ours.as_str(), &lasting, &expired, &forged()].concat();
    scene.overwrite_bundle(0, &bundle);
    scene.start_three_replicas(
        &[],
        &[
            "--ca-lifetime=2h",
            "--leaf-lifetime=30m",
            LIFETIMES[2],
            LIFETIMES[3],
        ],
    );
    let active = scene.secret("ca.crt");
    wait_until("bundles of both", || {
        let bundles = scene.bundles();
        bundles
            .iter()
            .all(|bundle| {
                certificates(bundle) == 2 && bundle.contains(&active) && bundle.contains(&ours)
            })
            .then_some(())
    });
    assert_eq!(scene.secret("old.crt"), ours);
    assert!(scene.replicas.iter().any(|replica| {
        replica
            .process
            .log()
            .contains("the Secret is damaged or gone: a certificate authority in a caBundle")
    }));

    // What is taken out of a whole Secret stays out.
    let patch = json!({"data": {"old.crt": null}}).to_string();
    let mut command = scene.kubectl();
    command.args(["patch", "secret", SECRET, "--type=merge", "-p", &patch]);
    let output = run(&mut command);
    assert!(output.status.success(), "{}", stderr(&output));
    wait_until("bundles without it", || {
        let bundles = scene.bundles();
        bundles.iter().all(|bundle| *bundle == active).then_some(())
    });
    assert_eq!(scene.secret("old.crt"), "");
}
