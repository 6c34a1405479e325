//! Policies beside the webhook, and instead of it.

use std::process::Command;

use rstest::rstest;
use serde_json::{Value, json};

use crate::control_plane::guarded::Guarded;
use crate::control_plane::{ADMIN, node_program};
use crate::installation::{Installation, expect};

#[test]
fn beside_the_webhook_both_are_shown_to_work() {
    let installation = Installation::new();
    installation.register_well();
    installation.apply_policies(&[], |_| ());
    let text = expect(
        &mut installation.doctor(),
        0,
        &[
            "ok       policies: beside the webhook: while no replica answers, 12 of 16 rules are still held",
            "ok       policy wfe-webhook-complete: completes, as this version prints it\n",
            "ok       binding of wfe-webhook-complete: what is implied is added",
            "ok       policy wfe-webhook-deny: 12 rules, as this version prints it\n",
            "ok       binding of wfe-webhook-deny: Deny: what breaks its rules is refused",
            "ok       policy wfe-webhook-warn: 2 rules, as this version prints it\n",
            "ok       binding of wfe-webhook-warn: Warn: what breaks its rules is warned of",
            "ok       refusal by the policies: a write with an unknown condition type is refused by wfe-webhook-deny",
            "ok       refusal through the API server: a write with an unknown condition type is refused",
            "ok       completion through the API server: a write without conditions is completed, by 2",
            "0 errors, 0 warnings",
        ],
    );
    assert!(!text.contains("alone"), "{text}");
}

/// Policies refuse and complete before the webhook is called, and must not hide that it cannot be.
#[test]
fn they_do_not_hide_a_webhook_that_is_not_called() {
    let mut installation = Installation::new();
    installation.register_well();
    installation.apply_policies(&[], |_| ());
    let process = installation.server.process();
    process.signal("KILL");
    process.wait();
    expect(
        &mut installation.doctor(),
        1,
        &[
            "ok       refusal by the policies: a write with an unknown condition type is refused by wfe-webhook-deny",
            "error    refusal through the API server: a write with an unknown condition type passed",
            "error    completion through the API server: a write without conditions was not completed",
        ],
    );
}

/// Nor does the webhook hide that a policy does not refuse.
#[test]
fn a_refusal_by_the_webhook_alone_is_told() {
    let installation = Installation::new();
    installation.register_well();
    installation.apply_policies(&[], |document| {
        if is(
            document,
            "ValidatingAdmissionPolicyBinding",
            "wfe-webhook-deny",
        ) {
            document["spec"]["matchResources"] =
                json!({"namespaceSelector": {"matchLabels": {"judged": "yes"}}});
        }
    });
    expect(
        &mut installation.doctor(),
        0,
        &[
            "warning  refusal by the policies: a write with an unknown condition type is refused by the webhook alone, though wfe-webhook-deny is bound to Deny: the policy or its binding leaves out writes",
            "ok       refusal through the API server: a write with an unknown condition type is refused",
        ],
    );
}

#[test]
fn without_a_webhook_they_are_checked_alone() {
    let installation = Installation::new();
    installation.apply_policies(&[], |_| ());
    let text = expect(
        &mut installation.doctor_from_afar(),
        0,
        &[
            "ok       webhook: none is registered as wfe-webhook: certificate, Service and server are not checked",
            "ok       policies: alone: condition-shape, condition-missing are not judged; conditions are completed where the status has their time;",
            "ok       policy wfe-webhook-deny: 12 rules",
            "ok       refusal by the policies: a write with an unknown condition type is refused by wfe-webhook-deny",
            "ok       completion by the policy: a write without conditions is completed, by 2",
            "0 errors, 0 warnings",
        ],
    );
    for webhooks in ["configuration:", "answer:", "through the API server"] {
        assert!(!text.contains(webhooks), "{text}");
    }
    expect(
        installation.doctor_from_afar().arg("--expect-webhook"),
        1,
        &[
            "error    mutating configuration: there is no wfe-webhook, so no write is seen",
            "error    validating configuration: there is no wfe-webhook, so no write is seen",
        ],
    );
}

#[rstest]
#[case::warn("warn", "passes with a warning, as wfe-webhook-warn is bound")]
#[case::audit("audit", "passes as wfe-webhook-audit is bound to Audit")]
fn alone_in_a_softer_mode_they_are_a_warning(#[case] mode: &str, #[case] words: &str) {
    let installation = Installation::new();
    installation.apply_policies(&["--mode", mode, "--validating-only"], |_| ());
    let words =
        format!("warning  refusal by the policies: a write with an unknown condition type {words}");
    let last = "0 errors, 1 warning,";
    let none = "; no conditions are completed";
    expect(
        &mut installation.doctor_from_afar(),
        0,
        &[&words, none, last],
    );
}

/// What is printed for any options is this version's, and the line says which they were.
#[test]
fn the_options_of_policies_are_told() {
    let installation = Installation::new();
    let flags = [
        "--vocabulary execution",
        "--extra-type Audited",
        "--extra-type example.com/Audited",
        "--extra-reason ExecutionComplete=NodeLost",
        "--extra-reason ExecutionComplete=Preempted",
        "--exempt-user o'brien \\ \"x\"",
        "--exempt-group system:masters",
        "--completion off",
    ];
    let arguments: Vec<&str> = flags
        .iter()
        .filter_map(|flag| flag.split_once(' ').map(|(flag, value)| [flag, value]))
        .flatten()
        .collect();
    let fail = ["--failure-policy=Fail", "--rule=phase-unknown=off"];
    installation.apply_policies(&[&arguments[..], &fail].concat(), |_| ());
    let line = format!(
        "policy wfe-webhook-deny: 11 rules, as this version prints it with {}; failurePolicy Fail: a write is refused where an expression fails",
        flags.join(" ")
    );
    // kubectl's user is of an exempt group.
    let passed = "passes, though wfe-webhook-deny is bound to Deny; fix: ";
    let not_judged = "condition-shape, phase-unknown, condition-missing are not judged; no conditions are completed;";
    let text = expect(
        &mut installation.doctor_from_afar(),
        1,
        &[&line, passed, not_judged],
    );
    assert!(!text.contains("warning  policy"), "{text}");
}

fn is(document: &Value, kind: &str, name: &str) -> bool {
    document["kind"] == kind && document["metadata"]["name"] == name
}

type Change = fn(&mut Value);

const NOT_CHECKED: &str = "warning  refusal by the policies: not checked: no policy that is bound has the rule condition-unknown-type";

#[rstest]
#[case::no_binding(1, &["error    binding of wfe-webhook-deny: there is none, so that the policy judges nothing; fix: wfe-webhook generate policies", NOT_CHECKED],
    |document: &mut Value| if is(document, "ValidatingAdmissionPolicyBinding", "wfe-webhook-deny") { *document = Value::Null; })]
#[case::no_policy(1, &["error    binding of wfe-webhook-warn: there is no ValidatingAdmissionPolicy wfe-webhook-warn, so that the binding does nothing"],
    |document: &mut Value| if is(document, "ValidatingAdmissionPolicy", "wfe-webhook-warn") { *document = Value::Null; })]
#[case::nothing_completes(1, &["error    binding of wfe-webhook-complete: there is none, so that the policy completes nothing", "; no conditions are completed;"],
    |document: &mut Value| if is(document, "MutatingAdmissionPolicyBinding", "wfe-webhook-complete") { *document = Value::Null; })]
#[case::trial(0, &["warning  binding of wfe-webhook-deny: validationActions is Audit instead of Deny: what breaks its rules is not refused", "wfe-webhook-deny is bound to Audit"],
    |document: &mut Value| if is(document, "ValidatingAdmissionPolicyBinding", "wfe-webhook-deny") { document["spec"]["validationActions"] = json!(["Audit"]); })]
#[case::narrowed(0, &["warning  binding of wfe-webhook-deny: writes are left out by namespaceSelector", "passes, though wfe-webhook-deny is bound to Deny: the policy or its binding leaves out writes"],
    |document: &mut Value| if is(document, "ValidatingAdmissionPolicyBinding", "wfe-webhook-deny") {
        document["spec"]["matchResources"] = json!({"namespaceSelector": {"matchLabels": {"judged": "yes"}}});
    })]
#[case::older(0, &["warning  policy wfe-webhook-deny: is not what this version prints (printed by 0.0.9): the variable conflicts, the rule reason-format;", "of this version"],
    |document: &mut Value| if is(document, "ValidatingAdmissionPolicy", "wfe-webhook-deny") {
        document["metadata"]["labels"]["app.kubernetes.io/version"] = json!("0.0.9");
        for variable in document["spec"]["variables"].as_array_mut().unwrap() {
            if variable["name"] == "conflicts" {
                variable["expression"] = json!("['Running/TektonPipelineComplete/True']");
            }
        }
        for validation in document["spec"]["validations"].as_array_mut().unwrap() {
            if validation["message"].as_str().unwrap().ends_with("[reason-format]") {
                validation["messageExpression"] = json!("'reason'");
            }
        }
    })]
#[case::other_group(1, &["error    policy wfe-webhook-deny: matchConstraints leaves out status writes of workflowexecution.kubernaut.ai/v1alpha1"],
    |document: &mut Value| if is(document, "ValidatingAdmissionPolicy", "wfe-webhook-deny") {
        document["spec"]["matchConstraints"]["resourceRules"][0]["apiGroups"] = json!(["kubernaut.ai"]);
    })]
fn what_is_wrong_with_policies_is_named(
    #[case] code: i32,
    #[case] words: &[&str],
    #[case] change: Change,
) {
    let installation = Installation::new();
    installation.apply_policies(&[], change);
    expect(&mut installation.doctor_from_afar(), code, words);
}

#[test]
fn another_name_of_policies_is_reported() {
    let installation = Installation::new();
    installation.apply_policies(&[], |_| ());
    let mut other = installation.doctor_from_afar();
    other.args(["--configuration", "other"]);
    let words = "warning  policies: there are none of other; wfe-webhook-… seem to be them under another name; fix: --configuration wfe-webhook";
    expect(&mut other, 1, &[words]);
}

/// An API server checks the types of expressions by the CRDs' schemas, in a controller.
#[test]
fn what_the_api_server_warns_of_in_expressions_is_told() {
    let installation = Installation::new();
    installation.apply_policies(&[], |document| {
        if is(document, "ValidatingAdmissionPolicy", "wfe-webhook-warn") {
            let broken = json!({"expression": "object.nowhere == 1", "message": "x"});
            let validations = document["spec"]["validations"].as_array_mut();
            validations.unwrap().push(broken);
            // For any version and for a status it checks none.
            let rule = &mut document["spec"]["matchConstraints"]["resourceRules"][0];
            rule["apiVersions"] = json!(["v1alpha1"]);
            rule["resources"] = json!(["workflowexecutions", "workflowexecutions/status"]);
        }
    });
    let mut controllers = Command::new(node_program("kube-controller-manager"));
    controllers
        .arg("--kubeconfig")
        .arg(installation.plane.kubeconfig(ADMIN))
        .args([
            "--controllers=validatingadmissionpolicy-status-controller",
            "--leader-elect=false",
            "--secure-port=0",
        ]);
    let folder = tempfile::tempdir().unwrap();
    let _controllers = Guarded::spawn("kube-controller-manager", &controllers, folder);
    expect(
        &mut installation.doctor_from_afar(),
        0,
        &[
            "warning  policy wfe-webhook-warn: the API server warns of 1 of its expressions, of spec.validations[2].expression: kubernaut.ai/v1alpha1, Kind=WorkflowExecution: ERROR: <input>:1:7: undefined field 'nowhere'; fix: ",
        ],
    );
}
