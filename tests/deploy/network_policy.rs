//! Who may connect, where `networkPolicy.enabled` is set.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json};

use crate::rendered::{Mode, Rendered};

fn rendered(more: &[&str]) -> Rendered {
    let api_servers = r#"networkPolicy.apiServers=[{"ipBlock": {"cidr": "192.0.2.10/32"}}]"#;
    let prometheus = r#"networkPolicy.prometheus=[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]"#;
    let mut arguments = vec!["--set", "networkPolicy.enabled=true"];
    arguments.extend(["--set-json", api_servers, "--set-json", prometheus]);
    arguments.extend(more);
    Rendered::with(Mode::SelfManaged, &arguments)
}

#[test]
fn by_default_there_is_none() {
    assert!(
        !Rendered::of(Mode::SelfManaged)
            .kinds()
            .contains(&"NetworkPolicy")
    );
}

#[test]
fn api_servers_reach_the_webhooks_and_prometheus_the_metrics() {
    let rendered = rendered(&[]);
    let policy: NetworkPolicy = rendered.only("NetworkPolicy");
    let spec = policy.spec.unwrap();
    let selected = rendered.deployment().spec.unwrap().selector.match_labels;
    assert_eq!(spec.pod_selector.unwrap().match_labels, selected);
    // Without egress: in the mode selfManaged the pods call the API server.
    assert_eq!(spec.policy_types, Some(vec!["Ingress".to_owned()]));
    let [https, admin] = <[_; 2]>::try_from(spec.ingress.unwrap()).unwrap();
    for (rule, port) in [(&https, "https"), (&admin, "admin")] {
        let ports = rule.ports.as_ref().unwrap();
        assert_eq!(ports[0].port, Some(IntOrString::String(port.to_owned())));
    }
    let cidr = |peer: &k8s_openapi::api::networking::v1::NetworkPolicyPeer| {
        peer.ip_block.as_ref().map(|block| block.cidr.clone())
    };
    assert_eq!(
        cidr(&https.from.unwrap()[0]).as_deref(),
        Some("192.0.2.10/32")
    );
    assert!(admin.from.unwrap()[0].namespace_selector.is_some());
}

#[test]
fn helm_test_is_let_in_where_it_is_there() {
    let rendered = rendered(&[]);
    let policy: Value = rendered.only("NetworkPolicy");
    let labels = &policy["spec"]["ingress"][0]["from"][1]["podSelector"]["matchLabels"];
    let pod: Value = rendered.only_of_test("Pod");
    for (label, value) in labels.as_object().unwrap() {
        assert_eq!(&pod["metadata"]["labels"][label], value);
    }
    let without: Value = self::rendered(&["--set", "test.enabled=false"]).only("NetworkPolicy");
    let from = &without["spec"]["ingress"][0]["from"];
    assert_eq!(from, &json!([{"ipBlock": {"cidr": "192.0.2.10/32"}}]));
}

#[test]
fn without_a_prometheus_nobody_reads_metrics() {
    let policy: Value =
        rendered(&["--set-json", "networkPolicy.prometheus=[]"]).only("NetworkPolicy");
    assert_eq!(policy["spec"]["ingress"].as_array().unwrap().len(), 1);
}
