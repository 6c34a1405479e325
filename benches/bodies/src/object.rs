//! A `WorkflowExecution`, or the other resource, as the API server keeps it.

use serde_json::{Map, Value, json};

use crate::filler;

/// Who wrote which fields, as the API server tracks it: the creator the spec, the controller the status.
fn managed_fields(api_version: &str, spec: &Value, status: &Value) -> Value {
    let entry = |manager: &str, subresource: Option<&str>, time: &str, fields: Value| {
        let mut entry = json!({
            "apiVersion": api_version, "fieldsType": "FieldsV1", "fieldsV1": fields, "manager": manager,
            "operation": "Update", "time": time,
        });
        if let Some(subresource) = subresource {
            entry["subresource"] = subresource.into();
        }
        entry
    };
    let mut created = fields_v1(spec);
    created["."] = json!({});
    let mut entries = vec![entry(
        "remediation-orchestrator",
        None,
        "2025-12-11T10:14:58Z",
        json!({"f:metadata": {"f:labels": {".": {}, "f:kubernaut.ai/signal-type": {}}}, "f:spec": created}),
    )];
    if status.is_object() {
        let written = json!({"f:status": fields_v1(status)});
        entries.push(entry(
            "workflowexecution-controller",
            Some("status"),
            "2025-12-11T10:15:31Z",
            written,
        ));
    }
    entries.into()
}

/// `fieldsV1` of a value. A list counts as one field: kubernaut's conditions are atomic.
fn fields_v1(value: &Value) -> Value {
    let Value::Object(fields) = value else {
        return json!({});
    };
    let fields = fields
        .iter()
        .map(|(key, value)| (format!("f:{key}"), fields_v1(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The whole object. `filler` bytes of parameters are in its spec; without any there are no `managedFields`.
pub fn object(group: &str, kind: &str, status: &Value, filler: Option<usize>) -> Value {
    let api_version = format!("{group}/v1alpha1");
    let mut object = json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "creationTimestamp": "2025-12-11T10:14:58Z",
            "generation": 1,
            "name": "wfe-checkout-1",
            "namespace": "payments",
            "resourceVersion": "48213",
            "uid": "0b4e4c9e-1b8c-4d2a-9a67-7f8d2f3a5c11",
        },
        "spec": {"targetResource": "payments/deployment/checkout", "workflowRef": {"workflowId": "restart-pod"}},
    });
    if let Some(filler) = filler {
        object["spec"] = json!({
            "parameters": filler::parameters(filler),
            "remediationRequestRef": {"name": "rr-checkout-oom-7c9f", "namespace": "kubernaut-system"},
            "targetResource": "payments/deployment/checkout",
            "workflowRef": {
                "containerImage": "registry.example.com/workflows/increase-memory@sha256:\
                    9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "version": "v1.4.2",
                "workflowId": "increase-memory-conservative",
            },
        });
        object["metadata"]["finalizers"] = json!(["kubernaut.ai/workflowexecution-cleanup"]);
        object["metadata"]["labels"] = json!({"kubernaut.ai/signal-type": "OOMKilled"});
        object["metadata"]["managedFields"] = managed_fields(&api_version, &object["spec"], status);
    }
    if status.is_object() {
        object["status"] = status.clone();
    }
    object
}
