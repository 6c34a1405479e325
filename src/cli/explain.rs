//! `wfe-webhook explain`.

use std::process::ExitCode;

use super::{output, usage_error};
use crate::explain;
use crate::text::printable;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// Rule, condition type, reason or phase, also one that is not used any more; without it, the list of them
    #[arg(value_name = "RULE|TYPE|REASON")]
    pub name: Option<String>,
}

/// Prints an explanation, or the list.
///
/// # Errors
///
/// When the output cannot be written.
pub fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let Some(name) = &args.name else {
        output::print(&explain::list())?;
        return Ok(ExitCode::SUCCESS);
    };
    let explanations = explain::explanations(name);
    if explanations.is_empty() {
        return Ok(usage_error(&unknown(name)));
    }
    output::print(&explanations.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn unknown(name: &str) -> String {
    let suggestion = explain::nearest(name).map_or_else(
        || "; `wfe-webhook explain` lists them".to_owned(),
        |nearest| format!("; did you mean {nearest}?"),
    );
    format!(
        "no rule, condition type, reason or phase is called \"{}\"{suggestion}",
        printable(name)
    )
}
