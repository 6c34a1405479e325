//! `wfe-webhook check`.

mod cluster;
mod format;
mod github;
mod input;
mod json;
mod junit;
mod policy_report;
mod report;
mod sarif;
mod session;
mod source;
mod streamed;
mod summary;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::check::{self, Document, StoredObjects};
use crate::cli::{PolicyArgs, output, usage_error};
use crate::text::printable;
pub use cluster::ClusterArgs;
pub use format::OutputFormat;
use input::{is_stdin, name};
use session::Session;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct CheckArgs {
    /// YAML or JSON with `WorkflowExecution` objects (several documents, lists) or an AdmissionReview; a folder with such
    /// files; - is standard input
    #[arg(required_unless_present = "cluster", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// File with the stored objects, identified by namespace and name
    #[arg(long, value_name = "FILE", conflicts_with = "stored")]
    pub old: Option<PathBuf>,
    /// Take each document for the stored object as well: a write of what is stored already
    #[arg(long)]
    pub stored: bool,
    /// Print the completed documents, and the findings to standard error
    #[arg(long)]
    pub fix: bool,
    /// Form of the report
    #[arg(long, short, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: OutputFormat,
    /// What of a cluster is judged.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// What verdicts are made by.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

const EXIT_CODES: &str = "\
Without --old and --stored an object is judged as the first write of its status.
Paths in findings count the conditions after completion, as --fix prints them.
With --cluster a stored fault counts as on the write that makes it; a write that keeps it is not refused.

Exit codes: 0 nothing found; 1 something that is denied or warned; 2 wrong usage or unusable input.";

/// Documents from JSON are taken apart without recursion. Those from YAML are not, but their depth is limited; this is
/// more than what that depth needs, and costs nothing until it is used.
const STACK: usize = 256 << 20;

/// Judges documents.
///
/// # Errors
///
/// When the output cannot be written.
pub fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    std::thread::scope(|scope| {
        let work = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || check(args))?;
        match work.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    if args.cluster.cluster {
        return check_cluster(args);
    }
    if args.output == OutputFormat::PolicyReport {
        return Ok(usage_error(
            "--output policyreport needs --cluster: a report belongs to an object of a cluster",
        ));
    }
    if args
        .files
        .iter()
        .chain(&args.old)
        .filter(|file| is_stdin(file))
        .count()
        > 1
    {
        return Ok(usage_error("standard input (-) can be read once only"));
    }
    let stored = match args.old.as_deref().map(read_stored).transpose() {
        Ok(stored) => stored,
        Err(error) => return Ok(usage_error(&printable(&format!("{error:#}")))),
    };
    let mut session = Session::new(args, stored);
    for path in &args.files {
        session.path(path)?;
    }
    session.finish()
}

fn check_cluster(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let policy = args.policy.policy();
    let report = cluster::report(&args.cluster, &policy, Timestamp::now());
    match runtime.block_on(report) {
        Ok(report) => {
            let colored = output::is_colored(output::Stream::Output);
            output::print(&args.output.print(&report, colored))?;
            Ok(report.conclude())
        }
        Err(error) => Ok(usage_error(&printable(&error.to_string()))),
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<Document>> {
    let bytes = input::read(file)?;
    check::read(&bytes).map_err(|error| anyhow::anyhow!("{} {error}", name(file)))
}

fn read_stored(file: &Path) -> anyhow::Result<StoredObjects> {
    let documents = read(file).context("--old")?;
    StoredObjects::of(&documents).map_err(|error| anyhow::anyhow!("--old: {} {error}", name(file)))
}
