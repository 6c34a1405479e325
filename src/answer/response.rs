use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use json_patch::Patch;
use serde::Serialize;

use super::Denial;

/// `AdmissionReview.response`. Starts as the plain permission of a request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response<'r> {
    uid: &'r str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Denial>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'r> {
    kind: &'static str,
    api_version: &'static str,
    response: &'r Response<'r>,
}

impl<'r> Response<'r> {
    /// Permits the request with this uid.
    #[must_use]
    pub const fn allow(uid: &'r str) -> Self {
        Self {
            uid,
            allowed: true,
            status: None,
            patch: None,
            patch_type: None,
            audit_annotations: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Refuses it where there is a denial.
    pub fn deny(&mut self, denial: Option<Denial>) {
        self.allowed = denial.is_none();
        self.status = denial;
    }

    /// Adds the patch.
    pub fn patch(&mut self, patch: &Patch) {
        self.patch = Some(STANDARD.encode(to_json(patch)));
        self.patch_type = Some("JSONPatch");
    }

    /// Adds warnings.
    pub fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.warnings.extend(warnings);
    }

    /// Adds an audit annotation where there is a text.
    pub fn annotate(&mut self, key: &'static str, text: Option<String>) {
        if let Some(text) = text {
            self.audit_annotations.insert(key, text);
        }
    }

    /// The whole answer as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(&Review {
            kind: "AdmissionReview",
            api_version: "admission.k8s.io/v1",
            response: self,
        })
    }
}

#[expect(
    clippy::expect_used,
    reason = "only a map with keys that are no strings fails, and no answer has one"
)]
fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("an answer is JSON")
}
