use std::time::Duration;

use crate::kubernetes::ConnectError;

/// Why the webhook cannot manage its own certificates, for the moment or for good.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no way to reach an API server.
    #[error("cannot find the cluster's API server: {0}")]
    Connect(#[from] ConnectError),
    /// The API server does not permit it.
    #[error(
        "cannot {verb} {object}: the API server refuses: {message}; the chart's Role and ClusterRole have the required permissions"
    )]
    Forbidden {
        /// What was tried.
        verb: &'static str,
        /// To what.
        object: String,
        /// The API server's message, which names the permission.
        message: String,
    },
    /// A call failed.
    #[error("cannot {verb} {object}: {message}")]
    Call {
        /// What was tried.
        verb: &'static str,
        /// To what.
        object: String,
        /// Why not.
        message: String,
    },
    /// No configuration is there.
    #[error(
        "there is no webhook configuration {0}; apply it, or name another with --webhook-configuration"
    )]
    NoConfiguration(String),
    /// The configurations call something else.
    #[error(
        "no webhook of {configurations} calls the Service {service}; compare clientConfig.service with --service"
    )]
    NotCalled {
        /// The names of the configurations.
        configurations: String,
        /// Namespace and name.
        service: String,
    },
    /// A certificate could not be created.
    #[error("cannot create a certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// The TLS library does not accept the certificate.
    #[error("cannot serve a certificate: {0}")]
    Tls(#[from] rustls::Error),
    /// The clock is out of the range of certificates.
    #[error("the clock is at {0} s since 1970, which is out of a certificate's range")]
    Clock(i64),
    /// The clock differs from that of the API server, which accepts and refuses certificates by its own.
    #[error(
        "the clock here is {} min {} the API server's: nothing is changed until they agree; set this machine's clock",
        .minutes.abs(), if *.minutes < 0 { "behind" } else { "ahead of" }
    )]
    Clocks {
        /// By how many minutes the clock here is ahead.
        minutes: i64,
    },
    /// The certificate would be refused by API servers.
    #[error(
        "the new certificate is not served: API servers that trust the caBundle would refuse it: {0}"
    )]
    Untrusted(String),
    /// Another replica was faster; its change is read next.
    #[error("{object} was changed by another client")]
    Raced {
        /// The object.
        object: String,
    },
    /// What was read is too old to decide by.
    #[error("the API server takes longer than --trust-delay to answer; nothing is changed")]
    Slow,
    /// The start took too long.
    #[error("no certificate is served {timeout:?} after the start (--startup-timeout): {reason}")]
    Startup {
        /// The time that there was.
        timeout: Duration,
        /// The last error.
        reason: String,
    },
}
