//! The variant without cert-manager, as kustomize puts it together.

use clap::Parser as _;
use serde_json::{Value, json};
use wfe_webhook::cli::{Cli, Command};

use crate::control_plane::{binary, run, stderr, stdout};
use crate::manifests::{NAME, folder};

/// Every document of the variant.
fn built() -> Vec<Value> {
    let variant = folder().with_file_name("deploy-self-managed");
    let output = run(std::process::Command::new(binary("kubectl"))
        .arg("kustomize")
        .arg(variant));
    assert!(output.status.success(), "{}", stderr(&output));
    serde_saphyr::from_multiple(&stdout(&output)).unwrap()
}

fn of_kind(kind: &str) -> Value {
    let mut found: Vec<Value> = built()
        .into_iter()
        .filter(|document| document["kind"] == kind)
        .collect();
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

#[test]
fn the_pods_get_a_token_and_no_certificate_from_elsewhere() {
    let deployment = of_kind("Deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["automountServiceAccountToken"], true);
    assert_eq!(pod["serviceAccountName"], NAME);
    assert_eq!(pod["volumes"], Value::Null);
    assert_eq!(pod["containers"][0]["volumeMounts"], Value::Null);
}

#[test]
fn the_program_accepts_the_arguments_and_manages_what_is_there() {
    let deployment = of_kind("Deployment");
    let args = deployment["spec"]["template"]["spec"]["containers"][0]["args"].clone();
    let args: Vec<String> = serde_json::from_value(args).unwrap();
    let program = "wfe-webhook".to_owned();
    let parsed = Cli::try_parse_from([program].into_iter().chain(args)).unwrap();
    let Command::Serve(args) = parsed.command else {
        panic!("not serve");
    };
    let settings = args.self_managed.settings().unwrap().unwrap();
    let service = of_kind("Service");
    assert_eq!(service["metadata"]["name"], settings.service.as_str());
    assert_eq!(
        service["metadata"]["namespace"],
        settings.namespace.as_str()
    );
    for kind in [
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
    ] {
        let configuration = of_kind(kind);
        assert_eq!(
            settings.configurations,
            [configuration["metadata"]["name"].as_str().unwrap()]
        );
        let webhook = &configuration["webhooks"][0];
        assert_eq!(webhook["clientConfig"]["caBundle"], Value::Null);
        assert_eq!(
            webhook["failurePolicy"], "Ignore",
            "nothing is blocked before the first certificate"
        );
        let annotations = configuration["metadata"]["annotations"].as_object();
        assert!(
            annotations.is_none_or(serde_json::Map::is_empty),
            "no injector but the webhook"
        );
    }
    assert_eq!(
        of_kind("Role")["rules"],
        json!([
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [settings.secret], "verbs": ["get", "update"]},
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
        ])
    );
    assert_eq!(
        of_kind("ClusterRole")["rules"],
        json!([{
            "apiGroups": ["admissionregistration.k8s.io"],
            "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            "resourceNames": settings.configurations,
            "verbs": ["get", "patch"],
        }])
    );
}

#[test]
fn the_roles_are_bound_to_the_pods_account_alone() {
    let account = json!([{"kind": "ServiceAccount", "name": NAME, "namespace": NAME}]);
    for (binding, role) in [
        ("RoleBinding", "Role"),
        ("ClusterRoleBinding", "ClusterRole"),
    ] {
        let binding = of_kind(binding);
        assert_eq!(binding["subjects"], account);
        assert_eq!(binding["roleRef"]["kind"], role);
        assert_eq!(
            binding["roleRef"]["name"],
            of_kind(role)["metadata"]["name"]
        );
    }
}
