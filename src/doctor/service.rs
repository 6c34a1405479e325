//! The Service that a webhook is registered by.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use super::line::Line;
use super::target::Target;

/// How many replicas answer, where that is known.
pub type Ready = Option<usize>;

/// Whether the Service has the port and replicas behind it.
///
/// `slices` is nothing when they could not be read.
pub fn check(
    target: &Target,
    service: Option<&Service>,
    slices: Option<&[EndpointSlice]>,
) -> (Line, Ready) {
    let (namespace, name) = target.service.clone().unwrap_or_default();
    let about = format!("Service {namespace}/{name}");
    let Some(service) = service else {
        let line = Line::wrong(
            about,
            "does not exist; every call fails",
            "kubectl apply -k deploy, or register the webhook with the right --service",
        );
        return (line, Some(0));
    };
    let spec = service.spec.clone().unwrap_or_default();
    if spec.type_.as_deref() == Some("ExternalName") {
        let text = format!(
            "leads to {}, whose replicas the cluster does not count",
            spec.external_name.unwrap_or_default()
        );
        return (Line::ok(about, text), None);
    }
    let ports = spec.ports.unwrap_or_default();
    if !ports.iter().any(|port| port.port == i32::from(target.port)) {
        let has: Vec<String> = ports.iter().map(|port| port.port.to_string()).collect();
        let line = Line::wrong(
            about,
            format!(
                "has no port {}, but {}; every call fails",
                target.port,
                has.join(", ")
            ),
            "set clientConfig.service.port of both configurations, or the port of the Service",
        );
        return (line, Some(0));
    }
    let Some(slices) = slices else {
        let line = Line::warning(
            about,
            "is there; how many replicas answer could not be read",
            "grant list of endpointslices, as docs/doctor.md says",
        );
        return (line, None);
    };
    let ready = slices
        .iter()
        .flat_map(|slice| &slice.endpoints)
        .filter(|endpoint| {
            let conditions = endpoint.conditions.as_ref();
            conditions.and_then(|conditions| conditions.ready) != Some(false)
        })
        .count();
    let line = match ready {
        0 => Line::wrong(
            about,
            "no replica is ready; every call fails",
            format!("kubectl --namespace {namespace} get pods, and look at their logs"),
        ),
        1 => Line::ok(about, "1 replica is ready"),
        _ => Line::ok(about, format!("{ready} replicas are ready")),
    };
    (line, Some(ready))
}
