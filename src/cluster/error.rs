use std::time::Duration;

/// Why the webhook cannot manage its own certificates, for the moment or for good.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no way to reach an API server.
    #[error("cannot find the cluster's API server: {0}")]
    Config(#[source] Box<kube::config::InferConfigError>),
    /// The client could not be made.
    #[error("cannot make a client for the API server: {0}")]
    Client(#[source] Box<kube::Error>),
    /// The API server refused to let us.
    #[error(
        "cannot {verb} {object}: the API server says: {message}; the permissions that are needed are in deploy-self-managed/rbac.yaml"
    )]
    Forbidden {
        /// What was to be done.
        verb: &'static str,
        /// To what.
        object: String,
        /// The API server's own words, which name the permission.
        message: String,
    },
    /// A call failed.
    #[error("cannot {verb} {object}: {message}")]
    Call {
        /// What was to be done.
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
    /// A certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// A certificate of our own making was not taken.
    #[error("cannot serve a certificate: {0}")]
    Tls(#[from] rustls::Error),
    /// The clock is out of the range of certificates.
    #[error("the clock says {0} s since 1970, which no certificate can hold")]
    Clock(i64),
    /// The clock is not that of the API server, which takes and refuses certificates by its own.
    #[error(
        "the clock here is {} min {} the API server's: nothing is changed until they agree; set this machine's clock",
        .minutes.abs(), if *.minutes < 0 { "behind" } else { "ahead of" }
    )]
    Clocks {
        /// By how many minutes the clock here is ahead.
        minutes: i64,
    },
    /// The certificate would be refused by API servers.
    #[error("the new certificate is not served: by the caBundle it would be refused: {0}")]
    Untrusted(String),
    /// Another replica was faster; what it did is looked at next.
    #[error("{object} was changed by somebody else")]
    Raced {
        /// The object.
        object: String,
    },
    /// The start took too long.
    #[error("no certificate is served {timeout:?} after the start (--startup-timeout): {reason}")]
    Startup {
        /// The time that there was.
        timeout: Duration,
        /// What was in the way last.
        reason: String,
    },
}
