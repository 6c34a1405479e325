//! The CRDs of `WorkflowExecution`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps,
};

use super::line::CheckLine;
use crate::vocabulary::{
    EXECUTION, FIRST_GROUP, FailureReason, GROUPS, Phase, RESOURCE, Role, SkipReason, TEKTON,
};

/// A CRD that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crd {
    /// One of the two groups.
    pub group: &'static str,
    /// Served versions.
    pub versions: Vec<Version>,
}

/// A served version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Its name.
    pub name: String,
    /// Whether `/status` is written by itself.
    pub status: bool,
    /// Whether the schema keeps `status.conditions`.
    pub conditions: bool,
    /// Values that the schema allows and this program does not know.
    pub unknown: Vec<UnknownValues>,
}

/// Values of an enum of the schema that this program does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownValues {
    /// Which enum.
    pub field: EnumField,
    /// The values.
    pub values: Vec<String>,
}

/// The enums of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EnumField {
    /// `status.phase`.
    Phase,
    /// `status.failureDetails.reason`.
    FailureReason,
    /// `status.skipDetails.reason`.
    SkipReason,
}

impl EnumField {
    const ALL: [Self; 3] = [Self::Phase, Self::FailureReason, Self::SkipReason];

    /// The path below `status`.
    const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Phase => &["phase"],
            Self::FailureReason => &["failureDetails", "reason"],
            Self::SkipReason => &["skipDetails", "reason"],
        }
    }

    fn knows(self, value: &str) -> bool {
        match self {
            // An empty phase counts as Pending.
            Self::Phase => value.is_empty() || Phase::from_name(value).is_some(),
            Self::FailureReason => FailureReason::from_name(value).is_some(),
            Self::SkipReason => SkipReason::from_name(value).is_some(),
        }
    }

    /// The condition whose reasons follow these values.
    const fn role(self) -> Option<Role> {
        match self {
            Self::Phase => None,
            Self::FailureReason => Some(Role::Complete),
            Self::SkipReason => Some(Role::Lock),
        }
    }
}

/// The CRD's name.
pub(super) fn name(group: &str) -> String {
    format!("{RESOURCE}.{group}")
}

/// The checked parts of a CRD.
pub(super) fn read(group: &'static str, crd: &CustomResourceDefinition) -> Crd {
    let served = crd.spec.versions.iter().filter(|version| version.served);
    Crd {
        group,
        versions: served
            .map(|version| Version {
                name: version.name.clone(),
                status: version
                    .subresources
                    .as_ref()
                    .is_some_and(|all| all.status.is_some()),
                conditions: keeps_conditions(version),
                unknown: unknown_values(version),
            })
            .collect(),
    }
}

fn schema(version: &CustomResourceDefinitionVersion) -> Option<&JSONSchemaProps> {
    version.schema.as_ref()?.open_api_v3_schema.as_ref()
}

fn unknown_values(version: &CustomResourceDefinitionVersion) -> Vec<UnknownValues> {
    let status = schema(version).and_then(|schema| property(schema, "status"));
    let values = |field: EnumField| -> Option<UnknownValues> {
        let mut schema = status?;
        for name in field.path() {
            schema = property(schema, name)?;
        }
        let members = schema.enum_.as_ref()?.iter();
        let values: Vec<String> = members
            .filter_map(|member| member.0.as_str())
            .filter(|value| !field.knows(value))
            .map(str::to_owned)
            .collect();
        (!values.is_empty()).then_some(UnknownValues { field, values })
    };
    EnumField::ALL.into_iter().filter_map(values).collect()
}

fn keeps_conditions(version: &CustomResourceDefinitionVersion) -> bool {
    let Some(schema) = schema(version) else {
        return false;
    };
    let open = |schema: &JSONSchemaProps| schema.x_kubernetes_preserve_unknown_fields == Some(true);
    let Some(status) = property(schema, "status") else {
        return open(schema);
    };
    open(status) || property(status, "conditions").is_some()
}

fn property<'a>(schema: &'a JSONSchemaProps, name: &str) -> Option<&'a JSONSchemaProps> {
    schema.properties.as_ref()?.get(name)
}

/// One line for each group, and one for each enum with unknown values.
pub(super) fn check(crds: &[Crd]) -> Vec<CheckLine> {
    if crds.is_empty() {
        return vec![CheckLine::error(
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
        .flat_map(|group| match crds.iter().find(|crd| crd.group == group) {
            Some(crd) => {
                let unknown = crd.versions.iter().flat_map(|version| {
                    let all = version.unknown.iter();
                    all.map(|unknown| unknown_line(group, &version.name, unknown))
                });
                std::iter::once(line(crd)).chain(unknown).collect()
            }
            None => vec![CheckLine::ok(
                format!("CRD {}", name(group)),
                "not in the cluster; the other group is",
            )],
        })
        .collect()
}

fn unknown_line(group: &str, version: &str, unknown: &UnknownValues) -> CheckLine {
    let (field, values) = (unknown.field.path().join("."), unknown.values.join(", "));
    let vocabularies = if group == FIRST_GROUP {
        [&TEKTON, &EXECUTION]
    } else {
        [&EXECUTION, &TEKTON]
    };
    let role = unknown.field.role();
    let term = role.and_then(|role| vocabularies.into_iter().find_map(|one| one.term(role)));
    let fix = match (term, unknown.values.first()) {
        (Some(term), Some(reason)) => format!(
            "update wfe-webhook; until then serve with --extra-reason TYPE=REASON, such as --extra-reason {}={reason}",
            term.condition_type
        ),
        _ => "update wfe-webhook; --extra-reason is for reasons alone, and rule phase-unknown refuses other phases"
            .to_owned(),
    };
    CheckLine::warning(
        format!("CRD {} status.{field}", name(group)),
        format!("{version} allows {values}, which this version of wfe-webhook does not know"),
        fix,
    )
}

fn line(crd: &Crd) -> CheckLine {
    let versions = &crd.versions;
    let crd = name(crd.group);
    let about = format!("CRD {crd}");
    let without = |has: fn(&Version) -> bool| -> Option<String> {
        let versions = versions.iter().filter(|version| !has(version));
        let names: Vec<&str> = versions.map(|version| version.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let fields = |version: &str, field: &str| {
        format!(
            "apply kubernaut's own CRD, or set {field} of {version} with kubectl edit crd {crd}"
        )
    };
    if let Some(versions) = without(|version| version.status) {
        return CheckLine::error(
            about,
            format!(
                "{versions} has no status subresource: status writes arrive as writes of the whole object, which are not judged"
            ),
            fields(&versions, "subresources.status to {}"),
        );
    }
    if let Some(versions) = without(|version| version.conditions) {
        return CheckLine::error(
            about,
            format!(
                "the schema of {versions} has no status.conditions: what is added is dropped again"
            ),
            fields(&versions, "the schema"),
        );
    }
    let names: Vec<&str> = versions
        .iter()
        .map(|version| version.name.as_str())
        .collect();
    CheckLine::ok(
        about,
        format!("{} with the status subresource", names.join(", ")),
    )
}
