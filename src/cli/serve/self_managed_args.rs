use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::values;
use crate::cluster::{Lifetimes, SelfManagedSettings};

/// Flags of certificates that the webhook issues itself.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "TLS without cert-manager, in a cluster")]
pub struct SelfManagedArgs {
    /// Issue certificates by a CA in a Secret, which all replicas share, and keep every caBundle up to date
    #[arg(
        long,
        env = "WFE_WEBHOOK_SELF_MANAGED_TLS",
        value_parser = BoolishValueParser::new(),
        requires = "service",
        requires = "secret",
        requires = "webhook_configurations",
        conflicts_with_all = ["tls_cert", "certs_dir", "tls_names"]
    )]
    pub self_managed_tls: bool,
    /// Service by which API servers call the webhook
    #[arg(long, env = "WFE_WEBHOOK_SERVICE", value_name = "NAMESPACE/NAME", value_parser = values::service)]
    pub service: Option<(String, String)>,
    /// Secret for the CA, in the Service's namespace; it is created if it does not exist
    #[arg(long, env = "WFE_WEBHOOK_SECRET", value_name = "NAME", value_parser = values::object_name)]
    pub secret: Option<String>,
    /// Webhook configuration whose caBundle is managed: the mutating one, the validating one, or both of that name;
    /// repeatable
    #[arg(
        long = "webhook-configuration",
        env = "WFE_WEBHOOK_WEBHOOK_CONFIGURATION",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = values::object_name
    )]
    pub webhook_configurations: Vec<String>,
    /// How long a CA lives; it is replaced when a third is left
    #[arg(long, env = "WFE_WEBHOOK_CA_LIFETIME", value_name = "DURATION", value_parser = values::timeout,
        default_value = "8760h")]
    pub ca_lifetime: Duration,
    /// How long a serving certificate lives; it is replaced when a third is left
    #[arg(long, env = "WFE_WEBHOOK_LEAF_LIFETIME", value_name = "DURATION", value_parser = values::timeout,
        default_value = "24h")]
    pub leaf_lifetime: Duration,
    /// How often Secret and configurations are checked
    #[arg(long, env = "WFE_WEBHOOK_SYNC_INTERVAL", value_name = "DURATION", value_parser = values::timeout,
        default_value = "10s")]
    pub sync_interval: Duration,
    /// How long a new CA is in every caBundle before it is used
    #[arg(long, env = "WFE_WEBHOOK_TRUST_DELAY", value_name = "DURATION", value_parser = values::timeout,
        default_value = "10s")]
    pub trust_delay: Duration,
    /// How long the first certificate may take; after that the program exits
    #[arg(long, env = "WFE_WEBHOOK_STARTUP_TIMEOUT", value_name = "DURATION", value_parser = values::timeout,
        default_value = "5m")]
    pub startup_timeout: Duration,
}

impl SelfManagedArgs {
    /// What the flags describe, if this mode is chosen.
    ///
    /// # Errors
    ///
    /// When the lifetimes do not fit each other.
    pub fn settings(self) -> anyhow::Result<Option<SelfManagedSettings>> {
        if !self.self_managed_tls {
            return Ok(None);
        }
        let (Some((namespace, service)), Some(secret)) = (self.service, self.secret) else {
            anyhow::bail!(
                "--self-managed-tls requires --service NAMESPACE/NAME, --secret NAME and --webhook-configuration NAME"
            );
        };
        let lifetimes = Lifetimes {
            authority: self.ca_lifetime,
            leaf: self.leaf_lifetime,
            sync_interval: self.sync_interval,
            trust_delay: self.trust_delay,
        };
        lifetimes.check().map_err(anyhow::Error::msg)?;
        Ok(Some(SelfManagedSettings {
            namespace,
            service,
            secret,
            configurations: self.webhook_configurations,
            lifetimes,
            startup_timeout: self.startup_timeout,
        }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::SelfManagedArgs;
    use crate::cli::serve::TlsArgs;

    #[derive(Debug, Parser)]
    struct SelfManagedCli {
        #[command(flatten)]
        _tls: TlsArgs,
        #[command(flatten)]
        args: SelfManagedArgs,
    }

    const CHOSEN: [&str; 5] = [
        "program",
        "--self-managed-tls",
        "--service=hooks/hook",
        "--secret=hook-ca",
        "--webhook-configuration=hook",
    ];

    #[test]
    fn the_defaults_fit_each_other() {
        let program = SelfManagedCli::parse_from(CHOSEN);
        let settings = program.args.settings().unwrap().unwrap();
        assert_eq!(settings.server_name(), "hook.hooks.svc");
        assert_eq!(settings.configurations, ["hook"]);
    }

    #[rstest]
    #[case::short_leaf("--leaf-lifetime=119s", "--leaf-lifetime")]
    #[case::short_authority("--ca-lifetime=71h", "--ca-lifetime")]
    #[case::rare_looks("--sync-interval=4h", "--sync-interval")]
    fn lifetimes_in_which_trust_might_come_late_are_refused(
        #[case] flag: &str,
        #[case] expected: &str,
    ) {
        let program = SelfManagedCli::parse_from(CHOSEN.into_iter().chain([flag]));
        let error = program.args.settings().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[rstest]
    #[case::service("--service=")]
    #[case::secret("--secret=")]
    #[case::configuration("--webhook-configuration=")]
    fn all_three_names_are_required(#[case] missing: &str) {
        let arguments = CHOSEN.into_iter().filter(|one| !one.starts_with(missing));
        let error = SelfManagedCli::try_parse_from(arguments).unwrap_err();
        assert_eq!(
            error.kind(),
            clap::error::ErrorKind::MissingRequiredArgument
        );
    }

    #[rstest]
    #[case("--service=hook")]
    #[case("--service=hooks/hook:443")]
    #[case("--service=Hooks/hook")]
    #[case("--secret=Not_A_Name")]
    fn names_that_no_object_can_have_are_refused(#[case] flag: &str) {
        let error = SelfManagedCli::try_parse_from(["program", flag]).unwrap_err();
        assert_eq!(error.kind(), clap::error::ErrorKind::ValueValidation);
    }
}
