//! `wfe-webhook generate policies`.

use std::process::ExitCode;

use crate::cli::{PolicyArgs, output};
use crate::policies::{self, Policies};
use crate::registration::FailurePolicy;

/// Arguments of `generate policies`.
#[derive(Debug, clap::Args)]
pub struct PoliciesArgs {
    /// What happens to a write where validating expressions fail, as by their cost
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub failure_policy: FailurePolicy,
    /// Leave out the policy that completes, whose kind Kubernetes has since 1.36
    #[arg(long)]
    pub validating_only: bool,
    /// Print instead what the policies hold of each rule, and what they leave to the webhook
    #[arg(long)]
    pub report: bool,
    /// What decides verdicts, as for `serve`.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// Prints the policies and their bindings, or the report.
pub(super) fn run(args: &PoliciesArgs) -> anyhow::Result<ExitCode> {
    if args.report {
        output::print(&policies::report())?;
    } else {
        let policies = Policies {
            policy: args.policy.policy(),
            failure_policy: args.failure_policy,
            validating_only: args.validating_only,
        };
        output::print(&policies.to_yaml()?)?;
    }
    Ok(ExitCode::SUCCESS)
}
