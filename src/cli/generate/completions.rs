//! `wfe-webhook generate completions`.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::aot::{Generator as _, Shell};

use crate::cli::{Cli, output};

/// Arguments of `generate completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Shell that reads them
    #[arg(value_enum)]
    pub shell: CompletedShell,
}

/// A shell that commands and flags can be completed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CompletedShell {
    /// `source <(wfe-webhook generate completions bash)`
    Bash,
    /// A file `_wfe-webhook` in a folder of `$fpath`
    Zsh,
    /// `wfe-webhook generate completions fish | source`
    Fish,
    /// `wfe-webhook generate completions powershell | Out-String | Invoke-Expression`
    #[value(name = "powershell")]
    PowerShell,
}

impl From<CompletedShell> for Shell {
    fn from(shell: CompletedShell) -> Self {
        match shell {
            CompletedShell::Bash => Self::Bash,
            CompletedShell::Zsh => Self::Zsh,
            CompletedShell::Fish => Self::Fish,
            CompletedShell::PowerShell => Self::PowerShell,
        }
    }
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    let mut command = Cli::command();
    command.set_bin_name("wfe-webhook");
    command.build();
    let mut script = Vec::new();
    Shell::from(args.shell).try_generate(&command, &mut script)?;
    let script = String::from_utf8(script)?;
    // clap_complete 4.6.11 spells a dash in the program's name in two ways, and bash then completes no flag of a command.
    output::print(&script.replace("wfe__subcmd__webhook", "wfe__webhook"))?;
    Ok(ExitCode::SUCCESS)
}
