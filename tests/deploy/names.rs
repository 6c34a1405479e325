//! Names follow the release and its namespace, so that releases do not collide.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::Value;
use test_support::helm::Release;

use crate::rendered::{Mode, Rendered, template};

fn rendered(name: &str, namespace: &str, mode: Mode, arguments: &[&str]) -> Rendered {
    let release = Release { name, namespace };
    Rendered::read(&template(release, mode, arguments).unwrap())
}

#[rstest]
#[case::the_charts_name("wfe-webhook", &[], "wfe-webhook")]
#[case::part_of_it("my-wfe-webhook", &[], "my-wfe-webhook")]
#[case::other("hook", &[], "hook-wfe-webhook")]
#[case::dots("hook.v1", &[], "hook-v1-wfe-webhook")]
#[case::overridden("hook", &["--set", "fullnameOverride=other"], "other")]
#[case::partly("hook", &["--set", "nameOverride=conditions"], "hook-conditions")]
#[case::longest(
    "a23456789-123456789-123456789-123456789-123456789-123", &[],
    "a23456789-123456789-123456789-123456789-123456789-123-wfe-webho"
)]
fn objects_are_called_as_the_release(
    #[case] release: &str,
    #[case] arguments: &[&str],
    #[case] expected: &str,
) {
    for mode in Mode::ALL {
        let rendered = rendered(release, "hooks", mode, arguments);
        for object in &rendered.objects {
            let name = object["metadata"]["name"].as_str().unwrap();
            assert!(name.starts_with(expected), "{name}");
        }
        // A pod's name is its host name.
        let test: Value = rendered.only_of_test("Pod");
        let test = test["metadata"]["name"].as_str().unwrap();
        assert!(
            test.len() <= 63 && test.starts_with(&expected[..expected.len().min(50)]),
            "{test}"
        );
        for kind in ["Service", "Deployment", "ServiceAccount"] {
            assert_eq!(rendered.only::<Value>(kind)["metadata"]["name"], expected);
        }
        for configuration in rendered.configurations() {
            assert_eq!(configuration["metadata"]["name"], expected);
        }
    }
}

/// Unquoted they would be no text.
#[rstest]
#[case("y", "on")]
#[case("null", "1")]
#[case("no", "1e3")]
fn what_yaml_takes_for_something_else_is_a_name_like_any_other(
    #[case] name: &str,
    #[case] namespace: &str,
) {
    let names =
        format!("fullnameOverride={name},nameOverride={name},test.clientCertificateSecret={name}");
    let more = format!(
        "clientCertificates.name={name},clientCertificates.key={name},priorityClassName={name}"
    );
    let set = ["--set-string", &names, "--set-string", &more];
    for mode in Mode::ALL {
        let rendered = rendered(name, namespace, mode, &set);
        for object in rendered.objects.iter().chain(&rendered.tests) {
            let metadata = &object["metadata"];
            assert!(
                metadata["name"].as_str().unwrap().starts_with(name),
                "{object}"
            );
            assert!(metadata["namespace"].is_null() || metadata["namespace"] == namespace);
            assert_eq!(metadata["labels"]["app.kubernetes.io/instance"], name);
        }
        let deployment = rendered.deployment();
        assert_eq!(deployment.metadata.name.as_deref(), Some(name));
        let pod = rendered.pod_spec();
        assert_eq!(pod.priority_class_name.as_deref(), Some(name));
        assert_eq!(pod.service_account_name.as_deref(), Some(name));
        rendered.serve_args();
    }
}

/// Nothing but the arguments' own words may name another namespace or release.
#[test]
fn nothing_is_left_of_the_default_names() {
    let release = Release {
        name: "hook",
        namespace: "kubernaut-system",
    };
    for mode in Mode::ALL {
        let set = [
            "--set",
            "fullnameOverride=conditions,nameOverride=conditions",
        ];
        let text = template(release, mode, &set).unwrap();
        let left: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("wfe-webhook"))
            .map(str::trim)
            .filter(|line| {
                ![
                    "# Source:",
                    "helm.sh/chart:",
                    "- name: mutate.wfe-webhook.kubernaut.ai",
                    "- name: validate.wfe-webhook.kubernaut.ai",
                    "- name: wfe-webhook",
                    "image: \"wfe-webhook:",
                    "commonName: wfe-webhook self-managed CA",
                    // The mark of derived conditions.
                    "items.exists(item, has(item.message)",
                ]
                .iter()
                .any(|known| line.starts_with(known))
            })
            .collect();
        assert!(left.is_empty(), "{mode:?}: {left:#?}");
    }
}

fn identities(rendered: &Rendered) -> BTreeSet<[String; 3]> {
    let all = rendered.objects.iter().chain(&rendered.tests);
    all.map(|object| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        [
            text(&object["kind"]),
            text(&object["metadata"]["namespace"]),
            text(&object["metadata"]["name"]),
        ]
    })
    .collect()
}

#[rstest]
#[case::in_two_namespaces("blue", "green")]
#[case::in_the_same("shared", "shared")]
fn two_releases_have_no_object_in_common(#[case] first: &str, #[case] second: &str) {
    let every_kind = [
        "--set-json",
        r#"networkPolicy={"enabled": true, "apiServers": [{"podSelector": {}}]}"#,
        "--set",
        "autoscaling.enabled=true,monitor.kind=ServiceMonitor",
    ];
    for mode in Mode::ALL {
        let blue = identities(&rendered("blue", first, mode, &every_kind));
        let green = identities(&rendered("green", second, mode, &every_kind));
        assert!(blue.is_disjoint(&green), "{mode:?}");
    }
}

/// Of kubernaut's chart: what it names statically in its namespace and in the cluster, and by which label it selects pods.
#[test]
fn it_can_be_installed_beside_kubernaut() {
    let rendered = rendered("wfe-webhook", "kubernaut-system", Mode::SelfManaged, &[]);
    let names: Vec<String> = identities(&rendered)
        .into_iter()
        .map(|[.., name]| name)
        .collect();
    for kubernauts in [
        "authwebhook",
        "authwebhook-mutating",
        "authwebhook-validating",
        "authwebhook-cert",
        "workflowexecution-controller",
        "gateway-role",
    ] {
        assert!(!names.iter().any(|name| name == kubernauts), "{kubernauts}");
    }
    let template = rendered.deployment().spec.unwrap().template;
    assert!(
        !template
            .metadata
            .unwrap()
            .labels
            .unwrap()
            .contains_key("app")
    );
    for configuration in rendered.configurations() {
        let webhook = &configuration["webhooks"][0];
        // Its executions are in that namespace.
        assert_eq!(webhook["namespaceSelector"], Value::Null);
        let name = webhook["name"].as_str().unwrap();
        assert!(name.ends_with(".wfe-webhook.kubernaut.ai"), "{name}");
    }
}
