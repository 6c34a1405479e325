//! The fields of the wire that are read, by the API's own names.

use crate::json::{Field, Raw, fields};
use crate::status::Status;

#[derive(Debug, Default)]
pub(super) struct Envelope<'a> {
    pub api_version: Option<Raw<'a>>,
    pub kind: Option<Raw<'a>>,
    pub request: Field<'a, Request<'a>>,
}

fields!(Envelope<'a> {
    b"apiVersion" => api_version,
    b"kind" => kind,
    b"request" => request,
});

#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub uid: Option<Raw<'a>>,
    pub resource: Field<'a, Resource<'a>>,
    pub sub_resource: Option<Raw<'a>>,
    pub name: Option<Raw<'a>>,
    pub namespace: Option<Raw<'a>>,
    pub operation: Option<Raw<'a>>,
    pub user_info: Field<'a, UserInfo<'a>>,
    pub object: Field<'a, Object<'a>>,
    pub old_object: Field<'a, Object<'a>>,
    pub dry_run: Option<Raw<'a>>,
}

fields!(Request<'a> {
    b"uid" => uid,
    b"resource" => resource,
    b"subResource" => sub_resource,
    b"name" => name,
    b"namespace" => namespace,
    b"operation" => operation,
    b"userInfo" => user_info,
    b"object" => object,
    b"oldObject" => old_object,
    b"dryRun" => dry_run,
});

#[derive(Debug, Default)]
pub(super) struct Resource<'a> {
    pub group: Option<Raw<'a>>,
    pub resource: Option<Raw<'a>>,
}

fields!(Resource<'a> {
    b"group" => group,
    b"resource" => resource,
});

#[derive(Debug, Default)]
pub(super) struct UserInfo<'a> {
    pub username: Option<Raw<'a>>,
    pub groups: Option<Raw<'a>>,
}

fields!(UserInfo<'a> {
    b"username" => username,
    b"groups" => groups,
});

#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    pub metadata: Field<'a, Metadata<'a>>,
    pub status: Field<'a, Status<'a>>,
}

fields!(Object<'a> {
    b"metadata" => metadata,
    b"status" => status,
});

#[derive(Debug, Default)]
pub(super) struct Metadata<'a> {
    pub generation: Option<Raw<'a>>,
    pub resource_version: Option<Raw<'a>>,
}

fields!(Metadata<'a> {
    b"generation" => generation,
    b"resourceVersion" => resource_version,
});
