//! The `AdmissionReview` of `admission.k8s.io/v1` as it comes over the wire, parsed in one pass.
//!
//! Fields that no rule reads are skipped, however large their numbers and however deep they are; a duplicate key's last
//! value wins, and `null` is absent, as the API server reads JSON.

#[cfg(feature = "server")]
mod identity;
mod wire;

use std::borrow::Cow;

use crate::json::{Malformed, Raw, Read, Reader};
use crate::status::Status;
use crate::vocabulary::{GROUPS, RESOURCE};
#[cfg(feature = "server")]
pub(crate) use identity::Identity;
use wire::{Envelope, Object};

/// Why a body is not a review that can be answered.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The body is not valid JSON.
    #[error("the body is not valid JSON: {fault} in line {line}, column {column}")]
    Json {
        /// What is wrong.
        fault: Malformed,
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// `apiVersion` or `kind` is another.
    #[error("expected apiVersion admission.k8s.io/v1 and kind AdmissionReview")]
    NotAReview,
    /// `request` is missing.
    #[error("the AdmissionReview has no request")]
    NoRequest,
    /// `request.uid` is missing or empty.
    #[error("the request has no uid")]
    NoUid,
    /// `request.uid`, which every answer repeats, is too long.
    #[error("the request's uid has {0} bytes; at most {MAX_UID} are allowed")]
    LongUid(usize),
}

impl ReviewError {
    fn malformed(body: &str, at: usize, fault: Malformed) -> Self {
        let before = body.as_bytes().get(..at).unwrap_or_default();
        let lines = before.split(|&byte| byte == b'\n');
        let (line, start) = lines.enumerate().last().unwrap_or_default();
        Self::Json {
            fault,
            line: line + 1,
            column: start.len() + 1,
        }
    }
}

/// The subresource that is judged.
pub const SUBRESOURCE: &str = "status";
/// The kind of the resource.
pub const KIND: &str = "WorkflowExecution";

/// The longest uid that is answered, in bytes.
const MAX_UID: usize = 256;

/// The text of a body. Bytes that are not UTF-8 are read as U+FFFD, as an API server reads them.
#[must_use]
pub fn text(body: &[u8]) -> Cow<'_, str> {
    // Several times as fast for what every API server sends.
    str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
}

/// One admission request.
#[derive(Debug)]
pub struct Review<'a> {
    /// `request.uid`, never empty.
    pub uid: Cow<'a, str>,
    /// `request.name`, else empty.
    pub name: Cow<'a, str>,
    /// `request.namespace`, else empty.
    pub namespace: Cow<'a, str>,
    /// `request.operation`, else empty.
    pub operation: Cow<'a, str>,
    /// `request.userInfo.username`, else empty.
    pub user: Cow<'a, str>,
    /// `request.resource.group`, else empty.
    pub group: Cow<'a, str>,
    /// `request.dryRun`.
    pub dry_run: bool,
    groups: Option<Raw<'a>>,
    resource: Cow<'a, str>,
    subresource: Cow<'a, str>,
    object: Option<Object<'a>>,
    old_object: Option<Object<'a>>,
}

impl<'a> Review<'a> {
    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// When the body is not an `AdmissionReview` of `admission.k8s.io/v1` with a request and a uid.
    pub fn parse(body: &'a str) -> Result<Self, ReviewError> {
        let mut envelope = None;
        let mut json = Reader::new(body);
        let read = envelope.read(&mut json).and_then(|()| json.end());
        read.map_err(|fault| ReviewError::malformed(body, json.position(), fault))?;
        let envelope: Envelope<'a> = envelope.ok_or(ReviewError::NotAReview)?;
        if !is(envelope.kind, "AdmissionReview") || !is(envelope.api_version, "admission.k8s.io/v1")
        {
            return Err(ReviewError::NotAReview);
        }
        let request = envelope.request.ok_or(ReviewError::NoRequest)?;
        let uid = request.uid.and_then(Raw::non_empty_string);
        let uid = uid.ok_or(ReviewError::NoUid)?;
        if uid.len() > MAX_UID {
            return Err(ReviewError::LongUid(uid.len()));
        }
        let user = request.user_info.as_ref();
        let resource = request.resource.as_ref();
        Ok(Self {
            uid,
            name: string(request.name),
            namespace: string(request.namespace),
            operation: string(request.operation),
            user: string(user.and_then(|user| user.username)),
            group: string(resource.and_then(|resource| resource.group)),
            dry_run: request.dry_run.is_some_and(Raw::is_true),
            groups: user.and_then(|user| user.groups),
            resource: string(resource.and_then(|resource| resource.resource)),
            subresource: string(request.sub_resource),
            object: request.object,
            old_object: request.old_object,
        })
    }

    /// Whether this is what the webhook judges: an update of `workflowexecutions/status` with an object (spec section 1).
    #[must_use]
    pub fn is_status_update(&self) -> bool {
        self.operation == "UPDATE"
            && self.resource == RESOURCE
            && self.subresource == SUBRESOURCE
            && GROUPS.contains(&&*self.group)
            && self.object.is_some()
    }

    /// The writer's groups.
    #[must_use]
    pub fn user_groups(&self) -> Vec<Cow<'a, str>> {
        let mut groups = Vec::new();
        if let Some(raw) = self.groups {
            // The text is known to be JSON, so nothing fails.
            let _ = Reader::new(raw.text()).list(|json| {
                groups.extend(json.raw()?.string());
                Ok(())
            });
        }
        groups
    }

    /// `object.status`, where it is an object.
    #[must_use]
    pub fn status(&self) -> Option<&Status<'a>> {
        self.object.as_ref()?.status.as_ref()
    }

    /// `oldObject.status`, where it is an object.
    #[must_use]
    pub fn stored_status(&self) -> Option<&Status<'a>> {
        self.old_object.as_ref()?.status.as_ref()
    }

    /// `object.metadata.generation`, where it can be read.
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        self.object.as_ref()?.generation()
    }

    /// `oldObject.metadata.generation`, where it can be read.
    #[must_use]
    pub fn stored_generation(&self) -> Option<i64> {
        self.old_object.as_ref()?.generation()
    }

    /// Whether object and stored object differ in `resourceVersion`: the API server refuses such a write, or repeats the
    /// round.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let version = |object: &Option<Object<'a>>| object.as_ref()?.resource_version();
        version(&self.object) != version(&self.old_object)
    }
}

fn is(raw: Option<Raw<'_>>, text: &str) -> bool {
    raw.and_then(Raw::string).is_some_and(|found| found == text)
}

fn string(raw: Option<Raw<'_>>) -> Cow<'_, str> {
    raw.and_then(Raw::string).unwrap_or_default()
}
