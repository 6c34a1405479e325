//! What Helm prints after an installation.

use rstest::rstest;
use test_support::helm::{chart, helm};

use crate::control_plane::{run, stderr, stdout};
use crate::rendered::Mode;

fn notes(mode: Mode, values: &str) -> String {
    let output = run(helm()
        .args(["install", "hook"])
        .arg(chart())
        .args(["--namespace=hooks", "--dry-run=client"])
        .args(mode.arguments())
        .args(["--set", values]));
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    let (_, notes) = text.split_once("NOTES:\n").unwrap();
    notes.to_owned()
}

#[rstest]
#[case(Mode::SelfManaged)]
#[case(Mode::CertManager)]
#[case(Mode::Files)]
fn they_name_the_release_and_the_way_out(#[case] mode: Mode) {
    let notes = notes(mode, "");
    for line in [
        "kubectl --namespace hooks rollout status deployment/hook-wfe-webhook",
        "helm test hook --namespace hooks --logs",
        "kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration hook-wfe-webhook",
        "Helm 3 deletes them last",
    ] {
        assert!(notes.contains(line), "{line} in {notes}");
    }
}

#[rstest]
#[case::fail_with_two("webhooks.validating.failurePolicy=Fail", true)]
#[case::fail_with_three("webhooks.validating.failurePolicy=Fail,replicas=3", false)]
#[case::ignore("replicas=1", false)]
fn they_warn_of_fail_with_few_replicas(#[case] values: &str, #[case] warned: bool) {
    let notes = notes(Mode::SelfManaged, values);
    assert_eq!(
        notes.contains("WARNING: with webhooks.validating"),
        warned,
        "{notes}"
    );
}

#[test]
fn they_warn_where_cert_manager_is_missing() {
    let notes = notes(Mode::CertManager, "");
    assert!(
        notes.contains("WARNING: cert-manager was not found"),
        "{notes}"
    );
}
