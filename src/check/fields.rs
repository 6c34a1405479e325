//! Fields of a status that are probably misspelt: the API server drops an unknown field, with a warning at most.

use super::json::Members;
use crate::answer::Quoted;
use crate::spelling::closest;

/// The fields of `status` in both groups' resource definitions.
const STATUS_FIELDS: [&str; 19] = [
    "blockClearance",
    "completionTime",
    "conditions",
    "consecutiveFailures",
    "deduplicatedBy",
    "duration",
    "ephemeralCredentialIDs",
    "executionRef",
    "executionStatus",
    "failureDetails",
    "failureReason",
    "nextAllowedExecution",
    "observedGeneration",
    "phase",
    "pipelineRunRef",
    "pipelineRunStatus",
    "skipDetails",
    "startTime",
    "workflowName",
];

/// A field of `status` that no resource definition has, and that is close to one that they have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// The field's name.
    pub name: String,
    /// The name that it is close to.
    pub close_to: &'static str,
}

impl UnknownField {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> String {
        format!("status.{}", self.name)
    }

    /// What to do.
    #[must_use]
    pub fn message(&self) -> String {
        format!(
            "Unknown field: the API server drops {}; did you mean {}?",
            Quoted(&self.name),
            Quoted(self.close_to)
        )
    }
}

/// The fields of the status of `object`, its text, that are probably misspelt.
pub(super) fn unknown_fields(object: &str) -> Vec<UnknownField> {
    let members = Members::of(object)
        .and_then(|members| members.get("status"))
        .and_then(Members::of);
    let Some(members) = members else {
        return Vec::new();
    };
    let unknown = |name: &str| {
        if STATUS_FIELDS.contains(&name) {
            return None;
        }
        Some(UnknownField {
            name: name.to_owned(),
            close_to: closest(name, STATUS_FIELDS.into_iter())?,
        })
    };
    members.names().filter_map(unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::{UnknownField, unknown_fields};

    #[test]
    fn only_unknown_fields_close_to_a_known_one_are_reported() {
        for (fields, expected) in [
            (r#""Phase": "Failed""#, Some(("Phase", "phase"))),
            (r#""condition": []"#, Some(("condition", "conditions"))),
            (
                r#""failure_details": {}"#,
                Some(("failure_details", "failureDetails")),
            ),
            (r#""startedTime": null"#, Some(("startedTime", "startTime"))),
            (r#""phase": "Failed", "workflowName": "w""#, None),
            (r#""zebra": 1"#, None),
        ] {
            let found = unknown_fields(&format!(r#"{{"status": {{{fields}}}}}"#));
            let expected = expected.map(|(name, close_to)| UnknownField {
                name: name.to_owned(),
                close_to,
            });
            assert_eq!(found, Vec::from_iter(expected), "{fields}");
        }
        for object in ["[]", "{}", r#"{"status": 1}"#] {
            assert_eq!(unknown_fields(object), [], "{object}");
        }
    }
}
