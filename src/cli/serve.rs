//! `wfe-webhook serve`.

use std::process::ExitCode;

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {}

/// Serves until a signal ends it.
///
/// # Errors
///
/// When the server cannot start.
pub fn run(_args: ServeArgs) -> anyhow::Result<ExitCode> {
    anyhow::bail!("under construction")
}
