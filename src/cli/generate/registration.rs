//! `wfe-webhook generate registration`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{output, usage_error};
use crate::policy::VocabularyChoice;
use crate::registration::{CaBundle, FailurePolicy, MatchConditions, Registration, WebhookAddress};

/// Arguments of `generate registration`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("endpoint").required(true)))]
pub struct RegistrationArgs {
    /// Where the API server reaches the webhook; /mutate and /validate are appended
    #[arg(long, group = "endpoint", value_name = "URL", value_parser = WebhookAddress::from_url)]
    pub url: Option<WebhookAddress>,
    /// The Service that leads to the webhook [default port: 443]
    #[arg(
        long,
        group = "endpoint",
        value_name = "NAMESPACE/NAME[:PORT]",
        value_parser = WebhookAddress::from_service
    )]
    pub service: Option<WebhookAddress>,
    /// PEM file with the CA certificates to trust; without it caBundle is left out, for something to inject it
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// What happens to a write when /validate cannot be reached (for /mutate always Ignore)
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub failure_policy: FailurePolicy,
    /// Seconds that the API server waits for /mutate, 1 to 30
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = Registration::MUTATE_TIMEOUT,
        value_parser = clap::value_parser!(i32).range(1..=30)
    )]
    pub mutate_timeout: i32,
    /// Seconds that the API server waits for /validate, 1 to 30
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = Registration::VALIDATE_TIMEOUT,
        value_parser = clap::value_parser!(i32).range(1..=30)
    )]
    pub validate_timeout: i32,
    /// Whether the API server leaves out calls that would change, refuse and warn of nothing
    #[arg(long, value_enum, default_value_t)]
    pub match_conditions: MatchConditions,
    /// The server's --vocabulary, by which it is decided what /mutate has to add
    #[arg(long, value_enum, default_value_t)]
    pub vocabulary: VocabularyChoice,
}

/// Prints both configurations.
pub(super) fn run(args: &RegistrationArgs) -> anyhow::Result<ExitCode> {
    let Some(address) = args.url.as_ref().or(args.service.as_ref()) else {
        return Ok(usage_error("one of --url and --service is required"));
    };
    let ca = match args.ca.as_ref().map(read_ca).transpose() {
        Ok(ca) => ca,
        Err(error) => return Ok(usage_error(&format!("{error:#}"))),
    };
    let registration = Registration {
        address: address.clone(),
        ca,
        failure_policy: args.failure_policy,
        mutate_timeout: args.mutate_timeout,
        validate_timeout: args.validate_timeout,
        match_conditions: args.match_conditions,
        vocabulary: args.vocabulary,
    };
    output::print(&registration.to_yaml()?)?;
    Ok(ExitCode::SUCCESS)
}

fn read_ca(file: &PathBuf) -> anyhow::Result<CaBundle> {
    use anyhow::Context as _;

    let at = || format!("--ca {}", file.display());
    let pem = std::fs::read(file).with_context(at)?;
    CaBundle::new(pem).with_context(at)
}
