//! One webhook, looked at from all sides.

use jiff::Timestamp;

use super::bundle::Trust;
use super::cluster::Cluster;
use super::configuration::{Configuration, Hook, kind};
use super::kinds::Kind;
use super::line::{Level, Line};
use super::probe::{self, Failure, Probe};
use super::reviews::{self, Conduct};
use super::target::{self, Target};
use super::{
    Options, bundle, certificate, configuration, failure, not_checked, registered, service,
};

/// What every webhook is looked at with.
pub(super) struct Visit<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) options: &'a Options,
    pub(super) now: Timestamp,
    pub(super) all: &'a [Configuration],
    pub(super) kinds: &'a [Kind],
}

impl Visit<'_> {
    /// All lines of one webhook; the failure policy comes last, since the others decide whether it is safe.
    pub(super) async fn hook(&self, hook: &Hook, lines: &mut Vec<Line>) -> Option<Conduct> {
        let mut found = registered::check(hook, self.all, self.kinds);
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
                let told = self.told(hook, &target, &trust, &address, probe);
                found.extend(told.lines);
                answered = told.answered;
                conduct = told.conduct;
            } else {
                found.push(Line::warning(
                    format!("{} answer", configuration::path(hook.webhook)),
                    "certificate and answer not checked: the Service's name leads nowhere outside of the cluster",
                    format!(
                        "{}, and then --address localhost:8443",
                        port_forward(&target)
                    ),
                ));
            }
        }
        let worst = found.iter().map(|line| line.level).max();
        found.push(failure::check(
            hook,
            worst.unwrap_or(Level::Ok),
            answered,
            ready,
        ));
        lines.extend(found);
        conduct
    }

    async fn service(
        &self,
        target: &Target,
        namespace: &str,
        name: &str,
    ) -> (Line, service::Ready) {
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

    /// What a request told.
    fn told(
        &self,
        hook: &Hook,
        target: &Target,
        trust: &Trust,
        address: &str,
        probe: Probe,
    ) -> Told {
        let about = format!("{} answer", configuration::path(hook.webhook));
        let mut lines = probe.chain.map_or_else(Vec::new, |chain| {
            certificate::check(kind(hook.webhook), &chain, trust, &target.host, self.now)
        });
        let refused = lines.iter().any(|line| line.level == Level::Wrong);
        let mut told = Told::default();
        match probe.answer {
            Ok(answer) => {
                if let Some(date) = answer.date {
                    lines.push(reviews::clock("the server", date, Timestamp::now()));
                }
                let (line, conduct) = reviews::check(hook.webhook, &answer);
                told.answered = line.level != Level::Wrong;
                told.conduct = conduct;
                lines.push(line);
            }
            // The certificate's own line says it.
            Err(_) if refused => {}
            Err(Failure::ClientCertificate) => {
                lines.push(Line::warning(
                    about,
                    "not checked: the server demands a client certificate, and none was given",
                    "show it one that its --client-ca signed, by --client-cert FILE and --client-key FILE; or nothing: the writes through the API server tell whether the API server has one",
                ));
            }
            Err(Failure::ClientRefused(alert)) => {
                lines.push(Line::wrong(
                    about,
                    format!("the server refuses the client certificate that was given: {alert}"),
                    "give the one that the API server shows; if it is that one, compare who signed it, and until when it is valid, with the server's --client-ca",
                ));
            }
            Err(Failure::Other(problem)) => lines.push(Line::wrong(
                about,
                format!("no answer from {address}: {problem}"),
                "look whether the server runs and is reached there: kubectl get pods, its log, network policies",
            )),
        }
        told.lines = lines;
        told
    }
}

/// What a request told.
#[derive(Default)]
struct Told {
    lines: Vec<Line>,
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
