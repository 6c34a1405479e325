//! Paths: those of the API server, and those that it calls.

use crate::admission::Webhook;
use crate::vocabulary::RESOURCE;

/// The path by which an API server calls a webhook.
pub(crate) const fn webhook(webhook: Webhook) -> &'static str {
    match webhook {
        Webhook::Mutate => "/mutate",
        Webhook::Validate => "/validate",
    }
}

/// The `WorkflowExecution`s of a group and version in all namespaces.
pub(crate) fn objects(group: &str, version: &str) -> String {
    format!("/apis/{group}/{version}/{RESOURCE}")
}

/// The `WorkflowExecution`s of a group and version in one namespace.
pub(crate) fn objects_of(group: &str, version: &str, namespace: &str) -> String {
    format!("/apis/{group}/{version}/namespaces/{namespace}/{RESOURCE}")
}

/// One `WorkflowExecution`.
pub(crate) fn object(group: &str, version: &str, namespace: &str, name: &str) -> String {
    format!("{}/{name}", objects_of(group, version, namespace))
}

/// The Events of a namespace.
pub(crate) fn events(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/events")
}
