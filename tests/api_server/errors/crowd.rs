//! Too many requests: for an API server, and for the webhook.

use serde_json::{Value, json};
use test_support::client::tls_config;
use test_support::unread::{leave_unread, review_with_large_answer};

use super::states::Stage;
use crate::control_plane::guarded::{Guarded, wait_until};
use crate::scene::{fail, http_get, succeed};

/// The API server sends a user away whose only seat a waiting write has; the webhook sends the API server away.
pub fn too_many(stage: &mut Stage) -> Vec<String> {
    const USER: &str = "--as=crowded";
    stage.plane.apply(&crowded().to_string());

    // Longer than client-go's ten retries, one a second.
    let timeouts = ["--mutate-timeout", "1", "--validate-timeout", "30"];
    stage.well_within(
        &timeouts,
        &["--max-in-flight", "1", "--body-timeout", "300s"],
    );
    stage.server().process().signal("STOP");
    let waiting = Guarded::spawn(
        "kubectl",
        stage.write().arg(USER),
        tempfile::tempdir().unwrap(),
    );
    let levels = || succeed(stage.plane.kubectl().args(["get", "--raw", LEVELS]));
    wait_until("its seat is taken", || {
        let levels = levels();
        let level = levels.lines().find(|line| line.starts_with("crowded,"))?;
        let executing = level.split(',').nth(5)?.trim();
        (executing == "1").then_some(())
    });
    let sent_away = fail(stage.write().args([USER, "--v=6"]));
    stage.server().process().signal("CONT");
    waiting.wait();

    let server = stage.server();
    let hanging = leave_unread(
        server.port(),
        tls_config(&server.ca()),
        &review_with_large_answer(),
    );
    let admin = server.admin();
    wait_until("the only place is taken", || {
        http_get(admin, "/metrics")?
            .contains("wfe_webhook_in_flight_requests 1\n")
            .then_some(())
    });
    let shed = stage.refusal();
    drop(hanging);
    vec![sent_away, shed]
}

/// Which requests each priority level has.
const LEVELS: &str = "/debug/api_priority_and_fairness/dump_priority_levels";

/// A user with every right and a priority level of one seat.
fn crowded() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "crowded"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "crowded"}],
            },
            {
                "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
                "kind": "PriorityLevelConfiguration",
                "metadata": {"name": "crowded"},
                "spec": {"type": "Limited", "limited": {
                    "nominalConcurrencyShares": 0,
                    "lendablePercent": 0,
                    "borrowingLimitPercent": 0,
                    "limitResponse": {"type": "Reject"},
                }},
            },
            {
                "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
                "kind": "FlowSchema",
                "metadata": {"name": "crowded"},
                "spec": {
                    "matchingPrecedence": 2,
                    "priorityLevelConfiguration": {"name": "crowded"},
                    "rules": [{
                        "subjects": [{"kind": "User", "user": {"name": "crowded"}}],
                        "resourceRules": [{
                            "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"],
                        }],
                    }],
                },
            },
        ],
    })
}
