//! Events of `core/v1`.
//!
//! Not of `events.k8s.io/v1`: kubectl makes `(x3 over 4m)` of `count` and of the first and the last time, which a client may not
//! set there; `series`, which it may, stands for updates of one Event, and these would need more permissions.

use jiff::Timestamp;
use serde_json::{Value, json};

use axum::http::{Request, header};

use super::{ApiServer, paths, time};

/// Who reports.
const COMPONENT: &str = "wfe-webhook";

/// An Event of type `Warning` that is to be created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'e> {
    /// Its own name, in the object's namespace.
    pub(crate) name: &'e str,
    /// What it is about.
    pub(crate) object: ObjectReference<'e>,
    /// Why it is there, for machines.
    pub(crate) reason: &'e str,
    /// The same for people.
    pub(crate) message: &'e str,
    /// How often it happened.
    pub(crate) count: u32,
    /// When it first happened.
    pub(crate) first: Timestamp,
    /// When it last happened.
    pub(crate) last: Timestamp,
}

/// An object. Without a field: kubectl would print it before the message, which begins with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectReference<'e> {
    /// Group and version.
    pub(crate) api_version: &'e str,
    /// The kind.
    pub(crate) kind: &'e str,
    /// The namespace.
    pub(crate) namespace: &'e str,
    /// The name.
    pub(crate) name: &'e str,
    /// The uid, by which kubectl looks for Events.
    pub(crate) uid: &'e str,
}

/// Why an Event was not created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EventError {
    /// One of that name is there already.
    #[error("it exists already")]
    Exists,
    /// The API server refuses it.
    #[error("the API server refuses: {0}")]
    Refused(String),
    /// There is no answer.
    #[error("{0}")]
    Call(String),
}

impl ApiServer {
    /// Creates an Event.
    pub(crate) async fn create_event(&self, event: &Event<'_>) -> Result<(), EventError> {
        let request = Request::post(paths::events(event.object.namespace))
            .header(header::CONTENT_TYPE, "application/json")
            .body(event.json().to_string().into_bytes())
            .map_err(|error| EventError::Call(error.to_string()))?;
        match self.client().request::<Value>(request).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 409 => Err(EventError::Exists),
            Err(kube::Error::Api(status)) => Err(EventError::Refused(status.message)),
            Err(error) => Err(EventError::Call(super::chain(&error))),
        }
    }
}

impl Event<'_> {
    fn json(&self) -> Value {
        let object = self.object;
        json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": self.name, "namespace": object.namespace},
            "involvedObject": {
                "apiVersion": object.api_version,
                "kind": object.kind,
                "namespace": object.namespace,
                "name": object.name,
                "uid": object.uid,
            },
            "type": "Warning",
            "reason": self.reason,
            "message": self.message,
            "source": {"component": COMPONENT},
            "reportingComponent": COMPONENT,
            "count": self.count,
            "firstTimestamp": time::text(self.first.as_second()),
            "lastTimestamp": time::text(self.last.as_second()),
        })
    }
}
