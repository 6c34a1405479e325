//! The command line: one module for each command, each with its own arguments.

pub mod check;
pub mod doctor;
pub mod explain;
pub mod generate;
mod output;
mod policy_args;
pub mod serve;
mod version;

pub use policy_args::PolicyArgs;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Completes and guards the conditions of kubernaut's `WorkflowExecution`.
#[derive(Debug, Parser)]
#[command(name = "wfe-webhook", version, long_version = version::long(), max_term_width = 100)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the mutating and the validating webhook over HTTPS
    Serve(Box<serve::ServeArgs>),
    /// Judge documents, or what a cluster has stored, as the server would
    Check(check::CheckArgs),
    /// Look whether what is registered in a cluster and what is served fit
    Doctor(doctor::DoctorArgs),
    /// Explain a rule, a condition type or a reason: what it asks for, why, and how to fix or change it
    Explain(explain::ExplainArgs),
    /// Print what an installation or a terminal needs
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
}

/// Exit code of a command that found something wrong, or of a server that could not start.
pub const EXIT_FAILURE: u8 = 1;
/// Exit code of wrong usage or unusable input.
pub const EXIT_USAGE: u8 = 2;

/// Reports what is wrong with the usage or the input, and gives the exit code for it.
fn usage_error(problem: &str) -> ExitCode {
    eprintln!("error: {problem}");
    ExitCode::from(EXIT_USAGE)
}

/// Parses the program's own command line and environment; wrong usage ends the program with [`EXIT_USAGE`].
///
/// An environment variable that is set to nothing counts as not set, so that a manifest may keep it. Under the name
/// `kubectl-wfe` the program is a plugin, and calls itself as kubectl's users do.
#[must_use]
pub fn parse() -> Cli {
    let mut command = without_empty_variables(Cli::command());
    let program = std::env::args_os().next().map(PathBuf::from);
    if program.is_some_and(|path| path.file_stem().is_some_and(|name| name == PLUGIN)) {
        command = command.bin_name("kubectl wfe");
    }
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

/// The name by which kubectl finds the program for `kubectl wfe`.
const PLUGIN: &str = "kubectl-wfe";

fn without_empty_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            let empty = arg
                .get_env()
                .is_some_and(|name| std::env::var_os(name).is_some_and(|value| value.is_empty()));
            if empty {
                arg.env(clap::builder::Resettable::Reset)
            } else {
                arg
            }
        })
        .mut_subcommands(without_empty_variables)
}

/// Runs a parsed command line and gives the exit code.
///
/// # Errors
///
/// When the environment fails the command: a port in use, an unreadable file.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(args) => serve::run(*args),
        Command::Check(args) => check::run(&args),
        Command::Doctor(args) => doctor::run(args),
        Command::Explain(args) => explain::run(&args),
        Command::Generate(command) => generate::run(&command),
    }
}
