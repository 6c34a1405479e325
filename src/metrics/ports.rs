//! The connections of each port: how many there are, and why connections ended.

use std::sync::Arc;

use prometheus::{Error, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};

use super::{counters, opts, registered};

/// A port of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortName {
    /// `--listen`.
    Webhooks,
    /// `--admin-listen`.
    Admin,
}

impl PortName {
    const fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "webhooks",
            Self::Admin => "admin",
        }
    }
}

/// What ended a connection, other than its client between two requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A head was not complete in time.
    HeadTimeout,
    /// There was no request for too long.
    IdleTimeout,
    /// The client did not take its answer in time.
    WriteTimeout,
    /// A head was not HTTP/1.1, or beyond its limits.
    MalformedHead,
    /// The client left within a head, or before it had an answer.
    ClientClosed,
    /// There was no first request in time. Go's clients open such connections in advance.
    Unused,
    /// It was idle, and made room for a new connection.
    Evicted,
}

impl Ending {
    const ALL: [Self; 7] = [
        Self::HeadTimeout,
        Self::IdleTimeout,
        Self::WriteTimeout,
        Self::MalformedHead,
        Self::ClientClosed,
        Self::Unused,
        Self::Evicted,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::HeadTimeout => "head_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::WriteTimeout => "write_timeout",
            Self::MalformedHead => "malformed_head",
            Self::ClientClosed => "client_closed",
            Self::Unused => "unused",
            Self::Evicted => "evicted",
        }
    }
}

/// What is counted of one port.
#[derive(Debug)]
pub struct PortMetrics {
    open: IntGauge,
    max: IntGauge,
    accept_failures: IntCounter,
    endings: [IntCounter; Ending::ALL.len()],
}

impl PortMetrics {
    /// Sets how many connections may be open.
    pub fn limited_to(&self, connections: usize) {
        self.max.set(i64::try_from(connections).unwrap_or(i64::MAX));
    }

    /// Counts a connection that is open as long as the returned value lives.
    #[must_use]
    pub fn opened(&self) -> Open {
        Open::new(&self.open)
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> i64 {
        self.open.get()
    }

    /// Counts a connection that the system could not hand over.
    pub fn accept_failed(&self) {
        self.accept_failures.inc();
    }

    /// Counts a connection that ended otherwise than by its client between two requests.
    pub fn ended(&self, by: Ending) {
        for (known, counter) in Ending::ALL.iter().zip(&self.endings) {
            if *known == by {
                counter.inc();
            }
        }
    }
}

/// Something that is counted by a gauge as long as it is open.
#[derive(Debug)]
pub struct Open(IntGauge);

impl Open {
    pub(super) fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What is counted of both ports.
#[derive(Debug)]
pub(super) struct Ports {
    webhooks: Arc<PortMetrics>,
    admin: Arc<PortMetrics>,
}

impl Ports {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let open = gauges(registry, "open_connections", "Connections that are open.")?;
        let max = gauges(
            registry,
            "max_connections",
            "Connections that may be open; beyond them the one that has been idle longest is closed for each new one.",
        )?;
        let accept_failures = counters(
            registry,
            "accept_failures_total",
            "Connections that could not be accepted, most often because too few files may be open; each is tried again.",
            &["port"],
        )?;
        let endings = counters(
            registry,
            "connections_closed_total",
            "Connections that ended otherwise than by their client between two requests, without failed TLS handshakes.",
            &["port", "reason"],
        )?;
        let of = |port: PortName| of_port(port, &open, &max, &accept_failures, &endings);
        Ok(Self {
            webhooks: of(PortName::Webhooks),
            admin: of(PortName::Admin),
        })
    }

    pub(super) fn of(&self, port: PortName) -> &Arc<PortMetrics> {
        match port {
            PortName::Webhooks => &self.webhooks,
            PortName::Admin => &self.admin,
        }
    }
}

fn of_port(
    port: PortName,
    open: &IntGaugeVec,
    max: &IntGaugeVec,
    accept_failures: &IntCounterVec,
    endings: &IntCounterVec,
) -> Arc<PortMetrics> {
    let port = port.name();
    Arc::new(PortMetrics {
        open: open.with_label_values(&[port]),
        max: max.with_label_values(&[port]),
        accept_failures: accept_failures.with_label_values(&[port]),
        endings: Ending::ALL.map(|by| endings.with_label_values(&[port, by.name()])),
    })
}

fn gauges(registry: &Registry, name: &str, help: &str) -> Result<IntGaugeVec, Error> {
    registered(registry, IntGaugeVec::new(opts(name, help), &["port"])?)
}
