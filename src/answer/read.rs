//! An answer as a caller receives it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What `doctor` reads of an answer.
#[derive(Clone, Debug)]
pub struct Received {
    /// The uid of the request that is answered.
    pub uid: String,
    /// Whether the write is allowed.
    pub allowed: bool,
    /// Whether there is a JSON patch.
    pub has_patch: bool,
    /// The status message of a refusal, else empty.
    pub message: String,
    /// The warnings.
    pub warnings: Vec<String>,
    /// The audit annotations.
    pub audit_annotations: BTreeMap<String, String>,
}

/// Why a body is not an answer.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It has another shape.
    #[error("is not an AdmissionReview with a response: {0}")]
    Shape(#[from] serde_json::Error),
    /// It is of another kind or version.
    #[error("is not an AdmissionReview of admission.k8s.io/v1")]
    Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireReview {
    kind: String,
    api_version: String,
    response: WireResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResponse {
    uid: String,
    allowed: bool,
    patch: Option<String>,
    patch_type: Option<String>,
    #[serde(default)]
    status: WireStatus,
    #[serde(default)]
    warnings: Vec<String>,
    #[serde(default)]
    audit_annotations: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct WireStatus {
    #[serde(default)]
    message: String,
}

impl Received {
    /// Reads the body of an answer.
    ///
    /// # Errors
    ///
    /// When it is not an `AdmissionReview` of `admission.k8s.io/v1` with a response.
    pub fn parse(body: &[u8]) -> Result<Self, Unreadable> {
        let review: WireReview = serde_json::from_slice(body)?;
        if review.kind != "AdmissionReview" || review.api_version != "admission.k8s.io/v1" {
            return Err(Unreadable::Kind);
        }
        let response = review.response;
        Ok(Self {
            uid: response.uid,
            allowed: response.allowed,
            has_patch: response.patch.is_some()
                && response.patch_type.as_deref() == Some("JSONPatch"),
            message: response.status.message,
            warnings: response.warnings,
            audit_annotations: response.audit_annotations,
        })
    }
}
