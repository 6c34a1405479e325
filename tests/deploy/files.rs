//! `install.yaml` and `install-cert-manager.yaml`, which are rendered from the chart.
//! `UPDATE_DOCS=1 cargo test --test deploy` writes them anew.

use rstest::rstest;
use serde_json::Value;

use crate::control_plane::{binary, run, stderr, stdout};
use crate::rendered::{Mode, NAME, RELEASE, Rendered, folder, template};

/// The text of a file.
fn rendered(mode: Mode) -> String {
    let chart = template(RELEASE, mode, &["--skip-tests"]).unwrap();
    // Whoever applies the file has no Helm, and its labels would say otherwise.
    let lines = chart.lines().filter(|line| {
        let line = line.trim_start();
        ![
            "# Source:",
            "helm.sh/chart:",
            "app.kubernetes.io/managed-by:",
        ]
        .iter()
        .any(|start| line.starts_with(start))
    });
    let documents = lines.collect::<Vec<_>>().join("\n");
    let documents: Vec<&str> = documents
        .split("---\n")
        .map(str::trim)
        .filter(|document| !document.is_empty())
        .collect();
    let requirement = match mode {
        Mode::CertManager => "# cert-manager must be in the cluster before.\n",
        Mode::SelfManaged | Mode::Files => "",
    };
    format!(
        "# Rendered from deploy/chart/wfe-webhook with tls.mode={}: change the chart, not this file.\n{requirement}{NAMESPACE}---\n{}\n",
        mode.name(),
        documents.join("\n---\n")
    )
}

const NAMESPACE: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: wfe-webhook
  labels:
    app.kubernetes.io/name: wfe-webhook
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
";

#[rstest]
#[case(Mode::SelfManaged, "install.yaml")]
#[case(Mode::CertManager, "install-cert-manager.yaml")]
fn the_file_is_what_the_chart_renders(#[case] mode: Mode, #[case] file: &str) {
    let new = rendered(mode);
    let file = folder().join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, new).unwrap();
        return;
    }
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        old == new,
        "{} is out of date: run UPDATE_DOCS=1 cargo test --test deploy",
        file.display()
    );
}

#[test]
fn the_kustomization_is_the_file() {
    let output = run(std::process::Command::new(binary("kubectl"))
        .arg("kustomize")
        .arg(folder()));
    assert!(output.status.success(), "{}", stderr(&output));
    let built = Rendered::read(&stdout(&output)).objects;
    let file = std::fs::read_to_string(folder().join("install.yaml")).unwrap();
    let file = Rendered::read(&file).objects;
    assert_eq!(built.len(), file.len());
    let identity = |object: &Value| [object["kind"].clone(), object["metadata"]["name"].clone()];
    for object in built {
        let same = file.iter().find(|it| identity(it) == identity(&object));
        assert_eq!(Some(&object), same);
    }
}

#[test]
fn everything_is_of_one_name_in_one_namespace() {
    for mode in [Mode::SelfManaged, Mode::CertManager] {
        for object in Rendered::read(&rendered(mode)).objects {
            let metadata = &object["metadata"];
            assert!(metadata["name"].as_str().unwrap().starts_with(NAME));
            let namespace = &metadata["namespace"];
            assert!(namespace.is_null() || namespace == NAME, "{object}");
        }
    }
}
