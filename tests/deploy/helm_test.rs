//! `helm test`: the pod runs `doctor` with the permissions that it needs and no others.

use clap::Parser as _;
use k8s_openapi::api::core::v1::Pod;
use rstest::rstest;
use serde_json::{Value, json};
use test_support::helm::{Release, chart};
use wfe_webhook::cli::{Cli, Command};

use crate::control_plane::{ADMIN, run, stderr, stdout};
use crate::release;
use crate::rendered::{Mode, NAME, Rendered, template};

const CRD: &str = include_str!("../fixtures/crd-workflowexecution.kubernaut.ai.yaml");

#[test]
fn everything_of_it_is_a_hook_that_removes_itself() {
    let rendered = Rendered::of(Mode::SelfManaged);
    let kinds = rendered
        .tests
        .iter()
        .map(|object| object["kind"].as_str().unwrap());
    let mut kinds: Vec<&str> = kinds.collect();
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "ClusterRole",
            "ClusterRoleBinding",
            "Pod",
            "Role",
            "RoleBinding",
            "ServiceAccount"
        ]
    );
    let weight = |kind: &str| {
        let object: Value = rendered.only_of_test(kind);
        let annotations = &object["metadata"]["annotations"];
        assert_eq!(
            annotations["helm.sh/hook-delete-policy"],
            "before-hook-creation,hook-succeeded"
        );
        let weight = annotations["helm.sh/hook-weight"].as_str().unwrap();
        weight.parse::<i32>().unwrap()
    };
    for first in ["ServiceAccount", "Role", "ClusterRole"] {
        assert!(weight(first) < weight("RoleBinding"));
    }
    for before in ["RoleBinding", "ClusterRoleBinding"] {
        assert!(weight(before) < weight("Pod"));
    }
    let off = Rendered::with(Mode::SelfManaged, &["--set", "test.enabled=false"]);
    assert!(off.tests.is_empty());
}

#[test]
fn the_pod_asks_doctor_about_this_release() {
    let arguments = [
        "--set",
        "clientCertificates.name=ca,test.clientCertificateSecret=client",
    ];
    let rendered = Rendered::with(Mode::SelfManaged, &arguments);
    let pod: Pod = rendered.only_of_test("Pod");
    let spec = pod.spec.unwrap();
    let container = &spec.containers[0];
    assert_eq!(container.image, rendered.container().image);
    let args = container.args.clone().unwrap();
    let parsed = Cli::try_parse_from([NAME.to_owned()].into_iter().chain(args)).unwrap();
    let Command::Doctor(args) = parsed.command else {
        panic!("not doctor");
    };
    for configuration in rendered.configurations() {
        assert_eq!(
            configuration["metadata"]["name"],
            args.configuration.as_str()
        );
    }
    let mount = &container.volume_mounts.as_ref().unwrap()[0].mount_path;
    assert!(args.client_cert.unwrap().starts_with(mount));
    assert!(args.client_key.unwrap().starts_with(mount));
    let secret = spec.volumes.unwrap().remove(0).secret.unwrap();
    assert_eq!(secret.secret_name.as_deref(), Some("client"));
}

/// The rules of `docs/doctor.md`, which a test there proves to be enough. What is in one namespace is granted in one.
#[test]
fn its_permissions_are_those_of_the_page() {
    let page = include_str!("../../docs/doctor.md");
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let role: Value = serde_saphyr::from_str(rest.split_once("```").unwrap().0).unwrap();
    let wanted = role["rules"].as_array().unwrap();
    let rendered = Rendered::of(Mode::SelfManaged);
    let rules = |kind: &str| -> Vec<Value> {
        let role: Value = rendered.only_of_test(kind);
        role["rules"].as_array().unwrap().clone()
    };
    let mut given = rules("ClusterRole");
    for mut rule in rules("Role") {
        if rule["resources"] == json!(["services"]) {
            let names = rule.as_object_mut().unwrap().remove("resourceNames");
            assert_eq!(names, Some(json!([NAME])));
        }
        given.push(rule);
    }
    assert_eq!(given.len(), wanted.len());
    for rule in wanted {
        assert!(given.contains(rule), "{rule}");
    }
    let without = Rendered::with(Mode::SelfManaged, &["--set", "test.writes=false"]);
    let role: Value = without.only_of_test("ClusterRole");
    assert!(!role.to_string().contains("patch"));
}

#[test]
fn they_are_its_own_accounts_alone() {
    let rendered = Rendered::of(Mode::SelfManaged);
    let pod: Pod = rendered.only_of_test("Pod");
    let account = pod.spec.unwrap().service_account_name.unwrap();
    let subject = json!([{"kind": "ServiceAccount", "name": account, "namespace": NAME}]);
    for binding in ["RoleBinding", "ClusterRoleBinding"] {
        assert_eq!(rendered.only_of_test::<Value>(binding)["subjects"], subject);
    }
    let serving = rendered.pod_spec().service_account_name.unwrap();
    assert_ne!(account, serving);
    // Neither Service nor budget select its pod.
    let labels = pod.metadata.labels.unwrap();
    let selector = rendered.service().spec.unwrap().selector.unwrap();
    assert!(
        selector
            .iter()
            .any(|(label, value)| labels.get(label) != Some(value))
    );
}

/// No pods run here, so the release has errors; but nothing is left out for want of a permission.
#[rstest]
#[case::all("asked", "", true)]
#[case::without_writes("asked-less", "test.writes=false", false)]
fn with_them_doctor_checks_everything(
    #[case] namespace: &str,
    #[case] values: &str,
    #[case] writes: bool,
) {
    let plane = release::plane();
    plane.apply(CRD);
    let mut wait = plane.kubectl();
    wait.args([
        "wait",
        "--for=condition=Established",
        "--timeout=60s",
        "crd",
        "--all",
    ]);
    assert!(run(&mut wait).status.success());
    let release = Release {
        name: namespace,
        namespace,
    };
    let mut install = release.install(&plane.kubeconfig(ADMIN), &chart());
    let output = run(install.args(["--wait=hookOnly", "--set", values]));
    assert!(output.status.success(), "{}", stderr(&output));
    // As Helm creates them, but for the pod.
    let rendered =
        Rendered::read(&template(release, Mode::SelfManaged, &["--set", values]).unwrap());
    for object in rendered
        .tests
        .iter()
        .filter(|object| object["kind"] != "Pod")
    {
        plane.apply(&object.to_string());
    }
    let execution = json!({
        "apiVersion": "workflowexecution.kubernaut.ai/v1alpha1",
        "kind": "WorkflowExecution",
        "metadata": {"name": "run", "namespace": namespace},
        "spec": {
            "workflowRef": {"workflowId": "restart-pod"},
            "targetResource": "shop/Deployment/cart",
        },
    });
    plane.apply(&execution.to_string());

    let pod: Pod = rendered.only_of_test("Pod");
    let account = pod
        .spec
        .as_ref()
        .unwrap()
        .service_account_name
        .clone()
        .unwrap();
    let namespace = format!("--namespace={namespace}");
    let token = run(plane
        .kubectl()
        .args(["create", "token", &account, &namespace]));
    assert!(token.status.success(), "{}", stderr(&token));
    let kubeconfig = tempfile::NamedTempFile::new().unwrap();
    let admin = std::fs::read_to_string(plane.kubeconfig(ADMIN)).unwrap();
    let own = format!("token: {}", stdout(&token).trim());
    std::fs::write(kubeconfig.path(), admin.replace("token: admin-token", &own)).unwrap();

    let args = pod.spec.unwrap().containers.remove(0).args.unwrap();
    let output = run(
        std::process::Command::new(env!("CARGO_BIN_EXE_wfe-webhook"))
            .args(args)
            .arg("--kubeconfig")
            .arg(kubeconfig.path()),
    );
    let report = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{report}{}", stderr(&output));
    for checked in [
        "CRD workflowexecutions",
        "validating caBundle",
        "no replica is ready",
    ] {
        assert!(report.contains(checked), "{checked} in {report}");
    }
    let left_out: Vec<&str> = report
        .lines()
        .filter(|line| line.contains("is forbidden"))
        .collect();
    if writes {
        assert!(left_out.is_empty(), "{left_out:?}");
        assert!(report.contains("refusal"), "{report}");
    } else {
        assert_eq!(left_out.len(), 1, "{left_out:?}");
        assert!(
            left_out[0].contains("cannot patch resource \"workflowexecutions/status\""),
            "{left_out:?}"
        );
    }
}
