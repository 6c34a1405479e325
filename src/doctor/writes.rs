//! The dry-run writes: which are tried, and with which object.

use jiff::Timestamp;
use serde_json::Value;

use super::cluster::{ClusterReader, Error};
use super::crds::Crd;
use super::line::CheckLine;
use super::policies::{Part, Policies};
use super::trial::{self, Length, by_policies};
use super::visit::Direct;
use super::{Options, not_checked};
use crate::rules::Rule;

/// What must stop and complete the writes that are tried.
#[derive(Clone, Copy)]
pub(super) enum Trial<'a> {
    /// The webhook, and policies if there are any.
    Beside(&'a Policies, [Direct; 2]),
    /// Policies alone.
    ByPolicies(&'a Policies),
}

/// The dry-run writes through the API server, which need an object.
pub(super) async fn try_all(
    cluster: &ClusterReader,
    options: &Options,
    crds: &[Crd],
    trial: Trial<'_>,
    now: Timestamp,
    lines: &mut Vec<CheckLine>,
) {
    let written = match object(cluster, options, crds, now).await {
        Ok(Some(object)) => write(cluster, &object, trial, now, lines).await,
        Ok(None) => {
            lines.push(options.object.as_ref().map_or_else(
                trial::no_object,
                |(namespace, name)| {
                    CheckLine::error(
                        "object",
                        format!("there is no WorkflowExecution {namespace}/{name}"),
                        "name one that is there by --object NAMESPACE/NAME, or none",
                    )
                },
            ));
            Ok(())
        }
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        lines.push(not_checked("writes through the API server", &error));
    }
}

async fn write(
    cluster: &ClusterReader,
    object: &Value,
    trial: Trial<'_>,
    now: Timestamp,
    lines: &mut Vec<CheckLine>,
) -> Result<(), Error> {
    match trial {
        Trial::ByPolicies(policies) => {
            by_policies_alone(cluster, object, policies, now, lines).await
        }
        Trial::Beside(policies, direct) => {
            if let Some((policy, bound)) = policies.holder(Rule::ConditionUnknownType)
                && bound.does("Deny")
            {
                let patch = trial::to_be_refused(object, now, Length::Short);
                let written = cluster.try_status(object, &patch).await?;
                lines.push(by_policies::refused(&written, &policy, &bound));
            }
            let length = if policies.are_absent() {
                Length::Short
            } else {
                Length::Long
            };
            by_webhook(cluster, object, (direct, length), now, lines).await
        }
    }
}

async fn by_policies_alone(
    cluster: &ClusterReader,
    object: &Value,
    policies: &Policies,
    now: Timestamp,
    lines: &mut Vec<CheckLine>,
) -> Result<(), Error> {
    if let Some((policy, bound)) = policies.holder(Rule::ConditionUnknownType) {
        let patch = trial::to_be_refused(object, now, Length::Short);
        let written = cluster.try_status(object, &patch).await?;
        lines.push(by_policies::refused(&written, &policy, &bound));
    } else {
        lines.push(by_policies::not_held());
    }
    let Some(bound) = policies.bound(Part::Complete) else {
        return Ok(());
    };
    if trial::is_completable(object, now) {
        let patch = trial::to_be_completed(now, Length::Short);
        let written = cluster.try_status(object, &patch).await?;
        lines.push(by_policies::completed(&written, object, &bound));
    } else {
        lines.push(trial::not_completable(object));
    }
    Ok(())
}

async fn by_webhook(
    cluster: &ClusterReader,
    object: &Value,
    ([completes, refuses], length): ([Direct; 2], Length),
    now: Timestamp,
    lines: &mut Vec<CheckLine>,
) -> Result<(), Error> {
    let patch = trial::to_be_refused(object, now, length);
    let written = cluster.try_status(object, &patch).await?;
    lines.push(trial::refused(&written, refuses));
    if trial::is_completable(object, now) {
        let patch = trial::to_be_completed(now, length);
        let written = cluster.try_status(object, &patch).await?;
        lines.push(trial::completed(&written, completes));
    } else {
        lines.push(trial::not_completable(object));
    }
    Ok(())
}

/// The named object, else one that can be completed, else any.
async fn object(
    cluster: &ClusterReader,
    options: &Options,
    crds: &[Crd],
    now: Timestamp,
) -> Result<Option<Value>, Error> {
    let mut any = None;
    for kind in crds {
        let Some(version) = kind.versions.first() else {
            continue;
        };
        if let Some((namespace, name)) = &options.object {
            let found = cluster.object(kind.group, &version.name, namespace, name);
            if let Some(found) = found.await? {
                return Ok(Some(found));
            }
            continue;
        }
        for object in cluster.objects(kind.group, &version.name).await? {
            if trial::is_completable(&object, now) {
                return Ok(Some(object));
            }
            any.get_or_insert(object);
        }
    }
    Ok(any)
}
