//! The manifests as values, and what holds between them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{
    Container, PodAffinityTerm, PodSpec, PodTemplateSpec, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Namespace and name of everything.
pub const NAME: &str = "wfe-webhook";

/// The folder `deploy/`.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

/// The documents of a file in it.
pub fn documents<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn only<T: DeserializeOwned>(file: &str) -> T {
    let mut documents = documents(file);
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

pub fn deployment() -> Deployment {
    only("deployment.yaml")
}

pub fn service() -> Service {
    only("service.yaml")
}

/// The template of the Deployment's pods.
pub fn template() -> PodTemplateSpec {
    deployment().spec.unwrap().template
}

pub fn pod_spec() -> PodSpec {
    template().spec.unwrap()
}

/// The only container of a pod.
pub fn container() -> Container {
    let mut containers = pod_spec().containers;
    assert_eq!(containers.len(), 1);
    containers.remove(0)
}

#[test]
fn every_manifest_is_in_the_kustomization_except_those_that_are_applied_separately() {
    let kustomization: Value = only("kustomization.yaml");
    let listed: BTreeSet<String> =
        serde_json::from_value(kustomization["resources"].clone()).unwrap();
    let mut there: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for apart in [
        "kustomization.yaml",
        "cert-manager.yaml",
        // Has places to fill in.
        "networkpolicy.yaml",
        // No objects, but files for API servers.
        "client-certificates",
    ] {
        assert!(there.remove(apart), "{apart}");
    }
    assert_eq!(listed, there);
}

#[test]
fn everything_is_of_one_name_in_one_namespace() {
    for file in std::fs::read_dir(folder()).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        if ["kustomization.yaml", "client-certificates"].contains(&file.as_str()) {
            continue;
        }
        for document in documents::<Value>(&file) {
            let metadata = &document["metadata"];
            assert!(
                metadata["name"].as_str().unwrap().starts_with(NAME),
                "{file}"
            );
            let cluster_wide = [
                "Namespace",
                "MutatingWebhookConfiguration",
                "ValidatingWebhookConfiguration",
            ];
            if !cluster_wide.contains(&document["kind"].as_str().unwrap()) {
                assert_eq!(metadata["namespace"], NAME, "{file}");
            }
        }
    }
}

#[test]
fn service_and_budget_select_the_pods() {
    let labels = template().metadata.unwrap().labels.unwrap();
    let selected = deployment().spec.unwrap().selector.match_labels;
    assert_eq!(selected, Some(labels.clone()));
    assert_eq!(service().spec.unwrap().selector, Some(labels.clone()));
    let budget: PodDisruptionBudget = only("poddisruptionbudget.yaml");
    let selector = budget.spec.unwrap().selector.unwrap();
    assert_eq!(selector.match_labels, Some(labels.clone()));
    for constraint in pod_spec().topology_spread_constraints.unwrap() {
        assert_eq!(
            constraint.label_selector.unwrap().match_labels,
            Some(labels.clone())
        );
    }
    for preference in zone_preferences() {
        assert_eq!(
            preference.label_selector.unwrap().match_labels,
            Some(labels.clone())
        );
    }
}

fn zone_preferences() -> Vec<PodAffinityTerm> {
    let apart = pod_spec().affinity.unwrap().pod_anti_affinity.unwrap();
    let preferred = apart.preferred_during_scheduling_ignored_during_execution;
    let preferred = preferred.unwrap().into_iter();
    preferred.map(|term| term.pod_affinity_term).collect()
}

/// The scheduler ignores nodes that lack the key of any spread constraint: only a key that every node has may be one.
#[test]
fn replicas_are_spread_over_nodes_and_where_there_are_some_over_zones() {
    let constraints = pod_spec().topology_spread_constraints.unwrap();
    let keys: Vec<&str> = constraints
        .iter()
        .map(|one| one.topology_key.as_str())
        .collect();
    assert_eq!(keys, ["kubernetes.io/hostname"]);
    let preferences = zone_preferences();
    let keys: Vec<&str> = preferences
        .iter()
        .map(|one| one.topology_key.as_str())
        .collect();
    assert_eq!(keys, ["topology.kubernetes.io/zone"]);
    // Those of the rollout before do not count.
    let revision = Some(vec!["pod-template-hash".to_owned()]);
    assert_eq!(constraints[0].match_label_keys, revision);
    assert_eq!(preferences[0].match_label_keys, revision);
}

#[test]
fn service_and_probes_lead_to_ports_of_the_container() {
    let container = container();
    let ports: Vec<String> = container
        .ports
        .unwrap()
        .into_iter()
        .map(|port| port.name.unwrap())
        .collect();
    let leads = |target: Option<IntOrString>| {
        let Some(IntOrString::String(name)) = target else {
            panic!("{target:?} names no port");
        };
        assert!(ports.contains(&name), "{name}");
    };
    for port in service().spec.unwrap().ports.unwrap() {
        leads(port.target_port);
    }
    for probe in [container.readiness_probe, container.liveness_probe] {
        leads(Some(probe.unwrap().http_get.unwrap().port));
    }
}

#[test]
fn the_network_policy_has_a_rule_for_each_port_and_two_places_to_fill_in() {
    let policy: NetworkPolicy = only("networkpolicy.yaml");
    let spec = policy.spec.unwrap();
    let labels = template().metadata.unwrap().labels;
    assert_eq!(spec.pod_selector.unwrap().match_labels, labels);
    // Without egress, the self-managed mode reaches the API server as before.
    assert_eq!(spec.policy_types, Some(vec!["Ingress".to_owned()]));
    let ports: Vec<Option<IntOrString>> = spec
        .ingress
        .unwrap()
        .into_iter()
        .map(|rule| {
            assert_eq!(rule.from.unwrap().len(), 1);
            rule.ports.unwrap().remove(0).port
        })
        .collect();
    let names = container().ports.unwrap().into_iter();
    let names: Vec<Option<IntOrString>> = names
        .map(|port| port.name.map(IntOrString::String))
        .collect();
    assert_eq!(ports, names);
    let text = std::fs::read_to_string(folder().join("networkpolicy.yaml")).unwrap();
    assert_eq!(text.matches("FILL IN").count(), 2);
}

#[test]
fn no_pod_gets_a_token() {
    let account: ServiceAccount = only("serviceaccount.yaml");
    assert_eq!(account.automount_service_account_token, Some(false));
    assert_eq!(account.metadata.name, pod_spec().service_account_name);
    assert_eq!(pod_spec().automount_service_account_token, Some(false));
}

#[test]
fn the_image_has_the_version_of_the_program() {
    let image = format!("{NAME}:{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(container().image, Some(image));
}

#[test]
fn a_rollout_never_serves_with_fewer_replicas() {
    let spec = deployment().spec.unwrap();
    assert!(spec.replicas.unwrap() >= 2);
    let rolling = spec.strategy.unwrap().rolling_update.unwrap();
    assert_eq!(rolling.max_surge, Some(IntOrString::Int(1)));
    assert_eq!(rolling.max_unavailable, Some(IntOrString::Int(0)));
}
