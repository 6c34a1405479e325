use serde_json::json;

use crate::control_plane::free_ports;
use crate::installation::{Installation, expect};

/// The API server calls a port where nothing listens, as if a firewall were in between.
#[test]
fn a_server_that_answers_and_is_not_called_points_to_the_network() {
    let installation = Installation::new();
    let [closed] = free_ports();
    let cause = "the server itself answers here, so the network between the API server and the pods is the likeliest cause; fix: open port 8443 of the pods to the control plane";
    for (policy, words) in [
        (
            "Ignore",
            "error    refusal through the API server: a write with an unknown condition type passed",
        ),
        (
            "Fail",
            "error    refusal through the API server: the API server cannot call the webhook: ",
        ),
    ] {
        let ca = installation.server.ca();
        installation.register(&ca, &["--failure-policy", policy], |webhook| {
            webhook["clientConfig"]["service"]["port"] = json!(closed);
        });
        expect(
            &mut installation.doctor(),
            1,
            &["ok       /validate answer", words, cause],
        );
    }
}

/// The Service of a registration has replicas on nodes.
#[test]
fn replicas_on_one_node_make_fail_unsafe() {
    let installation = Installation::new();
    installation.register_well();
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "together", "namespace": "doctor"},
        "spec": {"ports": [{"port": 443}]},
    });
    let endpoint = |address: &str, node: &str| json!({"addresses": [address], "conditions": {"ready": true}, "nodeName": node});
    let slice = |node: &str| {
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "together", "namespace": "doctor",
                "labels": {"kubernetes.io/service-name": "together"},
            },
            "addressType": "IPv4",
            "ports": [{"port": 8443}],
            "endpoints": [endpoint("10.1.0.1", "one"), endpoint("10.1.0.2", node)],
        })
    };
    installation.plane.apply(&service.to_string());
    let ca = installation.server.ca();
    installation.register(&ca, &[], |webhook| {
        webhook["clientConfig"]["service"] =
            json!({"namespace": "doctor", "name": "together", "port": 443, "path": "/mutate"});
    });
    installation.plane.apply(&slice("one").to_string());
    let together = "warning  Service doctor/together: 2 replicas are ready, all on the node one";
    expect(&mut installation.doctor(), 1, &[together]);
    installation.plane.apply(&slice("two").to_string());
    let apart = "ok       Service doctor/together: 2 replicas are ready";
    expect(&mut installation.doctor(), 1, &[apart]);
}
