use std::borrow::Cow;

use crate::json::{Raw, Reader, fields};

/// Which object a review is about, beyond its name: what an Event needs and no rule does.
///
/// It is read by itself, and only where there is something to report, so that a review without a finding costs nothing more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity<'a> {
    /// `request.resource.version`.
    pub(crate) version: Cow<'a, str>,
    /// `request.oldObject.metadata.uid`: the stored one, which is not the writer's to choose.
    pub(crate) uid: Cow<'a, str>,
}

impl<'a> Identity<'a> {
    /// Reads the body of a request; `None` where it does not have both.
    pub(crate) fn read(body: &'a str) -> Option<Self> {
        let mut envelope = None;
        crate::json::Read::read(&mut envelope, &mut Reader::new(body)).ok()?;
        let envelope: Envelope<'a> = envelope?;
        let request = envelope.request?;
        let metadata = request.old_object?.metadata?;
        Some(Self {
            version: request.resource?.version?.non_empty_string()?,
            uid: metadata.uid?.non_empty_string()?,
        })
    }
}

#[derive(Debug, Default)]
struct Envelope<'a> {
    request: Option<Request<'a>>,
}

fields!(Envelope<'a> { "request" => request });

#[derive(Debug, Default)]
struct Request<'a> {
    resource: Option<Resource<'a>>,
    old_object: Option<Object<'a>>,
}

fields!(Request<'a> { "resource" => resource, "oldObject" => old_object });

#[derive(Debug, Default)]
struct Resource<'a> {
    version: Option<Raw<'a>>,
}

fields!(Resource<'a> { "version" => version });

#[derive(Debug, Default)]
struct Object<'a> {
    metadata: Option<Metadata<'a>>,
}

fields!(Object<'a> { "metadata" => metadata });

#[derive(Debug, Default)]
struct Metadata<'a> {
    uid: Option<Raw<'a>>,
}

fields!(Metadata<'a> { "uid" => uid });

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Identity;

    #[rstest]
    #[case::whole(
        r#"{"request":{"uid":"review","resource":{"group":"g","version":"v1"},
            "object":{"metadata":{"uid":"written"}},"oldObject":{"metadata":{"uid":"stored"}}}}"#,
        Some(("v1", "stored"))
    )]
    #[case::without_a_version(r#"{"request":{"oldObject":{"metadata":{"uid":"stored"}}}}"#, None)]
    #[case::without_a_stored_object(
        r#"{"request":{"resource":{"version":"v1"},"object":{"metadata":{"uid":"written"}}}}"#,
        None
    )]
    #[case::of_other_types(
        r#"{"request":{"resource":{"version":1},"oldObject":{"metadata":{"uid":"stored"}}}}"#,
        None
    )]
    #[case::empty(
        r#"{"request":{"resource":{"version":""},"oldObject":{"metadata":{"uid":""}}}}"#,
        None
    )]
    #[case::no_json("{", None)]
    fn version_and_uid_are_read(#[case] body: &str, #[case] expected: Option<(&str, &str)>) {
        let expected = expected.map(|(version, uid)| Identity {
            version: version.into(),
            uid: uid.into(),
        });
        assert_eq!(Identity::read(body), expected);
    }
}
