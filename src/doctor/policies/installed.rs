//! A policy as it is installed: which writes it sees, and whether it is this version's.

use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;
use serde_json::Value;

use super::super::crds::Crd;
use super::super::line::CheckLine;
use super::super::registered::covers;
use super::bindings::narrowing;
use super::options::is_printed;
use super::printed::{Compared, items, rules};
use super::{PRINT, Part};

/// Differences that a line names; the rest are counted.
const NAMED: usize = 4;

/// The lines about a policy itself.
pub(super) fn check(
    part: Part,
    name: &str,
    policy: &Value,
    compared: &Compared,
    crds: &[Crd],
) -> Vec<CheckLine> {
    let about = format!("policy {name}");
    let mut lines = vec![version(part, about.clone(), policy, compared)];
    lines.extend(unseen(about.clone(), &policy["spec"], crds));
    lines.extend(type_warnings(about, policy));
    lines
}

fn version(part: Part, about: String, policy: &Value, compared: &Compared) -> CheckLine {
    let label = policy["metadata"]["labels"]["app.kubernetes.io/version"].as_str();
    let by = match label {
        Some(version) if version != env!("CARGO_PKG_VERSION") => format!(" (printed by {version})"),
        _ => String::new(),
    };
    let differences = &compared.differences;
    if !differences.is_empty() {
        let mut names = differences.iter().take(NAMED).cloned().collect::<Vec<_>>();
        if differences.len() > NAMED {
            names.push(format!("{} more", differences.len() - NAMED));
        }
        return CheckLine::warning(
            about,
            format!(
                "is not what this version prints{by}: {}; it may judge or complete otherwise than the server",
                names.join(", ")
            ),
            PRINT,
        );
    }
    let does = match (part, rules(policy).len()) {
        (Part::Complete, _) => "completes".to_owned(),
        (_, 1) => "1 rule".to_owned(),
        (_, count) => format!("{count} rules"),
    };
    let mut text = format!("{does}, as this version prints it");
    if !compared.flags.is_empty() {
        text += " with ";
        text += &compared.flags.join(" ");
    }
    text += &by;
    // An API server fills in Fail.
    if policy["spec"]["failurePolicy"] != "Ignore" {
        if part == Part::Complete {
            return CheckLine::warning(
                about,
                "failurePolicy is Fail: a write is refused where an expression fails, though the next one could be completed",
                "set spec.failurePolicy to Ignore, as this version prints it",
            );
        }
        text += "; failurePolicy Fail: a write is refused where an expression fails";
    }
    CheckLine::ok(about, text)
}

/// The writes that it does not see.
fn unseen(about: String, spec: &Value, crds: &[Crd]) -> Option<CheckLine> {
    let constraints = &spec["matchConstraints"];
    let seen: Vec<RuleWithOperations> =
        serde_json::from_value(constraints["resourceRules"].clone()).unwrap_or_default();
    let mut versions = crds.iter().flat_map(|kind| {
        let versions = kind.versions.iter();
        versions.map(move |version| (kind.group, version.name.as_str()))
    });
    if let Some((group, version)) =
        versions.find(|(group, version)| !seen.iter().any(|rule| covers(rule, group, version)))
    {
        return Some(CheckLine::error(
            about,
            format!("matchConstraints leaves out status writes of {group}/{version}"),
            PRINT,
        ));
    }
    let mut narrowed = narrowing(constraints);
    if items(&spec["matchConditions"]).any(|it| !is_printed(it)) {
        narrowed.push("matchConditions");
    }
    (!narrowed.is_empty()).then(|| {
        CheckLine::warning(
            about,
            format!("writes are left out by {}", narrowed.join(" and ")),
            "nothing, if that is intended; else remove the field",
        )
    })
}

/// What the API server's own check of types found.
fn type_warnings(about: String, policy: &Value) -> Option<CheckLine> {
    let warnings = policy["status"]["typeChecking"]["expressionWarnings"].as_array()?;
    let first = warnings.first()?;
    // The lines behind the first show where in the expression it is.
    let text = |field: &str| {
        let lines = first[field].as_str().unwrap_or_default().lines();
        lines.take(1).collect::<String>()
    };
    Some(CheckLine::warning(
        about,
        format!(
            "the API server warns of {} of its expressions, of {}: {}",
            warnings.len(),
            text("fieldRef"),
            text("warning")
        ),
        "compare the schema of the CRD with the one of kubernaut; an expression that fails is treated by failurePolicy",
    ))
}
