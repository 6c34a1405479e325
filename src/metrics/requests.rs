//! The counters that every request moves, resolved once: no label is looked up while a request is answered.

use std::time::Duration;

use prometheus::{
    Error, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Registry,
};

use super::{NAMESPACE, counters, registered};
use crate::admission::{Outcome, Webhook};

/// Why a request got no review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The request is at fault.
    Invalid,
    /// Too many requests at the same time.
    Shed,
    /// The body was late, or the caller's time was over.
    Timeout,
    /// The program is at fault.
    Error,
}

impl Refused {
    const ALL: [Self; 4] = [Self::Invalid, Self::Shed, Self::Timeout, Self::Error];

    const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Shed => "shed",
            Self::Timeout => "timeout",
            Self::Error => "error",
        }
    }
}

/// Of a request that got no review it is not known whether it was a dry run.
const DRY_RUN_UNKNOWN: &str = "unknown";

/// From 25 µs to 1 s. An API server's own smallest bucket, 5 ms, is in the middle; alerts ask for 50 ms.
const BUCKETS: [f64; 14] = [
    0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
    0.5, 1.0,
];

#[derive(Debug)]
struct OfWebhook {
    /// By outcome, then by dry run (no, yes).
    answered: [[IntCounter; 2]; Outcome::ALL.len()],
    refused: [IntCounter; Refused::ALL.len()],
    duration: Histogram,
}

/// `admission_requests_total` and `admission_duration_seconds`.
#[derive(Debug)]
pub(super) struct Requests {
    mutate: OfWebhook,
    validate: OfWebhook,
}

impl Requests {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let total = counters(
            registry,
            "admission_requests_total",
            "Requests to the webhooks, by outcome; requests that got no review have dry_run \"unknown\".",
            &["webhook", "outcome", "dry_run"],
        )?;
        let duration = HistogramOpts::new(
            "admission_duration_seconds",
            "From the end of a request's head to its answer, for requests that got a review.",
        )
        .namespace(NAMESPACE)
        .buckets(BUCKETS.to_vec());
        let duration = registered(registry, HistogramVec::new(duration, &["webhook"])?)?;
        Ok(Self {
            mutate: OfWebhook::new(Webhook::Mutate, &total, &duration),
            validate: OfWebhook::new(Webhook::Validate, &total, &duration),
        })
    }

    fn of(&self, webhook: Webhook) -> &OfWebhook {
        match webhook {
            Webhook::Mutate => &self.mutate,
            Webhook::Validate => &self.validate,
        }
    }

    pub(super) fn answered(
        &self,
        webhook: Webhook,
        outcome: Outcome,
        dry_run: bool,
        latency: Duration,
    ) {
        let of_webhook = self.of(webhook);
        of_webhook.duration.observe(latency.as_secs_f64());
        for (known, by_dry_run) in Outcome::ALL.iter().zip(&of_webhook.answered) {
            if *known == outcome {
                by_dry_run[usize::from(dry_run)].inc();
            }
        }
    }

    pub(super) fn refused(&self, webhook: Webhook, why: Refused) {
        for (known, counter) in Refused::ALL.iter().zip(&self.of(webhook).refused) {
            if *known == why {
                counter.inc();
            }
        }
    }
}

impl OfWebhook {
    fn new(webhook: Webhook, total: &IntCounterVec, duration: &HistogramVec) -> Self {
        let webhook = webhook.name();
        Self {
            answered: Outcome::ALL.map(|outcome| {
                ["false", "true"]
                    .map(|dry_run| total.with_label_values(&[webhook, outcome.name(), dry_run]))
            }),
            refused: Refused::ALL
                .map(|why| total.with_label_values(&[webhook, why.name(), DRY_RUN_UNKNOWN])),
            duration: duration.with_label_values(&[webhook]),
        }
    }
}
