//! What Prometheus scrapes.
//!
//! Everything counts *rounds*, that is, what was answered: an API server repeats rounds and throws stale ones away, so a
//! webhook cannot know what was stored.

mod events;
mod labels;
mod ports;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use prometheus::process_collector::ProcessCollector;
use prometheus::{
    Error, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::admission::{JudgedFinding, Judgement, PhaseTransition, Webhook};
use crate::complete::Written;
use crate::vocabulary::Vocabulary;
use events::Events;
use ports::Ports;
use requests::Requests;

pub use events::EventResult;
pub use ports::{Ending, Open, PortMetrics, PortName};
pub use requests::Refused;

/// The content type of [`Metrics::encode`]'s text.
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// Before the name of every metric of the product.
const NAMESPACE: &str = "wfe_webhook";

/// The results of [`Metrics::reloaded`].
const SUCCESS: &str = "success";
const FAILURE: &str = "failure";

/// Which certificate expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// The serving certificate.
    Leaf,
    /// The CA that signed it, where it is the server's own.
    Ca,
    /// The CA of the clients, where they need certificates.
    ClientCa,
}

impl Certificate {
    /// Its name in metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Ca => "ca",
            Self::ClientCa => "client_ca",
        }
    }
}

/// All metrics, with a registry of their own.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    ports: Ports,
    findings: IntCounterVec,
    derived: IntCounterVec,
    condition_transitions: IntCounterVec,
    phase_transitions: IntCounterVec,
    in_flight: IntGauge,
    reading: IntGauge,
    handshake_failures: IntCounter,
    panics: IntCounter,
    reloads: IntCounterVec,
    certificate_not_after: IntGaugeVec,
    events: Events,
}

impl Metrics {
    /// A counter of the lines that the log lost, for [`Metrics::new`] and the log.
    ///
    /// # Errors
    ///
    /// Never: the name is a valid one.
    pub fn log_lines_lost() -> Result<IntCounter, Error> {
        IntCounter::with_opts(opts(
            "log_lines_lost_total",
            "Lines of the log that could not be written, or were not read in time.",
        ))
    }

    /// Registers everything, at zero, and the counter of the log.
    ///
    /// # Errors
    ///
    /// When two metrics have one name, which a test rules out.
    pub fn new(log_lines_lost: IntCounter) -> Result<Self, Error> {
        let registry = Registry::new();
        let metrics = Self {
            requests: Requests::new(&registry)?,
            ports: Ports::new(&registry)?,
            findings: counters(
                &registry,
                "findings_total",
                "Findings of reviews on /validate, by what was done about them after the mode's cap.",
                &["rule", "condition", "action"],
            )?,
            derived: counters(
                &registry,
                "conditions_derived_total",
                "Conditions that /mutate added, restored, renewed or removed, or would have under --completion audit.",
                &["condition", "status", "reason", "change"],
            )?,
            condition_transitions: counters(
                &registry,
                "condition_transitions_total",
                "Conditions whose status changed in a write that /validate allowed, without dry runs.",
                &["condition", "status", "reason"],
            )?,
            phase_transitions: counters(
                &registry,
                "phase_transitions_total",
                "Phases that changed in a write that /validate allowed, without dry runs.",
                &["from", "to"],
            )?,
            in_flight: registered(
                &registry,
                IntGauge::with_opts(opts(
                    "in_flight_requests",
                    "Reviews that are being judged, or whose answer is not written yet.",
                ))?,
            )?,
            reading: registered(
                &registry,
                IntGauge::with_opts(opts(
                    "reading_requests",
                    "Requests whose body is being read.",
                ))?,
            )?,
            handshake_failures: registered(
                &registry,
                IntCounter::with_opts(opts(
                    "tls_handshake_failures_total",
                    "TLS handshakes that failed or took too long.",
                ))?,
            )?,
            panics: registered(
                &registry,
                IntCounter::with_opts(opts(
                    "panics_total",
                    "Requests that ended in a fault of the program.",
                ))?,
            )?,
            reloads: counters(
                &registry,
                "tls_reloads_total",
                "Changed certificate files, by whether what they hold is used now (success) or not (failure).",
                &["result"],
            )?,
            certificate_not_after: registered(
                &registry,
                IntGaugeVec::new(
                    opts(
                        "tls_certificate_not_after_seconds",
                        "When a certificate expires, in seconds since 1970.",
                    ),
                    &["certificate"],
                )?,
            )?,
            events: Events::new(&registry)?,
            registry,
        };
        metrics.registry.register(Box::new(log_lines_lost))?;
        let build_info = opts("build_info", "The version that runs; always 1.")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        registered(&metrics.registry, IntGauge::with_opts(build_info)?)?.set(1);
        for result in [SUCCESS, FAILURE] {
            metrics.reloads.with_label_values(&[result]);
        }
        metrics
            .registry
            .register(Box::new(ProcessCollector::for_self()))?;
        Ok(metrics)
    }

    /// Counts a request whose body is being read as long as the returned value lives.
    #[must_use]
    pub fn reading(&self) -> Open {
        Open::new(&self.reading)
    }

    /// Counts a review that was answered `latency` after its head was read.
    pub fn answered(&self, judgement: &Judgement<'_>, latency: Duration) {
        let Judgement {
            webhook, review, ..
        } = *judgement;
        self.requests
            .answered(webhook, judgement.outcome, review.dry_run, latency);
        let Some(subject) = &judgement.subject else {
            return;
        };
        let vocabulary = subject.vocabulary;
        self.count_findings(vocabulary, &judgement.findings);
        // What a stale round of /mutate derives is never stored: the API server repeats it on the newer object.
        let derived = judgement.changes.iter().filter(|_| !review.is_stale());
        for change in derived {
            let Written {
                condition_type,
                status,
                reason,
                ..
            } = *change.condition();
            self.derived
                .with_label_values(&[
                    labels::condition_type(vocabulary, condition_type),
                    status.name(),
                    labels::reason(vocabulary, condition_type, status, reason),
                    change.name(),
                ])
                .inc();
        }
        for condition in &judgement.condition_transitions {
            let condition_type = &condition.condition_type;
            self.condition_transitions
                .with_label_values(&[
                    labels::condition_type(vocabulary, condition_type),
                    condition.status.name(),
                    labels::reason(
                        vocabulary,
                        condition_type,
                        condition.status,
                        &condition.reason,
                    ),
                ])
                .inc();
        }
        if let Some(PhaseTransition { from, to }) = judgement.phase_transition {
            self.phase_transitions
                .with_label_values(&[labels::phase(from), labels::phase(to)])
                .inc();
        }
    }

    fn count_findings(&self, vocabulary: &Vocabulary, findings: &[JudgedFinding<'_>]) {
        // A counter is looked up once for each kind of finding, as a hostile review has thousands of a few kinds.
        let mut counts: Vec<([&str; 3], u64)> = Vec::new();
        for JudgedFinding { finding, verdict } in findings {
            let labels = [
                finding.rule().id(),
                labels::condition(vocabulary, finding),
                verdict.name(),
            ];
            match counts.iter_mut().find(|(known, _)| *known == labels) {
                Some((_, count)) => *count += 1,
                None => counts.push((labels, 1)),
            }
        }
        for (labels, count) in counts {
            self.findings.with_label_values(&labels).inc_by(count);
        }
    }

    /// Counts a request that got no review.
    pub fn refused(&self, webhook: Webhook, why: Refused) {
        self.requests.refused(webhook, why);
    }

    /// What is counted of a port's connections.
    #[must_use]
    pub fn port(&self, name: PortName) -> Arc<PortMetrics> {
        Arc::clone(self.ports.of(name))
    }

    /// Counts a fault of the program.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Counts a failed TLS handshake.
    pub fn handshake_failed(&self) {
        self.handshake_failures.inc();
    }

    /// Counts a change of certificate files, and whether their new content was taken.
    pub fn reloaded(&self, taken: bool) {
        let result = if taken { SUCCESS } else { FAILURE };
        self.reloads.with_label_values(&[result]).inc();
    }

    /// Counts what became of a rule that was to be told by an Event.
    pub fn event(&self, result: EventResult) {
        self.events.count(result);
    }

    /// Sets when a certificate expires, in seconds since 1970.
    pub fn expires(&self, certificate: Certificate, not_after: i64) {
        self.certificate_not_after
            .with_label_values(&[certificate.name()])
            .set(not_after);
    }

    /// Everything in Prometheus' text format, with the number of requests that are in flight now.
    ///
    /// # Errors
    ///
    /// When a collector breaks the format's rules.
    pub fn encode(&self, in_flight: usize) -> Result<String, Error> {
        self.in_flight
            .set(i64::try_from(in_flight).unwrap_or(i64::MAX));
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(NAMESPACE)
}

fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, Error> {
    registered(registry, IntCounterVec::new(opts(name, help), labels)?)
}

fn registered<C>(registry: &Registry, collector: C) -> Result<C, Error>
where
    C: prometheus::core::Collector + Clone + 'static,
{
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
