//! `wfe-webhook generate`.

use std::process::ExitCode;

/// What can be generated.
#[derive(Debug, clap::Subcommand)]
pub enum GenerateCommand {}

/// Prints what was asked for.
///
/// # Errors
///
/// When an input cannot be read.
pub fn run(_command: &GenerateCommand) -> anyhow::Result<ExitCode> {
    anyhow::bail!("under construction")
}
