//! `wfe-webhook generate policies`.

use std::process::ExitCode;

use crate::cli::{PolicyArgs, output};
use crate::policies;
use crate::registration::FailurePolicy;

/// Arguments of `generate policies`.
#[derive(Debug, clap::Args)]
pub struct PoliciesArgs {
    /// What happens to a write whose expressions fail, as by their cost
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    pub failure_policy: FailurePolicy,
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
        output::print(&policies::to_yaml(
            &args.policy.policy(),
            args.failure_policy,
        )?)?;
    }
    Ok(ExitCode::SUCCESS)
}
