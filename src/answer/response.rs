use super::denial::Denial;
use super::patch::{self, Operation};
use crate::json::Writer;

/// `AdmissionReview.response`. Starts as the plain permission of a request.
#[derive(Debug)]
pub(super) struct Response<'r> {
    uid: &'r str,
    denial: Option<Denial>,
    /// As JSON.
    patch: Option<Vec<u8>>,
    audit_annotations: Vec<(&'static str, String)>,
    warnings: Vec<String>,
}

/// Room, in bytes, for most answers without patch, denial and warnings.
const USUAL_ANSWER: usize = 256;

impl<'r> Response<'r> {
    /// Permits the request with this uid.
    #[must_use]
    pub(super) const fn allow(uid: &'r str) -> Self {
        Self {
            uid,
            denial: None,
            patch: None,
            audit_annotations: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Refuses it where there is a denial.
    pub(super) fn deny(&mut self, denial: Option<Denial>) {
        self.denial = denial;
    }

    /// Adds the patch.
    pub(super) fn patch(&mut self, patch: &[Operation<'_>]) {
        self.patch = Some(patch::to_json(patch));
    }

    /// Adds warnings.
    pub(super) fn warn(&mut self, warnings: impl IntoIterator<Item = String>) {
        self.warnings.extend(warnings);
    }

    /// Adds an audit annotation where there is a text.
    pub(super) fn annotate(&mut self, key: &'static str, text: Option<String>) {
        self.audit_annotations.extend(text.map(|text| (key, text)));
    }

    /// The whole answer as JSON.
    #[must_use]
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = Writer::with_room(self.room());
        json.raw(
            r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"#,
        );
        json.string(self.uid);
        match &self.denial {
            None => json.raw(r#","allowed":true"#),
            Some(denial) => {
                json.raw(r#","allowed":false,"status":"#);
                denial.write(&mut json);
            }
        }
        if !self.audit_annotations.is_empty() {
            json.raw(r#","auditAnnotations":{"#);
            json.separated(&self.audit_annotations, |json, (key, text)| {
                json.string(key);
                json.raw(":");
                json.string(text);
            });
            json.raw("}");
        }
        if !self.warnings.is_empty() {
            json.raw(r#","warnings":["#);
            json.separated(&self.warnings, |json, warning| json.string(warning));
            json.raw("]");
        }
        if let Some(patch) = &self.patch {
            json.raw(r#","patchType":"JSONPatch","patch":"#);
            json.base64(patch);
        }
        json.raw("}}");
        json.into_bytes()
    }

    /// About how many bytes the answer has.
    fn room(&self) -> usize {
        let denial = self.denial.as_ref().map_or(0, Denial::room);
        let patch = self.patch.as_ref().map_or(0, |patch| patch.len() * 4 / 3);
        let texts = self.audit_annotations.iter().map(|(_, text)| text);
        let texts = texts.chain(&self.warnings).map(|text| text.len() + 8);
        USUAL_ANSWER + denial + patch + texts.sum::<usize>()
    }
}
