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
mod source;
mod streamed;
mod summary;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::check::{
    self, Document, DocumentItem, Format, ItemContent, ItemResult, ReviewFrame, Step,
    StoredObjects, SyntaxError, Unusable,
};
use crate::cli::{PolicyArgs, output, usage_error};
use crate::policy::Policy;
use crate::text::printable;
pub use cluster::ClusterArgs;
pub use format::OutputFormat;
use input::{Input, is_stdin, name};
use report::{Against, CheckReport, CheckedObject, InputPlace};
use source::Source;

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
    let mut session = Session {
        policy: args.policy.policy(),
        now: Timestamp::now(),
        args,
        stored,
        report: CheckReport::default(),
        fixed: Vec::new(),
    };
    for path in &args.files {
        let before = session.seen();
        for input in input::inputs(path) {
            match input {
                Ok(input) => session.input(&input)?,
                Err(problem) => session.report.unusable(&problem),
            }
        }
        if session.seen() == before {
            let problem = format!("{} has nothing to check", name(path));
            session.report.unusable(&problem);
        }
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

/// One run over all files.
struct Session<'a> {
    args: &'a CheckArgs,
    policy: Policy,
    now: Timestamp,
    stored: Option<StoredObjects>,
    report: CheckReport,
    fixed: Vec<(Format, String)>,
}

impl Session<'_> {
    /// How many objects and problems there are so far.
    fn seen(&self) -> usize {
        self.report.objects.len() + self.report.problems.len()
    }

    fn input(&mut self, input: &Input) -> anyhow::Result<()> {
        let file = name(&input.path);
        let bytes = match input::read(&input.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.report.unusable(&format!("{error:#}"));
                return Ok(());
            }
        };
        let documents = check::read(&bytes).and_then(|it| Ok((check::text(&bytes)?, it)));
        match documents {
            Ok((text, documents)) => self.file(input, &file, text, &documents)?,
            // A folder may have empty files.
            Err(SyntaxError::Empty) if input.is_of_folder => {}
            Err(error) => self.report.unusable(&format!("{file} {error}")),
        }
        Ok(())
    }

    fn file(
        &mut self,
        input: &Input,
        file: &str,
        text: &str,
        documents: &[Document],
    ) -> anyhow::Result<()> {
        let format = documents.first().map_or(Format::Yaml, |it| it.format);
        let source = Source::new(text, format);
        for (index, document) in documents.iter().enumerate() {
            let place = InputPlace {
                file: file.to_owned(),
                document: (documents.len() > 1).then_some(index + 1),
                item: None,
            };
            let mut changes = Vec::new();
            let items = document.items();
            // A document with nothing to check in it is not printed either.
            let is_foreign = items.iter().all(|item| is_of_others(input, item));
            for item in items {
                if is_of_others(input, &item) {
                    continue;
                }
                match item {
                    Ok(item) => {
                        changes.extend(self.item(&place, &source, (index, document), &item));
                    }
                    Err((item, problem)) => {
                        let place = InputPlace {
                            item,
                            ..place.clone()
                        };
                        self.report.unusable(&format!("{place} {problem}"));
                    }
                }
            }
            if self.args.fix && !is_foreign {
                let printed = document.print(changes);
                let printed = printed.map_err(|error| anyhow::anyhow!("{place}: {error}"))?;
                self.fixed.push((document.format, printed));
            }
        }
        Ok(())
    }

    /// Judges one item, and gives the object to put in its place.
    fn item(
        &mut self,
        place: &InputPlace,
        source: &Source<'_>,
        (index, document): (usize, &Document),
        item: &DocumentItem<'_>,
    ) -> Option<(std::ops::Range<usize>, String)> {
        let place = InputPlace {
            item: item.number,
            ..place.clone()
        };
        let (frame, against, label) = match &item.content {
            ItemContent::Review(text) => (
                ReviewFrame::as_sent(text, &item.range),
                Against::Review {
                    ignored: self.ignored_flag(),
                },
                "AdmissionReview".to_owned(),
            ),
            ItemContent::Object(object) => {
                let stored = self.stored.as_ref().map(|stored| stored.of_object(object));
                let (stored, against) = match stored {
                    Some(Some(stored)) => (Some(stored), Against::Old),
                    Some(None) => (None, Against::NotInOld),
                    None if self.args.stored => (Some(object.text), Against::Itself),
                    None => (None, Against::Nothing),
                };
                (
                    ReviewFrame::of_write(object, stored),
                    against,
                    object.label(),
                )
            }
        };
        let object = document.part(&item.range);
        match check::check(&frame, object, &self.policy, self.now) {
            Ok(checked) => {
                let at = document.place_of(index, item);
                let locate = |steps: &[Step]| Some(source.locate(&at, steps));
                let object = CheckedObject::of(place, label, against, &checked, locate);
                self.report.objects.push(object);
                let completed = checked.completed;
                completed.map(|object| (item.range.clone(), object.text))
            }
            Err(problem) => {
                self.report.unusable(&format!("{place} {problem}"));
                None
            }
        }
    }

    /// The flag that does not apply to a review.
    fn ignored_flag(&self) -> Option<&'static str> {
        match (&self.args.old, self.args.stored) {
            (Some(_), _) => Some("--old"),
            (None, true) => Some("--stored"),
            (None, false) => None,
        }
    }

    fn finish(self) -> anyhow::Result<ExitCode> {
        let printed = |stream| {
            let colored = output::is_colored(stream);
            self.args.output.print(&self.report, colored)
        };
        if self.args.fix {
            output::print(&joined(&self.fixed))?;
            output::complain(&printed(output::Stream::Error));
        } else {
            output::print(&printed(output::Stream::Output))?;
        }
        Ok(self.report.conclude())
    }
}

/// Whether something in a folder is for others, or a list of nothing: it is passed over.
fn is_of_others(input: &Input, item: &ItemResult<'_>) -> bool {
    input.is_of_folder
        && matches!(
            item,
            Err((
                _,
                Unusable::NoKind | Unusable::WrongKind { .. } | Unusable::EmptyList
            ))
        )
}

/// Documents as one file that can be read again: YAML needs a separator before each, JSON alone needs none.
fn joined(documents: &[(Format, String)]) -> String {
    let has_yaml = documents.iter().any(|(format, _)| *format == Format::Yaml);
    let separator = if has_yaml { "---\n" } else { "" };
    let documents = documents.iter();
    documents
        .flat_map(|(_, document)| [separator, document])
        .collect()
}

fn read(file: &Path) -> anyhow::Result<Vec<Document>> {
    let bytes = input::read(file)?;
    check::read(&bytes).map_err(|error| anyhow::anyhow!("{} {error}", name(file)))
}

fn read_stored(file: &Path) -> anyhow::Result<StoredObjects> {
    let documents = read(file).context("--old")?;
    StoredObjects::of(&documents).map_err(|error| anyhow::anyhow!("--old: {} {error}", name(file)))
}
