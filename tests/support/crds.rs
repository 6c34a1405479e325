//! Kinds of other projects, by their own CRDs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::control_plane::{ControlPlane, run, stderr, stdout};

/// A module with its checksum, its folder of CRDs, and those that the chart uses.
const SOURCES: [(&str, &str, &str, &[&str]); 2] = [
    (
        "github.com/cert-manager/cert-manager@v1.21.2",
        "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
        "deploy/crds",
        &[
            "cert-manager.io_certificates.yaml",
            "cert-manager.io_issuers.yaml",
        ],
    ),
    (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        "example/prometheus-operator-crd",
        &[
            "monitoring.coreos.com_servicemonitors.yaml",
            "monitoring.coreos.com_podmonitors.yaml",
            "monitoring.coreos.com_prometheusrules.yaml",
        ],
    ),
];

/// Makes an API server know them.
pub fn establish(plane: &ControlPlane) {
    for (module, sum, folder, files) in SOURCES {
        let folder = sources(module, sum, folder);
        for file in files {
            plane.apply(&read(&folder.join(file)));
        }
    }
    let mut wait = plane.kubectl();
    wait.args(["wait", "--for=condition=Established", "--timeout=60s"]);
    wait.args([
        "crd/certificates.cert-manager.io",
        "crd/issuers.cert-manager.io",
        "crd/servicemonitors.monitoring.coreos.com",
        "crd/podmonitors.monitoring.coreos.com",
        "crd/prometheusrules.monitoring.coreos.com",
    ]);
    let output = run(&mut wait);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// All that cert-manager's controllers watch.
pub fn of_cert_manager() -> Vec<String> {
    let (module, sum, folder, _) = SOURCES[0];
    let entries = std::fs::read_dir(sources(module, sum, folder)).expect("a folder of a module");
    let files = entries.map(|entry| entry.expect("a file").path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "yaml"))
        .map(|file| read(&file))
        .collect()
}

/// Reports of policies, which other projects show.
pub fn of_open_reports() -> Vec<String> {
    let folder = sources(
        "github.com/openreports/reports-api@v0.2.1",
        "h1:g9KS3yle9Y1elmww4TK9EkD1rl6inIaiIJPX6e+u680=",
        "config/crd",
    );
    vec![read(&folder.join("openreports.io_reports.yaml"))]
}

/// The folder of a module with its checksum.
pub fn sources(module: &str, sum: &str, folder: &str) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crds.sh");
    let output = run(Command::new(script).args([module, sum, folder]));
    assert!(
        output.status.success(),
        "tests/crds.sh: {}",
        stderr(&output)
    );
    PathBuf::from(stdout(&output).trim())
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()))
}
