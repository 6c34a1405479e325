//! The patches of `docs/operations.md`, applied to `deploy/`.

use std::process::Command;

use serde_json::Value;

use crate::control_plane::{binary, run, stderr, stdout};
use crate::manifests::folder;

/// What kustomize makes of `deploy/` with the patches that follow a heading of the page.
fn patched(heading: &str) -> Vec<Value> {
    let page = include_str!("../../docs/operations.md");
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, rest) = section.split_once("```yaml\n").unwrap();
    let (patches, _) = rest.split_once("```").unwrap();
    let overlay = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder(), overlay.path().join("deploy")).unwrap();
    let kustomization = format!("resources:\n- deploy\n{patches}");
    std::fs::write(overlay.path().join("kustomization.yaml"), kustomization).unwrap();
    let output = run(Command::new(binary("kubectl"))
        .arg("kustomize")
        .arg(overlay.path()));
    assert!(output.status.success(), "{}", stderr(&output));
    serde_saphyr::from_multiple(&stdout(&output)).unwrap()
}

fn of_kind<'d>(documents: &'d [Value], kind: &str) -> &'d Value {
    let mut found = documents.iter().filter(|document| document["kind"] == kind);
    found.next().unwrap()
}

#[test]
fn fail_is_set_for_the_validating_webhook_alone() {
    let documents = patched("Set Fail in the manifest");
    let policy = |kind: &str| of_kind(&documents, kind)["webhooks"][0]["failurePolicy"].clone();
    assert_eq!(policy("ValidatingWebhookConfiguration"), "Fail");
    assert_eq!(policy("MutatingWebhookConfiguration"), "Ignore");
}

#[test]
fn openshift_chooses_the_user_ids() {
    let documents = patched("OpenShift");
    let pod = &of_kind(&documents, "Deployment")["spec"]["template"]["spec"];
    let context = pod["securityContext"].as_object().unwrap();
    let fields: Vec<&String> = context.keys().collect();
    assert_eq!(fields, ["runAsNonRoot", "seccompProfile"]);
}
