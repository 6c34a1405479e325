//! The CRDs of `WorkflowExecution`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps,
};

use super::line::Line;
use crate::vocabulary::{GROUPS, RESOURCE};

/// A CRD that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// One of the two groups.
    pub group: &'static str,
    /// Served versions.
    pub versions: Vec<Version>,
}

/// A served version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its name.
    pub name: String,
    /// Whether `/status` is written by itself.
    pub status: bool,
    /// Whether the schema keeps `status.conditions`.
    pub conditions: bool,
}

/// The CRD's name.
pub fn name(group: &str) -> String {
    format!("{RESOURCE}.{group}")
}

/// What matters of a CRD.
pub fn kind(group: &'static str, crd: &CustomResourceDefinition) -> Kind {
    let served = crd.spec.versions.iter().filter(|version| version.served);
    Kind {
        group,
        versions: served
            .map(|version| Version {
                name: version.name.clone(),
                status: version
                    .subresources
                    .as_ref()
                    .is_some_and(|all| all.status.is_some()),
                conditions: keeps_conditions(version),
            })
            .collect(),
    }
}

fn keeps_conditions(version: &CustomResourceDefinitionVersion) -> bool {
    let schema = version
        .schema
        .as_ref()
        .and_then(|schema| schema.open_api_v3_schema.as_ref());
    let Some(schema) = schema else { return false };
    let open = |schema: &JSONSchemaProps| schema.x_kubernetes_preserve_unknown_fields == Some(true);
    let Some(status) = property(schema, "status") else {
        return open(schema);
    };
    open(status) || property(status, "conditions").is_some()
}

fn property<'a>(schema: &'a JSONSchemaProps, name: &str) -> Option<&'a JSONSchemaProps> {
    schema.properties.as_ref()?.get(name)
}

/// One line for each group.
pub fn check(kinds: &[Kind]) -> Vec<Line> {
    if kinds.is_empty() {
        return vec![Line::wrong(
            "CRD",
            format!(
                "the cluster has no {}: there is nothing to judge",
                GROUPS.map(name).join(" and no ")
            ),
            "install kubernaut's CRDs",
        )];
    }
    GROUPS
        .into_iter()
        .map(
            |group| match kinds.iter().find(|kind| kind.group == group) {
                Some(kind) => of_kind(kind),
                None => Line::ok(
                    format!("CRD {}", name(group)),
                    "not in the cluster; the other group is",
                ),
            },
        )
        .collect()
}

fn of_kind(kind: &Kind) -> Line {
    let crd = name(kind.group);
    let about = format!("CRD {crd}");
    let without = |has: fn(&Version) -> bool| -> Option<String> {
        let versions = kind.versions.iter().filter(|version| !has(version));
        let names: Vec<&str> = versions.map(|version| version.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let fields = |version: &str, field: &str| {
        format!(
            "apply kubernaut's own CRD, or set {field} of {version} with kubectl edit crd {crd}"
        )
    };
    if let Some(versions) = without(|version| version.status) {
        return Line::wrong(
            about,
            format!(
                "{versions} has no status subresource: status writes arrive as writes of the whole object, which are not judged"
            ),
            fields(&versions, "subresources.status to {}"),
        );
    }
    if let Some(versions) = without(|version| version.conditions) {
        return Line::wrong(
            about,
            format!(
                "the schema of {versions} has no status.conditions: what is added is dropped again"
            ),
            fields(&versions, "the schema"),
        );
    }
    let names: Vec<&str> = kind
        .versions
        .iter()
        .map(|version| version.name.as_str())
        .collect();
    Line::ok(
        about,
        format!("{} with the status subresource", names.join(", ")),
    )
}
