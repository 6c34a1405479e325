use rstest::rstest;
use serde_json::{Value, json};

use crate::installation::{Installation, expect};

const PASSED: &str =
    "error    refusal through the API server: a write with an unknown condition type passed";
const NOT_COMPLETED: &str =
    "error    completion through the API server: a write without conditions was not completed";

#[test]
fn nothing_is_registered() {
    let installation = Installation::new();
    expect(
        &mut installation.doctor(),
        1,
        &[
            "error    mutating configuration: there is no wfe-webhook, so no write is seen; fix: wfe-webhook generate registration",
            "error    validating configuration: there is no wfe-webhook, so no write is seen",
            PASSED,
            NOT_COMPLETED,
        ],
    );
}

type Change = fn(&mut Value);

#[rstest]
#[case::empty_bundle(&["validating caBundle: is empty: the API server trusts no certificate of a Service", PASSED, NOT_COMPLETED],
    |webhook: &mut Value| { webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle"); })]
#[case::not_put_in_yet(&["and so does a server with --self-managed-tls, if it runs and is ready"],
    |webhook: &mut Value| { webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle"); })]
#[case::garbage_bundle(&["mutating caBundle: holds no certificate", "fix: put the CA's certificate there", PASSED],
    |webhook: &mut Value| webhook["clientConfig"]["caBundle"] = json!("bm90IFBFTQ=="))]
#[case::rules(&["mutating rules: no rule matches status writes of workflowexecution.kubernaut.ai/v1alpha1, kubernaut.ai/v1alpha1", PASSED],
    |webhook: &mut Value| webhook["rules"][0]["resources"] = json!(["workflowexecutions"]))]
#[case::group(&["validating rules: no rule matches status writes of kubernaut.ai/v1alpha1", PASSED],
    |webhook: &mut Value| webhook["rules"][0]["apiGroups"] = json!(["workflowexecution.kubernaut.ai"]))]
#[case::path(&["validating path: / is called, and the webhook answers at /validate", "mutating path: / is called"],
    |webhook: &mut Value| webhook["clientConfig"]["service"]["path"] = json!("/"))]
#[case::service(&["Service doctor/missing: does not exist"],
    |webhook: &mut Value| webhook["clientConfig"]["service"]["name"] = json!("missing"))]
#[case::fail_without_trust(&["error    validating failurePolicy: Fail: every status write is refused while the call fails",
    "fix: set failurePolicy to Ignore with kubectl edit validatingwebhookconfiguration wfe-webhook",
    "error    refusal through the API server: the API server cannot call the webhook: "],
    |webhook: &mut Value| {
        webhook["failurePolicy"] = json!("Fail");
        webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle");
    })]
fn a_wrong_field_is_an_error(#[case] words: &[&str], #[case] change: Change) {
    let installation = Installation::new();
    installation.register(&installation.server.ca(), &[], change);
    expect(&mut installation.doctor(), 1, words);
}

#[test]
fn fail_with_an_unknown_number_of_replicas_is_a_warning() {
    let installation = Installation::new();
    let ca = installation.server.ca();
    installation.register(&ca, &["--failure-policy", "Fail"], |_| ());
    expect(
        &mut installation.doctor(),
        0,
        &[
            "warning  validating failurePolicy: Fail is not safe: every status write is refused while no replica answers, and how many replicas answer is not known",
            "0 errors, 1 warning",
        ],
    );
}

#[test]
fn rules_that_are_too_wide_are_a_warning() {
    let installation = Installation::new();
    installation.register(&installation.server.ca(), &[], |webhook| {
        webhook["rules"][0]["resources"] = json!(["workflowexecutions/*"]);
    });
    expect(
        &mut installation.doctor(),
        0,
        &["warning  mutating rules: resources of the rules match more than status writes"],
    );
}
