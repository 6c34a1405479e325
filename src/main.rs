//! The `wfe-webhook` program: parses the command line and runs one command.

use std::process::ExitCode;

use wfe_webhook::cli;

fn main() -> ExitCode {
    // An error would mean that a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::run(cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(cli::EXIT_FAILURE)
        }
    }
}
