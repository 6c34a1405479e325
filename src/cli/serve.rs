//! `wfe-webhook serve`.

mod event_args;
mod limit_args;
mod log_writer;
mod logging;
mod runtime;
mod self_managed_args;
mod tls_args;
mod values;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use super::PolicyArgs;
use crate::admission;
use crate::metrics::Metrics;
use crate::server::Settings;
use crate::server::tls::CertificateSource;
use event_args::EventArgs;
use limit_args::LimitArgs;
use logging::LogArgs;
use self_managed_args::SelfManagedArgs;
use tls_args::TlsArgs;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each flag can also be given by its environment variable; the flag wins. A variable of a repeatable flag takes several \
values, separated by commas. A variable that is set to nothing counts as not set.

SIGTERM and SIGINT drain the server; a second one ends it at once.")]
pub struct ServeArgs {
    /// Where reviews are answered, by HTTPS; port 0 takes any free one
    #[arg(
        long,
        env = "WFE_WEBHOOK_LISTEN",
        value_name = "ADDR",
        value_parser = values::address,
        default_value = "[::]:8443"
    )]
    pub listen: SocketAddr,
    /// Where /livez, /readyz and /metrics are answered, by HTTP
    #[arg(
        long,
        env = "WFE_WEBHOOK_ADMIN_LISTEN",
        value_name = "ADDR",
        value_parser = values::address,
        default_value = "[::]:8080"
    )]
    pub admin_listen: SocketAddr,
    /// The serving certificate.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// Certificates of the webhook's own.
    #[command(flatten)]
    pub self_managed: SelfManagedArgs,
    /// What decides verdicts.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// What one client may cost.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// What is recorded as Events.
    #[command(flatten)]
    pub events: EventArgs,
    /// How long to serve on, not ready, after SIGTERM or SIGINT
    #[arg(long, env = "WFE_WEBHOOK_DRAIN_DELAY", value_name = "DURATION", default_value = "5s",
        value_parser = values::duration, help_heading = "Shutdown")]
    pub drain_delay: Duration,
    /// How long to wait for requests in flight after the delay
    #[arg(long, env = "WFE_WEBHOOK_DRAIN_TIMEOUT", value_name = "DURATION", default_value = "20s",
        value_parser = values::duration, help_heading = "Shutdown")]
    pub drain_timeout: Duration,
    /// What is logged, and how.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Serves until a signal ends it.
///
/// # Errors
///
/// When the server cannot start.
pub fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let reload_interval = args.tls.reload_interval;
    let clients = args.tls.clients();
    let certificate = match args.self_managed.settings()? {
        Some(settings) => CertificateSource::SelfManaged(settings),
        None => args.tls.source()?,
    };
    let log_lines_lost = Metrics::log_lines_lost()?;
    let settings = Settings {
        listen: args.listen,
        admin_listen: args.admin_listen,
        certificate,
        clients,
        reload_interval,
        policy: args.policy.policy(),
        judge: admission::judge,
        limits: args.limits.limits(),
        drain_delay: args.drain_delay,
        drain_timeout: args.drain_timeout,
        events: args.events.settings(),
        log_lines_lost: log_lines_lost.clone(),
    };
    // Held to the end: it writes what is still to be written.
    let _log = args.log.install(log_lines_lost)?;
    runtime::serve(settings)
}
