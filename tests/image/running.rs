//! The image at work.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use rcgen::{CertificateParams, KeyPair};
use test_support::image::output;

use crate::container::{Container, Serving, status_field};

/// The status code of a GET by curl.
fn get(url: &str, ca: Option<&Path>) -> String {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--show-error",
        "--noproxy",
        "*",
        "--output",
        "/dev/null",
    ]);
    if let Some(ca) = ca {
        command.arg("--cacert").arg(ca);
    }
    output(command.args(["--write-out", "%{http_code}", url]))
}

/// The probes answer, and so does the webhook, behind a handshake by `ca`. It refuses a GET.
fn assert_serves(serving: &Serving, ca: &Path) {
    assert_eq!(get(&format!("http://{}/livez", serving.admin), None), "200");
    assert_eq!(
        get(&format!("http://{}/readyz", serving.admin), None),
        "200"
    );
    let webhook = format!("https://localhost:{}/validate", serving.webhook.port());
    assert_eq!(get(&webhook, Some(ca)), "405");
}

fn make_readable(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn it_serves_a_mounted_certificate_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    make_readable(folder.path(), 0o755);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let file = |name: &str| folder.path().join(name);
    for (name, text) in [
        ("tls.crt", certificate.pem()),
        ("tls.key", key.serialize_pem()),
    ] {
        fs::write(file(name), text).unwrap();
        make_readable(&file(name), 0o644);
    }
    let container = Container::new();
    let arguments = ["--tls-cert=/tls/tls.crt", "--tls-key=/tls/tls.key"];
    let serving = container.serve(&arguments, folder.path(), "/tls:ro");
    assert_serves(&serving, &file("tls.crt"));
    assert_eq!(
        status_field(serving.pid(), "Uid:"),
        "65532\t65532\t65532\t65532"
    );
    assert_eq!(serving.terminate(), 0);
}

#[test]
fn it_writes_its_ca_where_it_may() {
    let folder = tempfile::tempdir().unwrap();
    make_readable(folder.path(), 0o777);
    let container = Container::new();
    let serving = container.serve(&["--certs-dir=/certs"], folder.path(), "/certs");
    assert_serves(&serving, &folder.path().join("ca.crt"));
    assert_eq!(serving.terminate(), 0);
}

#[test]
fn without_a_writable_folder_it_reports_what_to_do() {
    let ended = Container::new().run_by_default();
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        said.contains("cannot write the CA certificate") && said.contains("--certs-dir"),
        "{said}"
    );
}
