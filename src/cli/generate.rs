//! `wfe-webhook generate`: what an installation and a terminal need, made from the program's own tables.

mod completions;
mod man;
mod policies;
mod registration;

use std::process::ExitCode;

pub use completions::CompletionsArgs;
pub use man::ManArgs;
pub use policies::PoliciesArgs;
pub use registration::RegistrationArgs;

/// What can be generated.
#[derive(Debug, clap::Subcommand)]
pub enum GenerateCommand {
    /// Print both webhook configurations as YAML, for `kubectl apply -f -`
    Registration(RegistrationArgs),
    /// Print the completion of commands and flags for a shell
    Completions(CompletionsArgs),
    /// Print the manual page of the program or of a command, for `man -l -`
    Man(ManArgs),
    /// Print the rules as policies in CEL with their bindings, for API servers without a webhook
    Policies(PoliciesArgs),
}

/// Prints what was asked for.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn run(command: &GenerateCommand) -> anyhow::Result<ExitCode> {
    match command {
        GenerateCommand::Registration(args) => registration::run(args),
        GenerateCommand::Completions(args) => completions::run(args),
        GenerateCommand::Man(args) => man::run(args),
        GenerateCommand::Policies(args) => policies::run(args),
    }
}
