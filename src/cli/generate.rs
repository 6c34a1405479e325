//! `wfe-webhook generate`: what an installation needs, made from the program's own tables.

mod registration;

use std::process::ExitCode;

pub use registration::RegistrationArgs;

/// What can be generated.
#[derive(Debug, clap::Subcommand)]
pub enum GenerateCommand {
    /// Print both webhook configurations as YAML, for `kubectl apply -f -`
    Registration(RegistrationArgs),
}

/// Prints what was asked for.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn run(command: &GenerateCommand) -> anyhow::Result<ExitCode> {
    match command {
        GenerateCommand::Registration(args) => registration::run(args),
    }
}
