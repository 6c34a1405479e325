//! The registration, by the chart and by the program.

use std::process::Command;

use base64::Engine as _;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::helm::chart;
use wfe_webhook::admission::Webhook;
use wfe_webhook::match_conditions::{NAME, expression};
use wfe_webhook::policy::VocabularyChoice;

use crate::rendered::{Mode, Rendered, ca};

/// What the program prints.
pub fn generated(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
        .args(["generate", "registration"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[rstest]
#[case::default(&[], &["--service=wfe-webhook/wfe-webhook"])]
#[case::chosen(
    &["--set", "service.port=8444,webhooks.mutating.timeoutSeconds=1,webhooks.validating.timeoutSeconds=2"],
    &["--service=wfe-webhook/wfe-webhook:8444", "--mutate-timeout=1", "--validate-timeout=2"]
)]
#[case::tekton(
    &["--set", "policy.vocabulary=tekton"],
    &["--service=wfe-webhook/wfe-webhook", "--vocabulary=tekton"]
)]
#[case::execution(
    &["--set", "policy.vocabulary=execution"],
    &["--service=wfe-webhook/wfe-webhook", "--vocabulary=execution"]
)]
#[case::every_call(
    &["--set", "webhooks.skipNeedlessCalls=false"],
    &["--service=wfe-webhook/wfe-webhook", "--match-conditions=off"]
)]
#[case::fail(
    &["--set", "webhooks.validating.failurePolicy=Fail"],
    &["--service=wfe-webhook/wfe-webhook", "--failure-policy=Fail"]
)]
fn the_registration_is_the_one_that_the_program_generates(
    #[case] values: &[&str],
    #[case] flags: &[&str],
) {
    let ca_file = ca().path().display().to_string();
    for mode in Mode::ALL {
        let mut flags = flags.to_vec();
        if mode == Mode::Files {
            flags.extend(["--ca", &ca_file]);
        }
        let generated: Vec<Value> = serde_saphyr::from_multiple(&generated(&flags)).unwrap();
        for (ours, generated) in Rendered::with(mode, values)
            .configurations()
            .iter()
            .zip(&generated)
        {
            for field in ["apiVersion", "kind", "webhooks"] {
                assert_eq!(ours[field], generated[field], "{mode:?} {field}");
            }
            let [ours, generated] = [ours, generated].map(|it| &it["metadata"]);
            assert_eq!(ours["name"], generated["name"]);
            for (label, value) in generated["labels"].as_object().unwrap() {
                assert_eq!(&ours["labels"][label], value);
            }
            let annotations = ours["annotations"].as_object();
            let count = usize::from(mode == Mode::CertManager);
            assert_eq!(
                annotations.map_or(0, serde_json::Map::len),
                count,
                "{mode:?}"
            );
        }
    }
}

#[test]
fn the_ca_of_files_is_registered() {
    for configuration in Rendered::of(Mode::Files).configurations() {
        let bundle = &configuration["webhooks"][0]["clientConfig"]["caBundle"];
        let bundle = base64::engine::general_purpose::STANDARD
            .decode(bundle.as_str().unwrap())
            .unwrap();
        assert_eq!(bundle, std::fs::read(ca().path()).unwrap());
    }
}

/// Server and injector own it: a chart that wrote it would take it away at each upgrade.
#[rstest]
#[case(Mode::SelfManaged)]
#[case(Mode::CertManager)]
fn otherwise_the_bundle_is_not_the_charts(#[case] mode: Mode) {
    for configuration in Rendered::of(mode).configurations() {
        assert_eq!(
            configuration["webhooks"][0]["clientConfig"]["caBundle"],
            Value::Null
        );
        assert_eq!(
            configuration["webhooks"][0]["failurePolicy"], "Ignore",
            "nothing is blocked before the first certificate"
        );
    }
}

#[test]
fn the_registration_calls_a_port_of_the_service() {
    for mode in Mode::ALL {
        let rendered = Rendered::with(mode, &["--set", "service.port=8444"]);
        let service = rendered.service();
        let ports = service.spec.unwrap().ports.unwrap();
        for configuration in rendered.configurations() {
            let called = &configuration["webhooks"][0]["clientConfig"]["service"];
            assert_eq!(
                called["namespace"],
                service.metadata.namespace.as_deref().unwrap()
            );
            assert_eq!(called["name"], service.metadata.name.as_deref().unwrap());
            assert!(ports.iter().any(|port| called["port"] == port.port));
        }
    }
}

/// The chart has no program that it could ask, so the expressions are in files of its own.
#[test]
fn the_expressions_of_the_chart_are_the_programs() {
    let choices = VocabularyChoice::ALL.into_iter();
    let files = choices.map(|choice| {
        let name = choice.pinned().map_or("auto", |vocabulary| vocabulary.name);
        (
            format!("mutate-{name}.cel"),
            expression(Webhook::Mutate, choice),
        )
    });
    let validate = expression(Webhook::Validate, VocabularyChoice::Auto);
    for (file, expression) in files.chain([("validate.cel".to_owned(), validate)]) {
        let path = chart().join("match-conditions").join(&file);
        let expected = format!("{expression}\n");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, expected).unwrap();
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            text == expected,
            "{file} of the chart is out of date: run UPDATE_DOCS=1 cargo test --test deploy twice"
        );
    }
}

#[test]
fn selector_conditions_and_annotations_are_those_of_both_webhooks() {
    let selector =
        json!({"matchExpressions": [{"key": "example.com/exempt", "operator": "DoesNotExist"}]});
    let conditions =
        json!([{"name": "not-a-copy", "expression": "object.metadata.name != 'copy'"}]);
    let values = json!({
        "namespaceSelector": selector,
        "matchConditions": conditions,
        "annotations": {"example.com/inject": "true"},
    });
    let values = format!("webhooks={values}");
    let rendered = Rendered::with(Mode::CertManager, &["--set-json", &values]);
    for configuration in rendered.configurations() {
        let webhook = &configuration["webhooks"][0];
        assert_eq!(webhook["namespaceSelector"], selector);
        let registered = webhook["matchConditions"].as_array().unwrap();
        assert_eq!(registered[0]["name"], NAME);
        assert_eq!(registered[1..], *conditions.as_array().unwrap());
        let annotations = &configuration["metadata"]["annotations"];
        assert_eq!(annotations["example.com/inject"], "true");
        assert!(annotations["cert-manager.io/inject-ca-from"].is_string());
    }
}
