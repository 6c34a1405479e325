//! `wfe-webhook generate man`.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::cli::{Cli, output, usage_error, version};
use crate::text::printable;

/// Arguments of `generate man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Words of the command to describe; without one, the program
    #[arg(value_name = "COMMAND")]
    pub words: Vec<String>,
}

/// Prints a page.
pub(super) fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    for word in &args.words {
        let Some(inner) = command.find_subcommand(word) else {
            let (name, word) = (command.get_bin_name(), printable(word));
            let name = name.unwrap_or(command.get_name());
            return Ok(usage_error(&format!(
                "{name} has no command \"{word}\"; `{name} --help` lists them"
            )));
        };
        command = inner.clone();
    }
    output::print(&page(command)?)?;
    Ok(ExitCode::SUCCESS)
}

fn page(command: clap::Command) -> anyhow::Result<String> {
    let date = version::CREATED.and_then(|it| it.get(..10));
    let source = concat!("wfe-webhook ", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    Man::new(command)
        .date(date.unwrap_or("1970-01-01"))
        .source(source)
        .manual("wfe-webhook")
        .render(&mut page)?;
    // Two breaks in a row are a paragraph, which has a request of its own.
    Ok(String::from_utf8(page)?.replace("\n.br\n\n.br\n", "\n.sp\n"))
}
