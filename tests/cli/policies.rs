//! `wfe-webhook generate policies`.

use rstest::rstest;
use serde_json::Value;
use wfe_webhook::rules::{Action, Rule};

use crate::program::run;

fn generate(flags: &[&str]) -> Vec<Value> {
    let ended = run(&[&["generate", "policies"], flags].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    serde_saphyr::from_multiple(&ended.stdout).unwrap()
}

/// The policies that judge, each with what its binding does.
fn policies(flags: &[&str]) -> Vec<(Value, Value)> {
    let documents = generate(&[flags, &["--validating-only"]].concat());
    let pairs = documents.chunks(2).map(|pair| {
        let [policy, binding] = pair else {
            panic!("a policy and its binding, not {pair:?}");
        };
        assert_eq!(policy["kind"], "ValidatingAdmissionPolicy");
        assert_eq!(binding["kind"], "ValidatingAdmissionPolicyBinding");
        assert_eq!(binding["spec"]["policyName"], policy["metadata"]["name"]);
        let does = binding["spec"]["validationActions"].clone();
        (policy.clone(), does)
    });
    pairs.collect()
}

/// The ids of the rules that a policy has.
fn rules(policy: &Value) -> Vec<String> {
    let validations = policy["spec"]["validations"].as_array().unwrap();
    let ids = validations.iter().map(|validation| {
        let message = validation["message"].as_str().unwrap();
        message
            .rsplit_once('[')
            .unwrap()
            .1
            .trim_end_matches(']')
            .to_owned()
    });
    ids.collect()
}

const LEFT: [Rule; 2] = [Rule::ConditionShape, Rule::ConditionMissing];

#[rstest]
#[case::enforce(&[], &["Deny", "Warn"])]
#[case::warn(&["--mode", "warn"], &["Warn"])]
#[case::audit(&["--mode", "audit"], &["Audit"])]
#[case::one_audited(&["--rule", "phase-conflict=audit"], &["Deny", "Warn", "Audit"])]
fn a_policy_for_each_action_that_a_rule_has(#[case] flags: &[&str], #[case] actions: &[&str]) {
    let policies = policies(flags);
    let does: Vec<&str> = policies
        .iter()
        .map(|(_, does)| does[0].as_str().unwrap())
        .collect();
    assert_eq!(does, actions);
    let mut held: Vec<String> = policies
        .iter()
        .flat_map(|(policy, _)| rules(policy))
        .collect();
    let mut all: Vec<&str> = Rule::ALL
        .into_iter()
        .filter(|rule| !LEFT.contains(rule))
        .map(Rule::id)
        .collect();
    held.sort_unstable();
    all.sort_unstable();
    assert_eq!(held, all, "each rule that CEL can say is in one of them");
}

#[test]
fn a_rule_is_where_its_action_is() {
    for (policy, does) in policies(&[]) {
        for rule in rules(&policy) {
            let action = Rule::from_id(&rule).unwrap().default_action();
            assert_eq!(does[0] == "Deny", action == Action::Deny, "{rule}");
        }
    }
    let without = policies(&["--rule", "phase-conflict=off"]);
    assert!(
        without
            .iter()
            .all(|(policy, _)| !rules(policy).contains(&"phase-conflict".to_owned()))
    );
}

#[rstest]
#[case::by_default(&[], true)]
#[case::on(&["--completion", "on"], true)]
#[case::off(&["--completion", "off"], false)]
#[case::audit(&["--mode", "audit"], false)]
#[case::before_kubernetes_1_36(&["--validating-only"], false)]
fn a_policy_completes_where_the_webhook_would(#[case] flags: &[&str], #[case] completes: bool) {
    let documents = generate(flags);
    let kinds: Vec<&str> = documents
        .iter()
        .filter(|document| document["metadata"]["name"] == "wfe-webhook-complete")
        .map(|document| document["kind"].as_str().unwrap())
        .collect();
    let expected = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"];
    assert_eq!(kinds, if completes { &expected[..] } else { &[] });
    if completes {
        assert_eq!(documents[0]["spec"]["failurePolicy"], "Ignore");
        assert_eq!(documents[1]["spec"]["policyName"], "wfe-webhook-complete");
    }
}

#[test]
fn exempt_writers_are_neither_judged_nor_completed() {
    let flags = ["--exempt-user", "it's me", "--exempt-group", "repairers"];
    let documents = generate(&flags);
    let policies = documents
        .iter()
        .filter(|it| it["spec"]["variables"].is_array());
    for policy in policies {
        let expression = policy["spec"]["matchConditions"][1]["expression"]
            .as_str()
            .unwrap();
        assert!(
            expression.contains(r"['it\'s me']") && expression.contains("['repairers']"),
            "{expression}"
        );
    }
    assert_eq!(generate(&[])[0]["spec"]["matchConditions"][1], Value::Null);
}

#[test]
fn the_report_has_every_rule() {
    let report = run(&["generate", "policies", "--report"]).stdout;
    for rule in Rule::ALL {
        let held = report
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", rule.id())))
            .unwrap();
        assert_eq!(held.contains("| no |"), LEFT.contains(&rule), "{held}");
    }
}
