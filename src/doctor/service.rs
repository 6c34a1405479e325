//! The Service that a webhook is registered by.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use super::line::CheckLine;
use super::target::Target;

/// The replicas that are ready, where that is known.
pub(super) type Ready = Option<Replicas>;

/// Replicas that are ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Replicas {
    /// How many.
    pub count: usize,
    /// Whether several are known to run on a single node.
    pub on_one_node: bool,
}

impl Replicas {
    const NONE: Self = Self {
        count: 0,
        on_one_node: false,
    };
}

/// Whether the Service has the port and replicas behind it.
///
/// `slices` is nothing when they could not be read.
pub(super) fn check(
    target: &Target,
    service: Option<&Service>,
    slices: Option<&[EndpointSlice]>,
) -> (CheckLine, Ready) {
    let (namespace, name) = target.service.clone().unwrap_or_default();
    let about = format!("Service {namespace}/{name}");
    let Some(service) = service else {
        let line = CheckLine::error(
            about,
            "does not exist; every call fails",
            "install the chart (docs/install.md), or register the webhook with the right --service",
        );
        return (line, Some(Replicas::NONE));
    };
    let spec = service.spec.clone().unwrap_or_default();
    if spec.type_.as_deref() == Some("ExternalName") {
        let text = format!(
            "leads to {}, whose replicas the cluster does not count",
            spec.external_name.unwrap_or_default()
        );
        return (CheckLine::ok(about, text), None);
    }
    let ports = spec.ports.unwrap_or_default();
    if !ports.iter().any(|port| port.port == i32::from(target.port)) {
        let has: Vec<String> = ports.iter().map(|port| port.port.to_string()).collect();
        let line = CheckLine::error(
            about,
            format!(
                "has no port {}, but {}; every call fails",
                target.port,
                has.join(", ")
            ),
            "set clientConfig.service.port of both configurations, or the port of the Service",
        );
        return (line, Some(Replicas::NONE));
    }
    let Some(slices) = slices else {
        let line = CheckLine::warning(
            about,
            "is there; how many replicas answer could not be read",
            "grant list of endpointslices, see docs/doctor.md",
        );
        return (line, None);
    };
    let replicas = replicas(slices);
    let (count, node) = (replicas.len(), only_node(&replicas));
    let line = match (count, node) {
        (0, _) => CheckLine::error(
            about,
            "no replica is ready; every call fails",
            format!("kubectl --namespace {namespace} get pods, and look at their logs"),
        ),
        (1, _) => CheckLine::ok(about, "1 replica is ready"),
        (_, Some(node)) => CheckLine::warning(
            about,
            format!(
                "{count} replicas are ready, all on the node {node}: none answers while it is down"
            ),
            format!(
                "make room on another node, then kubectl --namespace {namespace} rollout restart deployment"
            ),
        ),
        _ => CheckLine::ok(about, format!("{count} replicas are ready")),
    };
    let on_one_node = count > 1 && node.is_some();
    (line, Some(Replicas { count, on_one_node }))
}

/// The endpoints that are ready. In a cluster with two IP families each pod is in a slice of either.
fn replicas(slices: &[EndpointSlice]) -> Vec<&Endpoint> {
    let mut found: Vec<&Endpoint> = Vec::new();
    for endpoint in slices.iter().flat_map(|slice| &slice.endpoints).flatten() {
        let conditions = endpoint.conditions.as_ref();
        let ready = conditions.and_then(|conditions| conditions.ready) != Some(false);
        let same = |other: &&Endpoint| {
            endpoint.target_ref.is_some() && other.target_ref == endpoint.target_ref
        };
        if ready && !found.iter().any(same) {
            found.push(endpoint);
        }
    }
    found
}

/// The node of all of them, if it is the same.
fn only_node<'a>(replicas: &[&'a Endpoint]) -> Option<&'a str> {
    let (first, rest) = replicas.split_first()?;
    let node = first.node_name.as_deref()?;
    rest.iter()
        .all(|other| other.node_name.as_deref() == Some(node))
        .then_some(node)
}
