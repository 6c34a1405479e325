//! `tls.mode: selfManaged`: a token, and what it may do.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::helm::Release;

use crate::rendered::{Mode, RELEASE, Rendered, template};

const ELSEWHERE: Release = Release {
    name: "hook",
    namespace: "kubernaut-system",
};

fn rendered(release: Release) -> Rendered {
    Rendered::read(&template(release, Mode::SelfManaged, &[]).unwrap())
}

#[test]
fn the_pods_get_a_token_in_this_mode_alone_and_no_certificate_from_elsewhere() {
    for mode in Mode::ALL {
        let rendered = Rendered::of(mode);
        let own = mode == Mode::SelfManaged;
        let account: Value = rendered.only("ServiceAccount");
        assert_eq!(account["automountServiceAccountToken"], false);
        let pod = rendered.pod_spec();
        assert_eq!(pod.automount_service_account_token, Some(own), "{mode:?}");
        assert_eq!(
            account["metadata"]["name"],
            pod.service_account_name.unwrap()
        );
        assert_eq!(pod.volumes.is_none(), own);
        assert_eq!(rendered.container().volume_mounts.is_none(), own);
        let rights = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
        let kinds = rendered.kinds();
        assert!(
            rights.iter().all(|right| kinds.contains(right) == own),
            "{mode:?} {kinds:?}"
        );
    }
}

#[rstest]
#[case::as_rendered(RELEASE)]
#[case::elsewhere(ELSEWHERE)]
fn the_arguments_name_what_is_there_and_the_roles_give_just_that(#[case] release: Release) {
    let rendered = rendered(release);
    let settings = rendered.serve_args().self_managed.settings();
    let settings = settings.unwrap().unwrap();
    let service: Value = rendered.only("Service");
    assert_eq!(service["metadata"]["name"], settings.service.as_str());
    assert_eq!(
        service["metadata"]["namespace"],
        settings.namespace.as_str()
    );
    for configuration in rendered.configurations() {
        let name = configuration["metadata"]["name"].as_str().unwrap();
        assert_eq!(settings.configurations, [name]);
    }
    assert_eq!(
        rendered.only::<Value>("Role")["rules"],
        json!([
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [settings.secret], "verbs": ["get", "update"]},
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
        ])
    );
    assert_eq!(
        rendered.only::<Value>("ClusterRole")["rules"],
        json!([{
            "apiGroups": ["admissionregistration.k8s.io"],
            "resources": ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
            "resourceNames": settings.configurations,
            "verbs": ["get", "patch"],
        }])
    );
}

#[rstest]
#[case::as_rendered(RELEASE)]
#[case::elsewhere(ELSEWHERE)]
fn roles_and_policy_are_for_the_pods_account_alone(#[case] release: Release) {
    let rendered = rendered(release);
    let name = rendered.pod_spec().service_account_name.unwrap();
    let account = json!([{"kind": "ServiceAccount", "name": name, "namespace": release.namespace}]);
    for (binding, role) in [
        ("RoleBinding", "Role"),
        ("ClusterRoleBinding", "ClusterRole"),
    ] {
        let binding: Value = rendered.only(binding);
        assert_eq!(binding["subjects"], account);
        assert_eq!(binding["roleRef"]["kind"], role);
        assert_eq!(
            binding["roleRef"]["name"],
            rendered.only::<Value>(role)["metadata"]["name"]
        );
    }
    let policy: Value = rendered.only("ValidatingAdmissionPolicy");
    assert_eq!(
        policy["spec"]["matchConditions"][0]["expression"],
        format!(
            "request.userInfo.username == 'system:serviceaccount:{}:{name}'",
            release.namespace
        )
    );
    let binding: Value = rendered.only("ValidatingAdmissionPolicyBinding");
    assert_eq!(binding["spec"]["policyName"], policy["metadata"]["name"]);
}

#[test]
fn the_policy_can_be_left_out() {
    let values = ["--set", "tls.selfManaged.admissionPolicy=false"];
    let rendered = Rendered::with(Mode::SelfManaged, &values);
    assert!(!rendered.kinds().iter().any(|kind| kind.contains("Policy")));
}
