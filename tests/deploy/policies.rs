//! The policies of the chart are those of the program, for the same options.

mod installed;
mod pieces;

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};
use test_support::helm::{Release, chart};
use wfe_webhook::match_conditions::NAME;
use wfe_webhook::rules::{Action, Rule};

use crate::rendered::{Mode, Rendered, template};

const KINDS: [&str; 4] = [
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

/// What is rendered with these values, the webhook left out.
fn alone(values: &Value) -> Rendered {
    let mut values = values.clone();
    values["webhook"]["enabled"] = json!(false);
    values["policies"]["enabled"] = json!(true);
    with(&values)
}

fn with(values: &Value) -> Rendered {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), values.to_string()).unwrap();
    let path = file.path().display().to_string();
    Rendered::with(Mode::SelfManaged, &["--values", &path])
}

/// By kind and name.
fn sorted(objects: &[Value]) -> BTreeMap<[String; 2], &Value> {
    let key = |object: &Value| {
        [&object["kind"], &object["metadata"]["name"]].map(|it| it.as_str().unwrap().to_owned())
    };
    let sorted: BTreeMap<_, _> = objects.iter().map(|object| (key(object), object)).collect();
    assert_eq!(sorted.len(), objects.len(), "no two of a name");
    sorted
}

#[track_caller]
fn assert_same(values: &Value, flags: &[&str]) {
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let printed = pieces::generated(&flags);
    let rendered = alone(values);
    let (printed, rendered) = (sorted(&printed), sorted(&rendered.objects));
    let keys =
        |objects: &BTreeMap<[String; 2], &Value>| -> Vec<_> { objects.keys().cloned().collect() };
    assert_eq!(keys(&rendered), keys(&printed), "{values}");
    for (key, printed) in printed {
        let rendered = rendered[&key];
        assert_eq!(rendered["apiVersion"], printed["apiVersion"]);
        assert_eq!(rendered["spec"], printed["spec"], "{key:?} of {values}");
        for (label, value) in printed["metadata"]["labels"].as_object().unwrap() {
            assert_eq!(&rendered["metadata"]["labels"][label], value, "{key:?}");
        }
    }
}

/// The chart has no program that it could ask, so parts of the policies are in a file of its own.
#[test]
fn the_pieces_of_the_chart_are_the_programs() {
    let path = chart().join("policies/pieces.yaml");
    let expected = pieces::text();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, expected).unwrap();
        return;
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        text == expected,
        "policies/pieces.yaml of the chart is out of date: run UPDATE_DOCS=1 cargo test --test deploy twice"
    );
}

#[rstest]
#[case::default(json!({}), &[])]
#[case::fail(json!({"policies": {"failurePolicy": "Fail"}}), &["--failure-policy=Fail"])]
#[case::nothing_completes(json!({"policies": {"completion": false}}), &["--completion=off"])]
#[case::extra_types(
    json!({"policy": {"extraTypes": ["x-1.example.com/Audited_by-me.2", "Audited"]}}),
    &["--extra-type=x-1.example.com/Audited_by-me.2", "--extra-type=Audited"]
)]
#[case::extra_types_of_a_pinned_vocabulary(
    json!({"policy": {"extraTypes": ["Audited"], "vocabulary": "execution"}}),
    &["--extra-type=Audited", "--vocabulary=execution"]
)]
#[case::extra_reasons(
    json!({"policy": {"extraReasons": {
        "Ready": ["A", "B2"], "ResourceLocked": ["C"], "AuditRecorded": [], "ExecutionComplete": ["NodeLost"],
    }}}),
    &[
        "--extra-reason=ExecutionComplete=NodeLost", "--extra-reason=Ready=A", "--extra-reason=Ready=B2",
        "--extra-reason=ResourceLocked=C",
    ]
)]
#[case::exempt_users(
    json!({"policy": {"exemptUsers": ["it's me", r#"Ada Ü. "\#": {x}"#, "' || true || '", "{{ .Values }}"]}}),
    &[
        "--exempt-user=it's me", r#"--exempt-user=Ada Ü. "\#": {x}"#, "--exempt-user=' || true || '",
        "--exempt-user={{ .Values }}",
    ]
)]
#[case::exempt_groups(json!({"policy": {"exemptGroups": ["system:masters"]}}), &["--exempt-group=system:masters"])]
#[case::exempt_users_and_groups(
    json!({"policy": {"exemptUsers": ["ada"], "exemptGroups": ["a", "- b: 'c"]}}),
    &["--exempt-user=ada", "--exempt-group=a", "--exempt-group=- b: 'c"]
)]
fn they_are_what_the_program_prints(#[case] values: Value, #[case] flags: &[&str]) {
    assert_same(&values, flags);
}

#[test]
fn so_are_those_of_every_vocabulary_and_completion() {
    for vocabulary in pieces::vocabularies() {
        for completion in ["patch", "audit", "off"] {
            let values = json!({"policy": {"vocabulary": vocabulary}, "completion": completion});
            let flags = [
                &format!("--vocabulary={vocabulary}"),
                &format!("--completion={completion}"),
            ];
            assert_same(&values, &flags.map(String::as_str));
        }
    }
}

/// A rule that the program has no variable for is in no policy, whatever is done with it.
#[test]
fn so_are_those_of_every_mode_and_action() {
    for mode in ["audit", "warn", "enforce"] {
        for action in Action::ALL.map(Action::name) {
            let rules = ["phase-conflict", "condition-missing", "transition-time"];
            let values = json!({"policy": {"mode": mode, "rules": rules.map(|rule| (rule, action)).into_iter().collect::<BTreeMap<_, _>>()}});
            let mut flags = vec![format!("--mode={mode}")];
            flags.extend(rules.map(|rule| format!("--rule={rule}={action}")));
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            assert_same(&values, &flags);
        }
    }
}

/// YAML reads a bare `off` as false.
#[test]
fn off_may_be_false() {
    let rules: BTreeMap<&str, bool> = Rule::ALL.map(|rule| (rule.id(), false)).into();
    let values = json!({"policy": {"rules": rules}, "completion": false});
    assert_eq!(alone(&values).objects, Vec::<Value>::new());
}

#[test]
fn without_the_webhook_there_is_nothing_but_policies() {
    let rendered = alone(&json!({"tls": {"mode": "certManager"}, "replicas": 3}));
    assert_eq!(rendered.kinds().len(), 6);
    assert!(rendered.kinds().iter().all(|kind| KINDS.contains(kind)));
    assert!(rendered.tests.is_empty());
}

#[test]
fn beside_the_webhook_they_change_nothing_of_it() {
    for mode in Mode::ALL {
        let without = Rendered::of(mode);
        let both = Rendered::with(mode, &["--set", "policies.enabled=true"]);
        let alone = ["--set", "policies.enabled=true,webhook.enabled=false"];
        let alone =
            Rendered::read(&template(crate::rendered::RELEASE, Mode::SelfManaged, &alone).unwrap());
        let (added, rest): (Vec<Value>, Vec<Value>) = both
            .objects
            .into_iter()
            .partition(|object| alone.objects.contains(object));
        assert_eq!(added.len(), alone.objects.len(), "{mode:?}");
        assert_eq!(sorted(&rest), sorted(&without.objects), "{mode:?}");
        assert_eq!(both.tests, without.tests, "{mode:?}");
    }
}

/// A floor must not refuse what the webhook is not asked about.
#[test]
fn they_hold_for_the_namespaces_and_conditions_of_the_webhooks() {
    let selector =
        json!({"matchExpressions": [{"key": "example.com/exempt", "operator": "DoesNotExist"}]});
    let conditions =
        json!([{"name": "not-a-copy", "expression": "object.metadata.name != 'copy'"}]);
    let rendered = alone(&json!({
        "webhooks": {"namespaceSelector": selector, "matchConditions": conditions},
        "policy": {"exemptUsers": ["ada"]},
    }));
    for object in &rendered.objects {
        let spec = &object["spec"];
        if object["kind"].as_str().unwrap().ends_with("Binding") {
            assert_eq!(
                spec["matchResources"],
                json!({"namespaceSelector": selector})
            );
        } else {
            let registered = spec["matchConditions"].as_array().unwrap();
            assert_eq!(registered[0]["name"], NAME);
            assert_eq!(registered[1]["name"], "not-exempt");
            assert_eq!(registered[2..], *conditions.as_array().unwrap());
            assert_eq!(spec["matchConstraints"]["namespaceSelector"], Value::Null);
        }
    }
}

#[test]
fn they_are_called_as_the_release_and_have_its_labels() {
    let release = Release {
        name: "hook",
        namespace: "hooks",
    };
    let values = [
        "--set",
        "webhook.enabled=false,policies.enabled=true,policy.rules.phase-conflict=audit,labels.team=a",
    ];
    let rendered = Rendered::read(&template(release, Mode::SelfManaged, &values).unwrap());
    let names: Vec<[String; 2]> = sorted(&rendered.objects).into_keys().collect();
    let expected = [
        ("Mutating", "complete"),
        ("Validating", "audit"),
        ("Validating", "deny"),
        ("Validating", "warn"),
    ];
    for (kind, name) in expected {
        let name = format!("hook-wfe-webhook-{name}");
        for kind in [
            format!("{kind}AdmissionPolicy"),
            format!("{kind}AdmissionPolicyBinding"),
        ] {
            assert!(
                names.contains(&[kind.clone(), name.clone()]),
                "{kind} {name} in {names:?}"
            );
        }
    }
    assert_eq!(names.len(), 8);
    for object in &rendered.objects {
        if object["kind"].as_str().unwrap().ends_with("Binding") {
            assert_eq!(object["spec"]["policyName"], object["metadata"]["name"]);
        }
        let labels = &object["metadata"]["labels"];
        assert_eq!(labels["app.kubernetes.io/instance"], "hook");
        assert_eq!(labels["team"], "a");
    }
}

#[rstest]
#[case(
    "1.32.9",
    "policies.completion=false",
    Some("policies.enabled: the policies need Kubernetes 1.33")
)]
#[case("1.33.0-gke.100", "policies.completion=false", None)]
#[case(
    "1.35.9",
    "policies.completion=true",
    Some("policies.completion: the policy that completes needs Kubernetes 1.36")
)]
#[case("1.35.9", "completion=off", None)]
#[case("1.36.0-gke.100", "policies.completion=true", None)]
fn an_older_kubernetes_is_named(
    #[case] version: &str,
    #[case] value: &str,
    #[case] words: Option<&str>,
) {
    let values = format!("policies.enabled=true,{value}");
    let arguments = ["--set", &values, "--kube-version", version];
    let rendered = template(crate::rendered::RELEASE, Mode::SelfManaged, &arguments);
    match words {
        Some(words) => {
            let message = rendered.unwrap_err();
            assert!(message.contains(words), "{message}");
        }
        None => drop(rendered.unwrap()),
    }
}
