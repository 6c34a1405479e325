//! The webhook as kube-rs's own example has it: the review as `AdmissionReview<DynamicObject>`, rules and completion over
//! `serde_json::Value`, and the patch by comparing two documents. On the product's HTTP stack.

mod complete;
mod judge;
mod vocabulary;

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Json, Router};
use kube::core::admission::{AdmissionRequest, AdmissionResponse, AdmissionReview};
use kube::core::response::StatusSummary;
use kube::core::response::{Status, StatusCause, StatusDetails, reason};
use kube::core::{DynamicObject, ResourceExt};
use serde_json::Value;

type Review = Json<AdmissionReview<DynamicObject>>;

fn main() -> anyhow::Result<()> {
    let routes = Router::new()
        .route("/mutate", post(mutate))
        .route("/validate", post(validate))
        .layer(DefaultBodyLimit::max(7 << 20));
    stack::serve(&routes)
}

async fn mutate(Json(review): Review) -> Review {
    answer(review, |request, response| {
        let Some(object) = &request.object else {
            return response;
        };
        let before = serde_json::to_value(object).unwrap_or_default();
        let mut after = before.clone();
        complete::complete(&mut after["status"]);
        let patch = json_patch::diff(&before, &after);
        if patch.0.is_empty() {
            return response;
        }
        match response.with_patch(patch) {
            Ok(response) => response,
            Err(error) => AdmissionResponse::invalid(error),
        }
    })
}

async fn validate(Json(review): Review) -> Review {
    answer(review, |request, response| {
        let (Some(new), Some(stored)) = (&request.object, &request.old_object) else {
            return response;
        };
        let faults = judge::judge_write(&new.data["status"], &stored.data["status"]);
        if faults.is_empty() {
            return response;
        }
        deny(response, &new.name_any(), faults)
    })
}

fn answer(
    review: AdmissionReview<DynamicObject>,
    decide: impl FnOnce(&AdmissionRequest<DynamicObject>, AdmissionResponse) -> AdmissionResponse,
) -> Review {
    let request: AdmissionRequest<DynamicObject> = match review.try_into() {
        Ok(request) => request,
        Err(error) => return Json(AdmissionResponse::invalid(error).into_review()),
    };
    let response = AdmissionResponse::from(&request);
    let is_ours = request.resource.resource == "workflowexecutions"
        && request.sub_resource.as_deref() == Some("status");
    let response = if is_ours {
        decide(&request, response)
    } else {
        response
    };
    Json(response.into_review())
}

/// A denial with a cause for each fault.
fn deny(
    mut response: AdmissionResponse,
    name: &str,
    faults: Vec<judge::Fault>,
) -> AdmissionResponse {
    let texts: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.field, fault.message))
        .collect();
    let causes = faults.into_iter().map(|fault| StatusCause {
        reason: "FieldValueInvalid".to_owned(),
        message: fault.message,
        field: fault.field,
    });
    response.allowed = false;
    response.result = Status {
        status: Some(StatusSummary::Failure),
        code: 422,
        message: texts.join(", "),
        metadata: None,
        reason: reason::INVALID.to_owned(),
        details: Some(StatusDetails {
            name: name.to_owned(),
            group: vocabulary::GROUP.to_owned(),
            kind: "WorkflowExecution".to_owned(),
            uid: String::new(),
            causes: causes.collect(),
            retry_after_seconds: 0,
        }),
    };
    response
}

/// A field of a JSON value as text; empty where it is none.
fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}
