//! In a pod: the cluster is found by the service account, and the server by the name of its Service.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::installation::{HOST, Installation, PROGRAM, expect};
use crate::permissions::grant;

/// Runs a program where `/etc/hosts` and the service account's folder are those of `$1`, in a mount namespace of its own.
/// In a user namespace of its own as well, so that it needs no root.
const POD: &str = r#"
set -e
mount --bind "$1/hosts" /etc/hosts
mount -t tmpfs tmpfs /var/run
mkdir -p /var/run/secrets/kubernetes.io
cp -r "$1/serviceaccount" /var/run/secrets/kubernetes.io/
shift
exec "$@"
"#;

/// A folder with what a pod has.
fn pod(installation: &Installation, user: &str, names: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("hosts", &format!("127.0.0.1 localhost {names}\n"));
    std::fs::create_dir(folder.path().join("serviceaccount")).unwrap();
    write("serviceaccount/token", &format!("{user}-token"));
    write("serviceaccount/namespace", "default");
    let ca = std::fs::read_to_string(installation.plane.certificate()).unwrap();
    write("serviceaccount/ca.crt", &ca);
    folder
}

/// The command without an argument, as that pod would run it.
fn doctor_in(pod: &Path, installation: &Installation) -> Command {
    let address = installation.plane.url().strip_prefix("https://").unwrap();
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "sh", "-c", POD, "pod"])
        .arg(pod)
        .args([PROGRAM, "doctor"])
        .env("KUBERNETES_SERVICE_HOST", host)
        .env("KUBERNETES_SERVICE_PORT", port)
        // Not the kubeconfig of the user that runs the tests.
        .env("HOME", pod)
        .env_remove("KUBECONFIG");
    command
}

#[test]
fn the_server_is_asked_by_the_name_of_its_service() {
    let installation = Installation::new();
    installation.register_well();
    grant(installation.plane, "operator");
    let pod = pod(&installation, "operator", HOST);
    expect(
        &mut doctor_in(pod.path(), &installation),
        0,
        &[
            "ok       mutating certificate: is for hook.doctor.svc",
            "ok       /mutate answer: a write without conditions is completed",
            "ok       /validate answer: a write with an unknown condition type is refused",
            "0 errors, 0 warnings, 33 ok",
        ],
    );
}

#[test]
fn a_name_that_cannot_be_resolved_is_an_error() {
    let installation = Installation::new();
    installation.register_well();
    grant(installation.plane, "operator");
    let pod = pod(&installation, "operator", "");
    let unreachable = format!(
        "error    /validate answer: no answer from {HOST}:{}: failed to lookup address information",
        installation.server.port()
    );
    expect(
        &mut doctor_in(pod.path(), &installation),
        1,
        &[&unreachable],
    );
}
