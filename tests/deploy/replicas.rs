//! How many replicas there are, where, and how they change.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use rstest::rstest;
use serde_json::Value;
use test_support::helm::chart;

use crate::rendered::{Mode, NAME, Rendered};

fn rendered(arguments: &[&str]) -> Rendered {
    Rendered::with(Mode::SelfManaged, arguments)
}

fn high_availability() -> Rendered {
    let file = chart().join("values-ha.yaml").display().to_string();
    rendered(&["--values", &file])
}

#[test]
fn service_budget_and_spread_select_the_pods() {
    let rendered = rendered(&["--set", "podLabels.a=b"]);
    let spec = rendered.deployment().spec.unwrap();
    let selected = spec.selector.match_labels;
    let labels = spec.template.metadata.unwrap().labels.unwrap();
    for (label, value) in selected.clone().unwrap() {
        assert_eq!(labels.get(&label), Some(&value));
    }
    assert_eq!(rendered.service().spec.unwrap().selector, selected);
    let budget: PodDisruptionBudget = rendered.only("PodDisruptionBudget");
    assert_eq!(
        budget.spec.unwrap().selector.unwrap().match_labels,
        selected
    );
    let pod = rendered.pod_spec();
    let spread = pod.topology_spread_constraints.unwrap().remove(0);
    assert_eq!(spread.label_selector.unwrap().match_labels, selected);
    let apart = pod.affinity.unwrap().pod_anti_affinity.unwrap();
    let preferred = apart.preferred_during_scheduling_ignored_during_execution;
    let term = preferred.unwrap().remove(0).pod_affinity_term;
    assert_eq!(term.label_selector.unwrap().match_labels, selected);
}

/// The scheduler ignores nodes that lack the key of any spread constraint: only a key that every node has may be one.
#[rstest]
#[case::preferred(rendered(&[]), "ScheduleAnyway")]
#[case::required(high_availability(), "DoNotSchedule")]
fn replicas_are_spread_over_nodes_and_where_there_are_some_over_zones(
    #[case] rendered: Rendered,
    #[case] unsatisfiable: &str,
) {
    let pod = rendered.pod_spec();
    let mut constraints = pod.topology_spread_constraints.unwrap();
    assert_eq!(constraints.len(), 1);
    let spread = constraints.remove(0);
    assert_eq!(spread.topology_key, "kubernetes.io/hostname");
    assert_eq!(spread.when_unsatisfiable, unsatisfiable);
    // A node that is being drained is none to spread over.
    assert_eq!(spread.node_taints_policy.as_deref(), Some("Honor"));
    let apart = pod.affinity.unwrap().pod_anti_affinity.unwrap();
    let preferred = apart.preferred_during_scheduling_ignored_during_execution;
    let preference = preferred.unwrap().remove(0).pod_affinity_term;
    assert_eq!(preference.topology_key, "topology.kubernetes.io/zone");
    // Those of the rollout before do not count.
    let revision = Some(vec!["pod-template-hash".to_owned()]);
    assert_eq!(spread.match_label_keys, revision);
    assert_eq!(preference.match_label_keys, revision);
}

#[test]
fn high_availability_is_three_replicas_and_fail() {
    let rendered = high_availability();
    assert_eq!(rendered.deployment().spec.unwrap().replicas, Some(3));
    let [mutating, validating] = rendered.configurations();
    assert_eq!(validating["webhooks"][0]["failurePolicy"], "Fail");
    assert_eq!(mutating["webhooks"][0]["failurePolicy"], "Ignore");
}

#[test]
fn a_rollout_never_serves_with_fewer_replicas() {
    let spec = rendered(&[]).deployment().spec.unwrap();
    assert_eq!(spec.replicas, Some(2));
    let rolling = spec.strategy.unwrap().rolling_update.unwrap();
    assert_eq!(rolling.max_surge, Some(IntOrString::Int(1)));
    assert_eq!(rolling.max_unavailable, Some(IntOrString::Int(0)));
}

#[rstest]
#[case::two("replicas=2", true)]
#[case::one("replicas=1", false)]
#[case::one_at_the_least("autoscaling.enabled=true,autoscaling.minReplicas=1", false)]
#[case::two_at_the_least("replicas=1,autoscaling.enabled=true", true)]
#[case::switched_off("podDisruptionBudget.enabled=false", false)]
fn there_is_a_budget_where_a_replica_can_be_spared(#[case] values: &str, #[case] expected: bool) {
    let rendered = rendered(&["--set", values]);
    let budgets: Vec<PodDisruptionBudget> = rendered.all("PodDisruptionBudget");
    assert_eq!(budgets.len(), usize::from(expected));
    for budget in budgets {
        let spec = budget.spec.unwrap();
        assert_eq!(spec.max_unavailable, Some(IntOrString::Int(1)));
        // A replica that is not ready must not hold up the drain of a node.
        assert_eq!(
            spec.unhealthy_pod_eviction_policy.as_deref(),
            Some("AlwaysAllow")
        );
    }
}

#[test]
fn an_autoscaler_decides_instead_of_the_chart() {
    let rendered = rendered(&["--set", "autoscaling.enabled=true"]);
    assert_eq!(rendered.deployment().spec.unwrap().replicas, None);
    let scaler: HorizontalPodAutoscaler = rendered.only("HorizontalPodAutoscaler");
    let spec = scaler.spec;
    assert_eq!(spec.scale_target_ref.name, NAME);
    assert_eq!((spec.min_replicas, spec.max_replicas), (Some(2), 5));
}

#[test]
fn where_pods_run_can_be_chosen() {
    let values = r#"{"nodeSelector": {"a": "b"}, "priorityClassName": "high", "hostNetwork": true,
        "tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}}"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), values).unwrap();
    let pod = rendered(&["--values", &file.path().display().to_string()]).pod_spec();
    assert_eq!(pod.node_selector.unwrap()["a"], "b");
    assert_eq!(pod.priority_class_name.as_deref(), Some("high"));
    assert_eq!(
        pod.tolerations.unwrap()[0].operator.as_deref(),
        Some("Exists")
    );
    let affinity = pod.affinity.unwrap();
    assert!(affinity.node_affinity.is_some() && affinity.pod_anti_affinity.is_none());
    assert_eq!(pod.host_network, Some(true));
    assert_eq!(pod.dns_policy.as_deref(), Some("ClusterFirstWithHostNet"));
}

#[test]
fn a_cluster_that_chooses_user_ids_can() {
    let values = "securityContext.runAsUser=null,securityContext.runAsGroup=null,securityContext.fsGroup=null";
    let rendered = rendered(&["--set", values]);
    let deployment: Value = rendered.only("Deployment");
    let context = &deployment["spec"]["template"]["spec"]["securityContext"];
    let fields: Vec<&String> = context.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["runAsNonRoot", "seccompProfile"]);
}

#[test]
fn service_and_probes_lead_to_ports_of_the_container() {
    let rendered = rendered(&[]);
    let container = rendered.container();
    let ports = container.ports.unwrap().into_iter();
    let ports: Vec<String> = ports.map(|port| port.name.unwrap()).collect();
    let leads = |target: Option<IntOrString>| {
        let Some(IntOrString::String(name)) = target else {
            panic!("{target:?} names no port");
        };
        assert!(ports.contains(&name), "{name}");
    };
    for port in rendered.service().spec.unwrap().ports.unwrap() {
        leads(port.target_port);
    }
    for probe in [container.readiness_probe, container.liveness_probe] {
        leads(Some(probe.unwrap().http_get.unwrap().port));
    }
}

#[rstest]
#[case::default("", "wfe-webhook:VERSION")]
#[case::repository(
    "image.repository=registry.example.com:5000/team/wfe-webhook",
    "registry.example.com:5000/team/wfe-webhook:VERSION"
)]
#[case::tag("image.tag=edge", "wfe-webhook:edge")]
#[case::digest(
    "image.digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "wfe-webhook:VERSION@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)]
fn the_image_is_by_default_of_the_programs_version(#[case] values: &str, #[case] expected: &str) {
    let rendered = rendered(&["--set", values]);
    let expected = expected.replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert_eq!(rendered.container().image, Some(expected));
}
