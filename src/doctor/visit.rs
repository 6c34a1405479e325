//! All checks of one webhook.

use jiff::Timestamp;

use super::bundle::Trust;
use super::cluster::ClusterReader;
use super::configuration::{Hook, Registered, kind};
use super::crds::Crd;
use super::line::{CheckLine, Level};
use super::probe::{self, Probe, ProbeFailure};
use super::reviews::{self, Conduct};
use super::target::{self, Target};
use super::{Options, bundle, certificate, failure, not_checked, registered, service};
use crate::kubernetes::paths;

/// What every webhook is checked with.
pub(super) struct Visit<'a> {
    pub(super) cluster: &'a ClusterReader,
    pub(super) options: &'a Options,
    pub(super) now: Timestamp,
    pub(super) all: &'a [Registered],
    pub(super) crds: &'a [Crd],
}

impl Visit<'_> {
    /// All lines of one webhook; the failure policy comes last, since the others decide whether it is safe.
    pub(super) async fn hook(&self, hook: &Hook, lines: &mut Vec<CheckLine>) -> Direct {
        let mut found = registered::check(hook, self.all, self.crds);
        let (trust, line) = bundle::check(hook, self.now);
        found.push(line);
        let mut ready = None;
        let mut conduct = None;
        let mut answered = false;
        if let Some(target) = target::target(&hook.client) {
            if let Some((namespace, name)) = &target.service {
                let (line, count) = self.service(&target, namespace, name).await;
                found.push(line);
                ready = count;
            }
            if let Some(address) = target.address(self.options) {
                let review = reviews::review(hook.webhook);
                let client = self.options.client.as_ref();
                let probe = probe::ask(&address, &target, &trust, client, self.now, review).await;
                let probed = self.probed(hook, &target, &trust, &address, probe);
                found.extend(probed.lines);
                answered = probed.answered;
                conduct = probed.conduct;
            } else {
                found.push(CheckLine::warning(
                    format!("{} answer", paths::webhook(hook.webhook)),
                    "certificate and answer not checked: the Service's name cannot be resolved outside of the cluster",
                    format!(
                        "{}, and then --address localhost:8443",
                        port_forward(&target)
                    ),
                ));
            }
        }
        let worst = found.iter().map(|line| line.level).max();
        let worst = worst.unwrap_or(Level::Ok);
        found.push(failure::check(hook, worst, answered, ready));
        lines.extend(found);
        Direct {
            conduct,
            faultless: worst < Level::Error,
        }
    }

    async fn service(
        &self,
        target: &Target,
        namespace: &str,
        name: &str,
    ) -> (CheckLine, service::Ready) {
        match self.cluster.service(namespace, name).await {
            Ok(found) => {
                let slices = self.cluster.slices(namespace, name).await.ok();
                service::check(target, found.as_ref(), slices.as_deref())
            }
            Err(error) => (
                not_checked(&format!("Service {namespace}/{name}"), &error),
                None,
            ),
        }
    }

    /// The outcome of a request.
    fn probed(
        &self,
        hook: &Hook,
        target: &Target,
        trust: &Trust,
        address: &str,
        probe: Probe,
    ) -> Probed {
        let about = format!("{} answer", paths::webhook(hook.webhook));
        let mut lines = probe.chain.map_or_else(Vec::new, |chain| {
            certificate::check(kind(hook.webhook), &chain, trust, &target.host, self.now)
        });
        let refused = lines.iter().any(|line| line.level == Level::Error);
        let mut probed = Probed::default();
        match probe.answer {
            Ok(answer) => {
                if let Some(date) = answer.date {
                    lines.push(reviews::clock("the server", date, Timestamp::now()));
                }
                let (line, conduct) = reviews::check(hook.webhook, &answer);
                probed.answered = line.level != Level::Error;
                probed.conduct = conduct;
                lines.push(line);
            }
            // The certificate's own line has the reason.
            Err(_) if refused => {}
            Err(ProbeFailure::ClientCertificate) => {
                lines.push(CheckLine::warning(
                    about,
                    "not checked: the server requires a client certificate, and none was given",
                    "present one that its --client-ca signed, by --client-cert FILE and --client-key FILE; or nothing: the writes through the API server show whether the API server has one",
                ));
            }
            Err(ProbeFailure::ClientRefused(alert)) => {
                lines.push(CheckLine::error(
                    about,
                    format!("the server refuses the client certificate that was given: {alert}"),
                    "give the one that the API server presents; if it is that one, compare who signed it, and until when it is valid, with the server's --client-ca",
                ));
            }
            Err(ProbeFailure::Other(problem)) => lines.push(CheckLine::error(
                about,
                format!("no answer from {address}: {problem}"),
                "check whether the server runs and is reachable there: kubectl get pods, its log, network policies",
            )),
        }
        probed.lines = lines;
        probed
    }
}

/// How the server itself answers, asked without the API server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Direct {
    /// What it does, if it was asked and answered.
    pub(super) conduct: Option<Conduct>,
    /// Whether no check of its registration found an error.
    pub(super) faultless: bool,
}

impl Direct {
    /// Whether nothing but the way there can keep the API server from it.
    pub(super) fn answers(self) -> bool {
        self.faultless && self.conduct.is_some()
    }
}

/// The outcome of a request.
#[derive(Default)]
struct Probed {
    lines: Vec<CheckLine>,
    /// Whether the server answered as it should.
    answered: bool,
    conduct: Option<Conduct>,
}

fn port_forward(target: &Target) -> String {
    let (namespace, name) = target.service.clone().unwrap_or_default();
    format!(
        "kubectl --namespace {namespace} port-forward service/{name} 8443:{}",
        target.port
    )
}
