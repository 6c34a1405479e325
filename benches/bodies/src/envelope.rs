//! The `AdmissionReview` around the two objects, with its fields in the order in which Go writes them.

#![expect(clippy::struct_field_names, reason = "Kubernetes names them")]

use serde::Serialize;
use serde_json::{Value, json};

use crate::Write;
use crate::object::object;
use crate::write::Statuses;

const GROUP: &str = "workflowexecution.kubernaut.ai";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdmissionReview<'a> {
    kind: &'a str,
    api_version: &'a str,
    request: Request<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    uid: &'a str,
    kind: Kind<'a>,
    resource: Resource<'a>,
    sub_resource: &'a str,
    request_kind: Kind<'a>,
    request_resource: Resource<'a>,
    request_sub_resource: &'a str,
    name: &'a str,
    namespace: &'a str,
    operation: &'a str,
    user_info: &'a Value,
    object: Value,
    old_object: Value,
    dry_run: bool,
    options: Options<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct Kind<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
}

#[derive(Clone, Copy, Serialize)]
struct Resource<'a> {
    group: &'a str,
    version: &'a str,
    resource: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Options<'a> {
    kind: &'a str,
    api_version: &'a str,
    field_manager: &'a str,
    field_validation: &'a str,
}

/// The review of a write by a person, of an object that has no more than it must.
pub fn bare(write: Write, statuses: &Statuses) -> Vec<u8> {
    let user = json!({"username": "kubernetes-admin", "groups": ["system:masters", "system:authenticated"]});
    render(write, statuses, &user, None)
}

/// The review of a write by a controller, with as many parameters in both objects as it takes to get to `size` bytes.
pub fn filled(write: Write, statuses: &Statuses, size: usize) -> Vec<u8> {
    let user = json!({
        "username": "system:serviceaccount:kubernaut-system:workflowexecution-controller",
        "uid": "9f3a1f4e-7a67-4a1e-8d5e-3c2b1a0f9e8d",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:kubernaut-system", "system:authenticated"],
        "extra": {"authentication.kubernetes.io/pod-name": ["workflowexecution-controller-5d9c7b6f4-x2x9k"]},
    });
    // A parameter's name is written four times and its value twice, so that the size is met by trying.
    let mut filler = 0;
    loop {
        let review = render(write, statuses, &user, Some(filler));
        if review.len() >= size {
            return review;
        }
        filler += ((size - review.len()) / 4).max(1);
    }
}

fn render(write: Write, statuses: &Statuses, user: &Value, filler: Option<usize>) -> Vec<u8> {
    let (group, kind, resource) = match write {
        Write::OtherResource => ("example.com", "Workflow", "workflows"),
        _ => (GROUP, "WorkflowExecution", "workflowexecutions"),
    };
    let kind = Kind {
        group,
        version: "v1alpha1",
        kind,
    };
    let resource = Resource {
        group,
        version: "v1alpha1",
        resource,
    };
    let review = AdmissionReview {
        kind: "AdmissionReview",
        api_version: "admission.k8s.io/v1",
        request: Request {
            uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
            kind,
            resource,
            sub_resource: "status",
            request_kind: kind,
            request_resource: resource,
            request_sub_resource: "status",
            name: "wfe-checkout-1",
            namespace: "payments",
            operation: "UPDATE",
            user_info: user,
            object: object(group, kind.kind, &statuses.new, filler),
            old_object: object(group, kind.kind, &statuses.stored, filler),
            dry_run: false,
            options: Options {
                kind: "UpdateOptions",
                api_version: "meta.k8s.io/v1",
                field_manager: "workflowexecution-controller",
                field_validation: "Ignore",
            },
        },
    };
    let json = serde_json::to_string(&review).expect("a review is JSON");
    // Go escapes what could end a script in HTML; outside of strings JSON has none of it.
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .into_bytes()
}
