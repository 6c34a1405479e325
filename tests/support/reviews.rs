//! Builds the `AdmissionReview` that an API server sends for a status write, field by field as it was seen to.

use serde_json::{Map, Value, json};

/// The API group of the `tekton` era.
pub const TEKTON_GROUP: &str = "workflowexecution.kubernaut.ai";
/// The API group since kubernaut moved; its objects may use either vocabulary.
pub const EXECUTION_GROUP: &str = "kubernaut.ai";

/// The mark at the end of the message of the webhook's own conditions.
pub const MARK: &str = " (derived by wfe-webhook)";

/// A time before the clock of every test.
pub const EARLIER: &str = "2026-11-23T10:00:00Z";

/// A review under construction: an `UPDATE` of `workflowexecutions/status` of an object with generation 1.
#[derive(Clone, Debug)]
pub struct Review(Value);

impl Review {
    /// A write in the group `workflowexecution.kubernaut.ai`, which is always judged by `tekton`.
    pub fn tekton() -> Self {
        Self::in_group(TEKTON_GROUP)
    }

    /// A write in the group `kubernaut.ai`.
    pub fn execution() -> Self {
        Self::in_group(EXECUTION_GROUP)
    }

    fn in_group(group: &str) -> Self {
        let kind = json!({"group": group, "version": "v1alpha1", "kind": "WorkflowExecution"});
        let resource =
            json!({"group": group, "version": "v1alpha1", "resource": "workflowexecutions"});
        let object = json!({
            "apiVersion": format!("{group}/v1alpha1"),
            "kind": "WorkflowExecution",
            "metadata": {
                "creationTimestamp": EARLIER, "generation": 1, "name": "wfe-1", "namespace": "payments",
                "resourceVersion": "7", "uid": "0b4e4c9e-1b8c-4d2a-9a67-7f8d2f3a5c11",
            },
            "spec": {"targetResource": "payments/deployment/checkout"},
        });
        Self(json!({
            "kind": "AdmissionReview",
            "apiVersion": "admission.k8s.io/v1",
            "request": {
                "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
                "kind": kind.clone(),
                "resource": resource.clone(),
                "subResource": "status",
                "requestKind": kind,
                "requestResource": resource,
                "requestSubResource": "status",
                "name": "wfe-1",
                "namespace": "payments",
                "operation": "UPDATE",
                "userInfo": {
                    "username": "system:serviceaccount:kubernaut:controller",
                    "groups": ["system:serviceaccounts", "system:authenticated"],
                },
                "object": object.clone(),
                "oldObject": object,
                "dryRun": false,
                "options": {"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1"},
            },
        }))
    }

    /// The status that is written.
    #[must_use]
    pub fn status(self, status: Value) -> Self {
        self.set("/request/object/status", status)
    }

    /// The status that is stored.
    #[must_use]
    pub fn stored(self, status: Value) -> Self {
        self.set("/request/oldObject/status", status)
    }

    /// `metadata.generation` of both objects.
    #[must_use]
    pub fn generation(self, generation: u64) -> Self {
        self.set("/request/object/metadata/generation", generation.into())
            .set("/request/oldObject/metadata/generation", generation.into())
    }

    /// The user that writes.
    #[must_use]
    pub fn user(self, name: &str) -> Self {
        self.set("/request/userInfo/username", name.into())
    }

    /// The writer's only group.
    #[must_use]
    pub fn group(self, name: &str) -> Self {
        self.set("/request/userInfo/groups", json!([name]))
    }

    /// Makes the write a dry run.
    #[must_use]
    pub fn dry_run(self) -> Self {
        self.set("/request/dryRun", true.into())
    }

    /// Puts `value` at a JSON pointer whose parent is an object.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: Value) -> Self {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer with a slash");
        self.parent(parent).insert(key.to_owned(), value);
        self
    }

    /// Removes what is at a JSON pointer whose parent is an object.
    #[must_use]
    pub fn without(mut self, pointer: &str) -> Self {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer with a slash");
        self.parent(parent).remove(key);
        self
    }

    fn parent(&mut self, pointer: &str) -> &mut Map<String, Value> {
        self.0
            .pointer_mut(pointer)
            .and_then(Value::as_object_mut)
            .unwrap_or_else(|| panic!("an object at {pointer}"))
    }

    /// The whole document.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The document as the request's body.
    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("a JSON value always serializes")
    }
}

/// A well-shaped condition with a message of the writer's own.
pub fn condition(condition_type: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": condition_type, "status": status, "reason": reason,
        "message": "as the writer says", "lastTransitionTime": EARLIER,
    })
}

/// A condition with the webhook's mark.
pub fn own(condition_type: &str, status: &str, reason: &str) -> Value {
    let mut own = condition(condition_type, status, reason);
    own["message"] = format!("phase is known{MARK}").into();
    own
}
