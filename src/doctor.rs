//! Checks an installation from outside: what is registered, what is served, and whether the two fit.
//!
//! [`run`] fetches; every judgement is a function over what was fetched, and gives a [`CheckLine`].

mod bundle;
mod certificate;
mod cluster;
mod configuration;
mod crds;
mod failure;
mod line;
mod match_conditions;
mod probe;
mod registered;
mod reviews;
mod service;
mod target;
#[cfg(test)]
mod tests;
mod trial;
mod validity;
mod visit;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::sign::CertifiedKey;
use serde_json::Value;

pub(crate) use cluster::Error;
pub(crate) use line::{CheckLine, Report};

use crate::admission::Webhook;
use crate::registration::CONFIGURATION_NAME;
use crate::vocabulary::GROUPS;
use cluster::ClusterReader;
use crds::Crd;
use visit::{Direct, Visit};

/// What to check.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Name of both configurations.
    pub configuration: String,
    /// `HOST:PORT` where the server is reached instead of the address in the configurations.
    pub address: Option<String>,
    /// What is presented to a server that requires client certificates.
    pub client: Option<Arc<CertifiedKey>>,
    /// Namespace and name of the object for the dry-run writes; `None` takes any.
    pub object: Option<(String, String)>,
    /// The kubeconfig; `None` finds it as kubectl does.
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig; `None` takes the current one.
    pub context: Option<String>,
    /// Whether this runs in the cluster, where Services have names.
    pub in_cluster: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            configuration: CONFIGURATION_NAME.to_owned(),
            address: None,
            client: None,
            object: None,
            kubeconfig: None,
            context: None,
            in_cluster: false,
        }
    }
}

/// Checks everything. Nothing is stored anywhere.
///
/// # Errors
///
/// When no cluster is configured, it does not answer, or it does not let the webhook configurations be read.
pub(crate) async fn run(options: &Options, now: Timestamp) -> Result<Report, Error> {
    let cluster = ClusterReader::find(options.kubeconfig.as_deref(), options.context.as_deref())?;
    let all = cluster.configurations().await?;
    let mut report = Report::default();
    let lines = &mut report.lines;
    if let Some(date) = cluster.date().await {
        lines.push(reviews::clock("the API server", date, Timestamp::now()));
    }
    let crds = crds_of(&cluster, lines).await;
    let mut direct = [Direct::default(); 2];
    for (webhook, direct) in Webhook::ALL.into_iter().zip(&mut direct) {
        match configuration::find(&all, webhook, &options.configuration) {
            Ok(hooks) => {
                for hook in hooks {
                    let visit = Visit {
                        cluster: &cluster,
                        options,
                        now,
                        all: &all,
                        crds: &crds,
                    };
                    let seen = visit.hook(hook, lines).await;
                    if seen.conduct.is_some() || direct.conduct.is_none() {
                        *direct = seen;
                    }
                }
            }
            Err(line) => lines.push(line),
        }
    }
    try_writes(&cluster, options, &crds, direct, now, lines).await;
    Ok(report)
}

async fn crds_of(cluster: &ClusterReader, lines: &mut Vec<CheckLine>) -> Vec<Crd> {
    let mut found = Vec::new();
    for group in GROUPS {
        match cluster.crd(&crds::name(group)).await {
            Ok(Some(crd)) => found.push(crds::read(group, &crd)),
            Ok(None) => {}
            Err(error) => {
                lines.push(not_checked("CRD", &error));
                return found;
            }
        }
    }
    lines.extend(crds::check(&found));
    found
}

fn not_checked(about: &str, error: &Error) -> CheckLine {
    CheckLine::warning(
        about,
        format!("not checked: {error}"),
        "grant the permissions in docs/doctor.md",
    )
}

/// The dry-run writes through the API server, which need an object.
async fn try_writes(
    cluster: &ClusterReader,
    options: &Options,
    crds: &[Crd],
    direct: [Direct; 2],
    now: Timestamp,
    lines: &mut Vec<CheckLine>,
) {
    let written = match object(cluster, options, crds, now).await {
        Ok(Some(object)) => write(cluster, &object, direct, now, lines).await,
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
    direct: [Direct; 2],
    now: Timestamp,
    lines: &mut Vec<CheckLine>,
) -> Result<(), Error> {
    let [completes, refuses] = direct;
    let patch = trial::to_be_refused(object, now);
    let written = cluster.try_status(object, &patch).await?;
    lines.push(trial::refused(&written, refuses));
    if trial::is_completable(object, now) {
        let written = cluster
            .try_status(object, &trial::to_be_completed())
            .await?;
        lines.push(trial::completed(&written, completes));
    } else {
        let text = |field: &str| {
            object["metadata"][field]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        lines.push(trial::not_completable(&format!(
            "{}/{}",
            text("namespace"),
            text("name")
        )));
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
