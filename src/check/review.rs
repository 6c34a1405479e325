//! The review that an API server would send for a write.

use std::ops::Range;

use super::document::ObjectText;
use super::json::quoted;
use crate::vocabulary::RESOURCE;

/// An `AdmissionReview` with a place for the object.
#[derive(Clone, Debug)]
pub struct ReviewFrame {
    before: String,
    after: String,
}

impl ReviewFrame {
    /// A write of `object` over `stored`. Without one it is the first write of a status, over the object as it was
    /// created: with its metadata and no status.
    #[must_use]
    pub fn of_write(object: &ObjectText<'_>, stored: Option<&str>) -> Self {
        let ObjectText { metadata, .. } = object;
        let [group, version, kind] =
            [&object.group, &object.version, &object.kind].map(|text| quoted(text));
        let kind_of = format!(r#"{{"group":{group},"version":{version},"kind":{kind}}}"#);
        let resource =
            format!(r#"{{"group":{group},"version":{version},"resource":"{RESOURCE}"}}"#);
        let [name, namespace] =
            [&object.name, &object.namespace].map(|text| quoted(text.as_deref().unwrap_or("")));
        let created;
        let stored = if let Some(stored) = stored {
            stored
        } else {
            let api_version = quoted(&format!("{}/{}", object.group, object.version));
            created =
                format!(r#"{{"apiVersion":{api_version},"kind":{kind},"metadata":{metadata}}}"#);
            &created
        };
        Self {
            before: format!(
                r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"{UID}","kind":{kind_of},"resource":{resource},"subResource":"status","requestKind":{kind_of},"requestResource":{resource},"requestSubResource":"status","name":{name},"namespace":{namespace},"operation":"UPDATE","userInfo":{{}},"object":"#
            ),
            after: format!(
                r#","oldObject":{stored},"dryRun":false,"options":{{"kind":"UpdateOptions","apiVersion":"meta.k8s.io/v1"}}}}}}"#
            ),
        }
    }

    /// A review as it was sent, with its object at `range`.
    #[must_use]
    pub fn as_sent(text: &str, range: &Range<usize>) -> Self {
        Self {
            before: text[..range.start].to_owned(),
            after: text[range.end..].to_owned(),
        }
    }

    /// The request's body with this object.
    #[must_use]
    pub fn body(&self, object: &str) -> String {
        [&self.before, object, &self.after].concat()
    }
}

/// No two reviews are under way at once, so one uid serves for all.
const UID: &str = "00000000-0000-0000-0000-000000000000";
