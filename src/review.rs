//! The `AdmissionReview` of `admission.k8s.io/v1` as it comes over the wire.

/// Why a body is no review that can be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is no JSON, or not that of an `AdmissionReview`.
    #[error("the body is no AdmissionReview: {0}")]
    Json(#[from] serde_json::Error),
    /// `apiVersion` or `kind` is another.
    #[error("expected apiVersion admission.k8s.io/v1 and kind AdmissionReview")]
    NotAReview,
    /// `request` is missing.
    #[error("the AdmissionReview has no request")]
    NoRequest,
    /// `request.uid` is missing or empty.
    #[error("the request has no uid")]
    NoUid,
}
