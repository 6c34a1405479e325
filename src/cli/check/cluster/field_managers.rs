//! Who writes a field of a status: the field managers that the API server keeps for each object.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::text::printable;

/// What an object's metadata says of it.
#[derive(Default)]
pub(super) struct Managed {
    pub uid: Option<String>,
    metadata: ObjectMeta,
}

impl Managed {
    /// Reads the text of `metadata`.
    pub(super) fn of(metadata: &str) -> Self {
        let metadata: ObjectMeta = serde_json::from_str(metadata).unwrap_or_default();
        Self {
            uid: metadata.uid.clone(),
            metadata,
        }
    }

    /// The managers of a field of the status, or of what is in it (`conditions[2].reason`), by their names, fit to be
    /// printed.
    pub(super) fn managers_of(&self, field: &str) -> Option<String> {
        let name = field.split(['[', '.']).next().unwrap_or_default();
        let key = format!("f:{name}");
        let entries = self.metadata.managed_fields.iter().flatten();
        let managers: BTreeSet<&str> = entries
            .filter(|entry| {
                let fields = entry.fields_v1.as_ref();
                fields.is_some_and(|fields| fields.0["f:status"].get(&key).is_some())
            })
            .filter_map(|entry| entry.manager.as_deref())
            .collect();
        let managers = managers.into_iter().map(printable).collect::<Vec<_>>();
        (!managers.is_empty()).then(|| managers.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Managed;

    #[test]
    fn the_managers_of_a_field_are_those_that_the_metadata_names() {
        let managed = Managed::of(
            r#"{"uid": "1", "managedFields": [
                {"manager": "workflow", "fieldsV1": {"f:status": {"f:phase": {}, "f:conditions": {}}}},
                {"manager": "audit", "fieldsV1": {"f:status": {"f:conditions": {"k:{\"type\":\"A\"}": {}}}}},
                {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:conditions": {}}}},
                {"manager": "empty"}
            ]}"#,
        );
        for (field, expected) in [
            ("conditions[2].reason", Some("audit, workflow")),
            ("conditions", Some("audit, workflow")),
            ("phase", Some("workflow")),
            ("failureDetails.reason", None),
        ] {
            assert_eq!(managed.managers_of(field).as_deref(), expected, "{field}");
        }
        assert_eq!(managed.uid.as_deref(), Some("1"));
        assert_eq!(Managed::of("[]").managers_of("phase"), None);
    }
}
