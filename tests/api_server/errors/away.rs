//! An aggregated API whose server is away.

use serde_json::json;

use super::states::Stage;
use crate::control_plane::guarded::wait_until;
use crate::control_plane::{run, stderr};

/// An aggregated API without a server, and a webhook behind a proxy that has nothing behind it: the API server itself.
pub fn an_api_is_away(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    let api = aggregate(stage);
    let asked = wait_until("an answer for it", || {
        let output = run(stage.plane.kubectl().args(["get", "--raw", &api]));
        Some(stderr(&output)).filter(|said| !said.contains("NotFound"))
    });
    stage.plane.apply(
        &json!({
            "apiVersion": "v1",
            "kind": "List",
            "items": [
                {
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": "ClusterRole",
                    "metadata": {"name": "away"},
                    "rules": [{"apiGroups": ["away.example.com"], "resources": ["*"], "verbs": ["*"]}],
                },
                {
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": "ClusterRoleBinding",
                    "metadata": {"name": "away"},
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "away"},
                    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:anonymous"}],
                },
            ],
        })
        .to_string(),
    );
    let url = format!("{}{api}", stage.plane.url());
    let ca = stage.plane.certificate();
    stage.register_as(&ca, &["--url", &url]);
    let refused = wait_until("a refusal that is not that of a missing permission", || {
        Some(stage.refusal()).filter(|said| !said.contains("forbidden"))
    });
    vec![asked, refused]
}

/// An API whose Service has no server; gives its path.
pub fn aggregate(stage: &Stage) -> String {
    stage.plane.apply(
        &json!({
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1.away.example.com"},
            "spec": {
                "group": "away.example.com",
                "version": "v1",
                "groupPriorityMinimum": 100,
                "versionPriority": 10,
                "insecureSkipTLSVerify": true,
                "service": {"name": "away", "namespace": "default", "port": 443},
            },
        })
        .to_string(),
    );
    "/apis/away.example.com/v1".to_owned()
}
