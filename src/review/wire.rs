//! The fields of the wire that are read, by the API's own names.

use std::borrow::Cow;

use crate::json::{Raw, fields};
use crate::status::Status;

#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub api_version: Option<Raw<'a>>,
    pub kind: Option<Raw<'a>>,
    pub request: Option<Request<'a>>,
}

fields!(Envelope<'a> {
    "apiVersion" => api_version,
    "kind" => kind,
    "request" => request,
});

#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub uid: Option<Raw<'a>>,
    pub resource: Option<Resource<'a>>,
    pub sub_resource: Option<Raw<'a>>,
    pub name: Option<Raw<'a>>,
    pub namespace: Option<Raw<'a>>,
    pub operation: Option<Raw<'a>>,
    pub user_info: Option<UserInfo<'a>>,
    pub object: Option<Object<'a>>,
    pub old_object: Option<Object<'a>>,
    pub dry_run: Option<Raw<'a>>,
}

fields!(Request<'a> {
    "uid" => uid,
    "resource" => resource,
    "subResource" => sub_resource,
    "name" => name,
    "namespace" => namespace,
    "operation" => operation,
    "userInfo" => user_info,
    "object" => object,
    "oldObject" => old_object,
    "dryRun" => dry_run,
});

#[derive(Debug, Default)]
pub(super) struct Resource<'a> {
    pub group: Option<Raw<'a>>,
    pub resource: Option<Raw<'a>>,
}

fields!(Resource<'a> {
    "group" => group,
    "resource" => resource,
});

#[derive(Debug, Default)]
pub(super) struct UserInfo<'a> {
    pub username: Option<Raw<'a>>,
    pub groups: Option<Raw<'a>>,
}

fields!(UserInfo<'a> {
    "username" => username,
    "groups" => groups,
});

#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    pub metadata: Option<Metadata<'a>>,
    pub status: Option<Status<'a>>,
}

fields!(Object<'a> {
    "metadata" => metadata,
    "status" => status,
});

#[derive(Debug, Default)]
pub(super) struct Metadata<'a> {
    pub generation: Option<Raw<'a>>,
    pub resource_version: Option<Raw<'a>>,
}

fields!(Metadata<'a> {
    "generation" => generation,
    "resourceVersion" => resource_version,
});

impl<'a> Object<'a> {
    pub(super) fn generation(&self) -> Option<i64> {
        self.metadata.as_ref()?.generation?.natural()
    }

    pub(super) fn resource_version(&self) -> Option<Cow<'a, str>> {
        self.metadata.as_ref()?.resource_version?.string()
    }
}
