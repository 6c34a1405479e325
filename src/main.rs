//! The `wfe-webhook` program: parses the command line and runs one command.

use std::process::ExitCode;

use clap::Parser;
use wfe_webhook::cli::{self, Cli};

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(cli::EXIT_FAILURE)
        }
    }
}
