//! The fields of a webhook: names, path, rules, policies, time.

use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;

use super::configuration::{Hook, Registered, kind, resource};
use super::crds::Crd;
use super::line::CheckLine;
use super::match_conditions;
use super::target::called_path;
use crate::admission::Webhook;
use crate::kubernetes::paths;
use crate::registration::FailurePolicy;
use crate::vocabulary::{GROUPS, RESOURCE};

/// kubernaut's own webhook, which writes audit annotations of its own.
const KUBERNAUT: &str = "workflowexecution.mutate.kubernaut.ai";

/// A call that the server sheds is repeated after a second, so that less than this leaves no second try.
const SHORT: i32 = 2;
/// A server that hangs stalls every status write for the time-out.
const LONG: i32 = 10;

/// All checks of one webhook's fields that need no call.
pub(super) fn check(hook: &Hook, all: &[Registered], crds: &[Crd]) -> Vec<CheckLine> {
    let mut lines = vec![name(hook, all), called(hook), rules(hook, crds)];
    lines.extend(width(hook));
    if !hook.selectors.is_empty() {
        lines.push(CheckLine::warning(
            about(hook, "selectors"),
            format!(
                "{} excludes writes; they are neither completed nor judged",
                hook.selectors.join(" and ")
            ),
            "nothing, if that is intended; else remove the field",
        ));
    }
    lines.push(match_conditions::check(hook, all));
    lines.push(timeout(hook));
    if hook.webhook == Webhook::Mutate {
        lines.push(reinvocation(hook));
    }
    lines
}

/// The first words of a line about a webhook's field.
pub(super) fn about(hook: &Hook, field: &str) -> String {
    format!("{} {field}", kind(hook.webhook))
}

/// The command that opens the configuration.
pub(super) fn edit(hook: &Hook, field: &str) -> String {
    format!(
        "set {field} with kubectl edit {} {}",
        resource(hook.webhook),
        hook.configuration
    )
}

fn name(hook: &Hook, all: &[Registered]) -> CheckLine {
    let about = about(hook, "configuration");
    let others = all
        .iter()
        .flat_map(|configuration| &configuration.hooks)
        .filter(|other| {
            (other.webhook, &other.configuration) != (hook.webhook, &hook.configuration)
        });
    let clash = others
        .into_iter()
        .find(|other| other.name == hook.name)
        .map(|other| {
            format!(
                "the {} configuration {} uses it too",
                kind(other.webhook),
                other.configuration
            )
        })
        .or_else(|| (hook.name == KUBERNAUT).then(|| "kubernaut's own webhook has it".to_owned()));
    match clash {
        Some(clash) => CheckLine::warning(
            about,
            format!(
                "the webhook's name {} is not its own: {clash}, and one of the two loses its audit annotations",
                hook.name
            ),
            edit(hook, "another webhooks[].name"),
        ),
        None => CheckLine::ok(
            about,
            format!("{} registers {}", hook.configuration, hook.name),
        ),
    }
}

fn called(hook: &Hook) -> CheckLine {
    let about = about(hook, "path");
    let (called, right) = (called_path(&hook.client), paths::webhook(hook.webhook));
    if !hook.versions.iter().any(|version| version == "v1") {
        return CheckLine::error(
            about,
            format!(
                "admissionReviewVersions is {}, and the server answers v1 alone",
                hook.versions.join(", ")
            ),
            edit(hook, "admissionReviewVersions to [v1]"),
        );
    }
    if called == right {
        CheckLine::ok(about, format!("{called} is called"))
    } else {
        CheckLine::error(
            about,
            format!("{called} is called, and the webhook answers at {right}"),
            edit(hook, &format!("the path to {right}")),
        )
    }
}

/// Whether all status writes of the CRDs that are there are seen.
fn rules(hook: &Hook, crds: &[Crd]) -> CheckLine {
    let about = about(hook, "rules");
    let fix = || {
        edit(
            hook,
            &format!(
                "a rule for UPDATE of {RESOURCE}/status in the groups {} with apiVersions [*]",
                GROUPS.join(", ")
            ),
        )
    };
    let unseen: Vec<String> = crds
        .iter()
        .flat_map(|kind| {
            let versions = kind.versions.iter();
            versions.map(move |version| (kind.group, version.name.as_str()))
        })
        .filter(|(group, version)| !hook.rules.iter().any(|rule| covers(rule, group, version)))
        .map(|(group, version)| format!("{group}/{version}"))
        .collect();
    if !unseen.is_empty() {
        return CheckLine::error(
            about,
            format!(
                "no rule matches status writes of {}: they are neither completed nor judged",
                unseen.join(", ")
            ),
            fix(),
        );
    }
    let coming: Vec<&str> = GROUPS
        .into_iter()
        .filter(|group| !hook.rules.iter().any(|rule| covers(rule, group, "v1")))
        .collect();
    if coming.is_empty() || !crds.is_empty() && coming.len() == GROUPS.len() {
        return CheckLine::ok(about, "every status write of a WorkflowExecution is seen");
    }
    CheckLine::warning(
        about,
        format!(
            "no rule matches every version of the group {}: when its CRD is installed, its writes are not seen",
            coming.join(", ")
        ),
        fix(),
    )
}

fn has(list: Option<&Vec<String>>, allowed: &[&str]) -> bool {
    list.into_iter()
        .flatten()
        .any(|entry| allowed.contains(&entry.as_str()))
}

pub(super) fn covers(rule: &RuleWithOperations, group: &str, version: &str) -> bool {
    let status = format!("{RESOURCE}/status");
    let all = format!("{RESOURCE}/*");
    has(rule.api_groups.as_ref(), &["*", group])
        && has(rule.api_versions.as_ref(), &["*", version])
        && has(rule.operations.as_ref(), &["*", "UPDATE"])
        && has(rule.resources.as_ref(), &[&status, &all, "*/status", "*/*"])
        && rule.scope.as_deref() != Some("Cluster")
}

/// What is seen beyond status writes.
fn width(hook: &Hook) -> Option<CheckLine> {
    let status = format!("{RESOURCE}/status");
    let mut wide: Vec<&str> = Vec::new();
    for rule in &hook.rules {
        let beyond = |list: &'_ Option<Vec<String>>, allowed: &[&str]| -> Vec<String> {
            let entries = list.iter().flatten();
            entries
                .filter(|entry| !allowed.contains(&entry.as_str()))
                .cloned()
                .collect()
        };
        for (field, entries) in [
            ("apiGroups", beyond(&rule.api_groups, &GROUPS)),
            ("resources", beyond(&rule.resources, &[&status])),
            ("operations", beyond(&rule.operations, &["UPDATE"])),
        ] {
            if !entries.is_empty() && !wide.contains(&field) {
                wide.push(field);
            }
        }
    }
    if wide.is_empty() {
        return None;
    }
    let text = format!(
        "{} of the rules match more than status writes of WorkflowExecutions",
        wide.join(" and ")
    );
    let about = about(hook, "rules");
    let fix = edit(
        hook,
        &format!(
            "apiGroups [{}], resources [{status}], operations [UPDATE]",
            GROUPS.join(", ")
        ),
    );
    Some(match hook.failure_policy {
        FailurePolicy::Fail => CheckLine::error(
            about,
            format!("{text}, and with Fail all of them are refused while no replica answers"),
            fix,
        ),
        FailurePolicy::Ignore => {
            CheckLine::warning(about, format!("{text}; each costs a call for nothing"), fix)
        }
    })
}

fn timeout(hook: &Hook) -> CheckLine {
    let about = about(hook, "timeoutSeconds");
    let seconds = hook.timeout;
    if seconds < SHORT {
        CheckLine::warning(
            about,
            format!(
                "{seconds}: a call that the server sheds is repeated after 1 s, which leaves no time"
            ),
            edit(hook, "timeoutSeconds to 5"),
        )
    } else if seconds > LONG {
        CheckLine::warning(
            about,
            format!("{seconds}: a server that hangs stalls each status write for so long"),
            edit(hook, "timeoutSeconds to 5"),
        )
    } else {
        CheckLine::ok(
            about,
            format!("{seconds}: the most that a server that hangs stalls a write"),
        )
    }
}

fn reinvocation(hook: &Hook) -> CheckLine {
    let about = about(hook, "reinvocationPolicy");
    if hook.reinvocation_policy.as_deref() == Some("IfNeeded") {
        CheckLine::ok(
            about,
            "IfNeeded: what a later mutating webhook changes is completed as well",
        )
    } else {
        CheckLine::warning(
            about,
            "Never: what a later mutating webhook changes is not completed, and may then be refused",
            edit(hook, "reinvocationPolicy to IfNeeded"),
        )
    }
}
