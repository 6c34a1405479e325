//! cert-manager's own controllers, and certificates by hand.

use std::path::Path;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use test_support::control_plane::{run, stderr, stdout};
use test_support::crds;

use super::scene::{RELEASE, Scene};

/// Starts cert-manager's controllers, which the test program `tests/cert-manager` puts together.
pub fn start_cert_manager(scene: &Scene) {
    for manifest in crds::of_cert_manager() {
        scene.cluster.apply(&manifest);
    }
    scene.kubectl(&["wait", "--for=condition=Established", "crd", "--all"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cert-manager/build.sh");
    let output = run(&mut Command::new(script));
    assert!(output.status.success(), "{}", stderr(&output));
    let program = Path::new(stdout(&output).trim()).join("cert-manager");
    let mut command = scene.cluster.command(program);
    scene.cluster.spawn("cert-manager", &mut command);
}

/// Puts a certificate into the Secret that `tls.mode: files` mounts, and returns the file of its CA.
pub fn put_certificate_by_hand(scene: &Scene) -> String {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let name = format!("{}.{}.svc", RELEASE.name, RELEASE.namespace);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new([name])
        .unwrap()
        .signed_by(&key, &ca)
        .unwrap();
    let file = |name: &str, text: &str| {
        let file = scene.cluster.directory().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let certificate = file("tls.crt", &leaf.pem());
    let key = file("tls.key", &key.serialize_pem());
    scene.kubectl(&[
        "create",
        "secret",
        "tls",
        "wfe-webhook-tls",
        "--namespace",
        RELEASE.namespace,
        &format!("--cert={certificate}"),
        &format!("--key={key}"),
    ]);
    file("ca-by-hand.crt", &ca.pem())
}
