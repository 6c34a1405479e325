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
mod policies;
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
mod writes;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::sign::CertifiedKey;

pub(crate) use cluster::Error;
pub(crate) use line::{CheckLine, Report};

use crate::admission::Webhook;
use crate::registration::CONFIGURATION_NAME;
use crate::vocabulary::GROUPS;
use cluster::ClusterReader;
use crds::Crd;
use policies::{Beside, Policies};
use reviews::Conduct;
use visit::{Direct, Visit};
use writes::Trial;

/// What to check.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Name of both configurations, with which the names of policies begin.
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
    /// Whether a webhook has to be registered where policies are.
    pub expect_webhook: bool,
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
            expect_webhook: false,
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
    let policies = Policies::read(&cluster, &options.configuration).await;
    let is_registered = configuration::is_registered(&all, &options.configuration);
    if !is_registered && !options.expect_webhook && policies.are_there() {
        lines.push(no_webhook(&options.configuration));
        lines.extend(policies.check(&crds, Beside::Nothing));
        let trial = Trial::ByPolicies(&policies);
        writes::try_all(&cluster, options, &crds, trial, now, lines).await;
        return Ok(report);
    }
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
    let completes = direct[0].conduct == Some(Conduct::Acts);
    let webhook = if completes {
        Beside::Completing
    } else {
        Beside::Webhook
    };
    lines.extend(policies.check(&crds, webhook));
    let trial = Trial::Beside(&policies, direct);
    writes::try_all(&cluster, options, &crds, trial, now, lines).await;
    Ok(report)
}

fn no_webhook(name: &str) -> CheckLine {
    CheckLine::ok(
        "webhook",
        format!("none is registered as {name}: certificate, Service and server are not checked"),
    )
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
