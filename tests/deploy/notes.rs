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

#[rstest]
#[case::alone("webhook.enabled=false", true, &["There is no webhook", "complete and judge", "leave some findings unjudged"])]
#[case::alone_without_completion(
    "webhook.enabled=false,policies.completion=false,policies.failurePolicy=Fail", false,
    &["There is no webhook", "Nothing completes conditions", "failurePolicy Fail"]
)]
#[case::floor("policies.failurePolicy=Fail", true, &["rollout status", "policies in the API server hold while no replica answers (failurePolicy Fail)"])]
#[case::floor_without_completion("policies.completion=false", false, &["rollout status"])]
fn they_say_what_policies_do_and_the_way_out(
    #[case] values: &str,
    #[case] completes: bool,
    #[case] words: &[&str],
) {
    let notes = notes(
        Mode::SelfManaged,
        &format!("policies.enabled=true,{values}"),
    );
    for words in words {
        assert!(notes.contains(words), "{words} in {notes}");
    }
    let validating = "kubectl delete --ignore-not-found validatingadmissionpolicybinding \
        hook-wfe-webhook-deny hook-wfe-webhook-warn hook-wfe-webhook-audit\n";
    let mutating = "kubectl delete --ignore-not-found mutatingadmissionpolicybinding hook-wfe-webhook-complete\n";
    assert!(notes.contains(validating), "{notes}");
    assert_eq!(notes.contains(mutating), completes, "{notes}");
    assert_eq!(
        notes.contains("helm test"),
        notes.contains("rollout status"),
        "{notes}"
    );
    let page = notes.contains("docs/policies.md")
        && notes.contains("wfe-webhook generate policies --report");
    assert_eq!(page, notes.contains("There is no webhook"), "{notes}");
}
