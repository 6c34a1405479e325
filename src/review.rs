//! The `AdmissionReview` of `admission.k8s.io/v1` as it comes over the wire, parsed in one pass.
//!
//! Fields that no rule reads are skipped (their UTF-8, numbers and nesting are not checked), a duplicate key's last value
//! wins, and `null` is absent, as the API server reads JSON.

mod wire;

use std::borrow::Cow;

use crate::json::{Field, Raw};
use crate::status::Status;
use crate::vocabulary::{GROUPS, RESOURCE};
use wire::{Envelope, Object};

/// Why a body is no review that can be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is no JSON.
    #[error("the body is no JSON: {0}")]
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

/// The subresource that is judged.
pub const SUBRESOURCE: &str = "status";
/// The kind of the resource.
pub const KIND: &str = "WorkflowExecution";

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
    object: Field<'a, Object<'a>>,
    old_object: Field<'a, Object<'a>>,
    nothing: Field<'a, Status<'a>>,
}

impl<'a> Review<'a> {
    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// When the body is no `AdmissionReview` of `admission.k8s.io/v1` with a request and a uid.
    pub fn parse(body: &'a [u8]) -> Result<Self, Error> {
        let Field::Present(envelope) = serde_json::from_slice::<Field<Envelope>>(body)? else {
            return Err(Error::NotAReview);
        };
        if !is(envelope.kind, "AdmissionReview") || !is(envelope.api_version, "admission.k8s.io/v1")
        {
            return Err(Error::NotAReview);
        }
        let Field::Present(request) = envelope.request else {
            return Err(Error::NoRequest);
        };
        let uid = request.uid.and_then(Raw::non_empty_string);
        let user = request.user_info.present();
        let resource = request.resource.present();
        Ok(Self {
            uid: uid.ok_or(Error::NoUid)?,
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
            nothing: Field::Absent,
        })
    }

    /// Whether this is what the webhook judges: an update of `workflowexecutions/status` with an object (spec section 1).
    #[must_use]
    pub fn is_status_update(&self) -> bool {
        self.operation == "UPDATE"
            && self.resource == RESOURCE
            && self.subresource == SUBRESOURCE
            && GROUPS.contains(&&*self.group)
            && self.object.present().is_some()
    }

    /// The writer's groups.
    #[must_use]
    pub fn user_groups(&self) -> Vec<Cow<'a, str>> {
        let groups = self.groups.map(|raw| serde_json::from_str(raw.text()));
        let groups: Vec<Raw<'a>> = groups.and_then(Result::ok).unwrap_or_default();
        groups.into_iter().filter_map(Raw::string).collect()
    }

    /// `object.status` as it came.
    #[must_use]
    pub fn status(&self) -> &Field<'a, Status<'a>> {
        self.object
            .present()
            .map_or(&self.nothing, |object| &object.status)
    }

    /// `oldObject.status` as it came.
    #[must_use]
    pub fn stored_status(&self) -> &Field<'a, Status<'a>> {
        self.old_object
            .present()
            .map_or(&self.nothing, |object| &object.status)
    }

    /// `object.metadata.generation`, where it can be read.
    #[must_use]
    pub fn generation(&self) -> Option<i64> {
        generation(&self.object)
    }

    /// `oldObject.metadata.generation`, where it can be read.
    #[must_use]
    pub fn stored_generation(&self) -> Option<i64> {
        generation(&self.old_object)
    }

    /// Whether object and stored object differ in `resourceVersion`: the API server refuses such a write, or repeats the
    /// round.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        resource_version(&self.object) != resource_version(&self.old_object)
    }
}

fn is(raw: Option<Raw<'_>>, text: &str) -> bool {
    raw.and_then(Raw::string).is_some_and(|found| found == text)
}

fn string(raw: Option<Raw<'_>>) -> Cow<'_, str> {
    raw.and_then(Raw::string).unwrap_or_default()
}

fn generation(object: &Field<'_, Object<'_>>) -> Option<i64> {
    object.present()?.metadata.present()?.generation?.natural()
}

fn resource_version<'a>(object: &Field<'a, Object<'a>>) -> Option<Cow<'a, str>> {
    let metadata = object.present()?.metadata.present()?;
    metadata.resource_version?.string()
}
