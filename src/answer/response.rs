use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::{Denial, Patch};

/// `AdmissionReview.response`. Starts as the plain permission of a request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response<'r> {
    uid: &'r str,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Denial>,
    /// As JSON.
    #[serde(skip)]
    patch: Option<Vec<u8>>,
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
    pub fn patch(&mut self, patch: &Patch<'_>) {
        self.patch = Some(to_json(patch, USUAL_PATCH));
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
        let review = Review {
            kind: "AdmissionReview",
            api_version: "admission.k8s.io/v1",
            response: self,
        };
        let Some(patch) = &self.patch else {
            return to_json(&review, USUAL_ANSWER);
        };
        // The patch is the largest part, and base64 needs no escapes: it is written straight into its place.
        let length = patch.len().div_ceil(3) * 4;
        let mut json = to_json(&review, USUAL_ANSWER + length);
        json.truncate(json.len() - ENDS.len());
        json.extend_from_slice(br#","patchType":"JSONPatch","patch":""#);
        write_base64(patch, length, &mut json);
        json.extend_from_slice(b"\"");
        json.extend_from_slice(ENDS);
        json
    }
}

/// What the response and the review end in.
const ENDS: &[u8] = b"}}";
/// Room, in bytes, for most answers without a patch.
const USUAL_ANSWER: usize = 256;
/// Room, in bytes, for the patch of three conditions.
const USUAL_PATCH: usize = 1024;

#[expect(
    clippy::expect_used,
    reason = "it fails only where there is less room than `length`"
)]
fn write_base64(bytes: &[u8], length: usize, json: &mut Vec<u8>) {
    let start = json.len();
    json.resize(start + length, 0);
    STANDARD
        .encode_slice(bytes, &mut json[start..])
        .expect("the room for base64 is there");
}

#[expect(
    clippy::expect_used,
    reason = "only a map with keys that are no strings fails, and no answer has one"
)]
fn to_json(value: &impl Serialize, room: usize) -> Vec<u8> {
    let mut json = Vec::with_capacity(room);
    serde_json::to_writer(&mut json, value).expect("an answer is JSON");
    json
}
