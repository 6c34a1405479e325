//! The command line: one module for each command, each with its own arguments.

pub mod check;
pub mod generate;
mod output;
mod policy_args;
pub mod serve;

pub use policy_args::PolicyArgs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Completes and guards the conditions of kubernaut's `WorkflowExecution`.
#[derive(Debug, Parser)]
#[command(name = "wfe-webhook", version, max_term_width = 100)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the mutating and the validating webhook over HTTPS
    Serve(serve::ServeArgs),
    /// Judge documents as the server would, without a cluster
    Check(check::CheckArgs),
    /// Print what an installation needs
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
}

/// Exit code of a command that found something wrong, or of a server that could not start.
pub const EXIT_FAILURE: u8 = 1;
/// Exit code of wrong usage or unusable input.
pub const EXIT_USAGE: u8 = 2;

/// Says what is wrong with the usage or the input, and gives the exit code for it.
fn usage_error(problem: &str) -> ExitCode {
    eprintln!("error: {problem}");
    ExitCode::from(EXIT_USAGE)
}

/// Runs a parsed command line and gives the exit code.
///
/// # Errors
///
/// When the environment fails the command: a port in use, an unreadable file.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Check(args) => check::run(&args),
        Command::Generate(command) => generate::run(&command),
    }
}
