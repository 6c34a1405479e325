//! Kinds of other projects, by their own CRDs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::control_plane::{ControlPlane, run, stderr, stdout};

/// A module with its checksum, its folder of CRDs, and those that the chart uses.
const SOURCES: [(&str, &str, &str, [&str; 2]); 2] = [
    (
        "github.com/cert-manager/cert-manager@v1.21.2",
        "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
        "deploy/crds",
        [
            "cert-manager.io_certificates.yaml",
            "cert-manager.io_issuers.yaml",
        ],
    ),
    (
        "github.com/prometheus-operator/prometheus-operator@v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        "example/prometheus-operator-crd",
        [
            "monitoring.coreos.com_servicemonitors.yaml",
            "monitoring.coreos.com_podmonitors.yaml",
        ],
    ),
];

/// Makes an API server know them.
pub fn establish(plane: &ControlPlane) {
    for (module, sum, folder, files) in SOURCES {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crds.sh");
        let output = run(Command::new(script).args([module, sum, folder]));
        assert!(
            output.status.success(),
            "tests/crds.sh: {}",
            stderr(&output)
        );
        let folder = PathBuf::from(stdout(&output).trim());
        for file in files {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            plane.apply(&text);
        }
    }
    let mut wait = plane.kubectl();
    wait.args(["wait", "--for=condition=Established", "--timeout=60s"]);
    wait.args([
        "crd/certificates.cert-manager.io",
        "crd/issuers.cert-manager.io",
        "crd/servicemonitors.monitoring.coreos.com",
        "crd/podmonitors.monitoring.coreos.com",
    ]);
    let output = run(&mut wait);
    assert!(output.status.success(), "{}", stderr(&output));
}
