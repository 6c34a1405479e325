//! `wfe-webhook check`.

mod report;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::check::{
    self, CheckedWrite, Document, DocumentItem, ItemContent, ReviewFrame, StoredObjects,
};
use crate::cli::{EXIT_FAILURE, EXIT_USAGE, PolicyArgs, output, usage_error};
use crate::policy::Policy;
use crate::text::printable;
use report::{Against, CheckReport, InputPlace};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct CheckArgs {
    /// YAML or JSON with `WorkflowExecution` objects (several documents, lists) or an AdmissionReview; - is standard input
    #[arg(required = true, value_name = "FILE")]
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
    /// What verdicts are made by.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

const EXIT_CODES: &str = "\
Without --old and --stored an object is judged as the first write of its status.
Paths in findings count the conditions after completion, as --fix prints them.

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
        fixed: String::new(),
    };
    for file in &args.files {
        match read(file) {
            Ok(documents) => session.file(&name(file), &documents)?,
            Err(error) => session.report.unusable(&format!("{error:#}")),
        }
    }
    session.finish()
}

/// One run over all files.
struct Session<'a> {
    args: &'a CheckArgs,
    policy: Policy,
    now: Timestamp,
    stored: Option<StoredObjects>,
    report: CheckReport,
    fixed: String,
}

impl Session<'_> {
    fn file(&mut self, file: &str, documents: &[Document]) -> anyhow::Result<()> {
        for (number, document) in (1..).zip(documents) {
            let place = InputPlace {
                file: file.to_owned(),
                document: (documents.len() > 1).then_some(number),
                item: None,
            };
            let mut changes = Vec::new();
            for item in document.items() {
                match item {
                    Ok(item) => changes.extend(self.item(&place, document, &item)),
                    Err((item, problem)) => {
                        let place = InputPlace {
                            item,
                            ..place.clone()
                        };
                        self.report.unusable(&format!("{place} {problem}"));
                    }
                }
            }
            if self.args.fix {
                let printed = document.print(changes);
                let printed = printed.map_err(|error| anyhow::anyhow!("{place}: {error}"))?;
                if document.format == check::Format::Yaml || self.fixed.starts_with("---") {
                    self.fixed += "---\n";
                }
                self.fixed += &printed;
            }
        }
        Ok(())
    }

    /// Judges one item, and gives the object to put in its place.
    fn item(
        &mut self,
        place: &InputPlace,
        document: &Document,
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
                self.report.write(&place, &label, against, &checked);
                let CheckedWrite { completed, .. } = checked;
                completed.map(|object| (item.range.clone(), object))
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
        let text = self.report.text();
        if self.args.fix {
            output::print(&self.fixed)?;
            output::complain(&text);
        } else {
            output::print(&text)?;
        }
        for problem in self.report.problems() {
            output::complain(&format!("error: {problem}\n"));
        }
        Ok(match (self.report.problems(), self.report.found()) {
            ([_, ..], _) => ExitCode::from(EXIT_USAGE),
            ([], true) => ExitCode::from(EXIT_FAILURE),
            ([], false) => ExitCode::SUCCESS,
        })
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn name(file: &Path) -> String {
    if is_stdin(file) {
        return "stdin".to_owned();
    }
    printable(&file.to_string_lossy()).into_owned()
}

fn read(file: &Path) -> anyhow::Result<Vec<Document>> {
    let mut bytes = Vec::new();
    let read = if is_stdin(file) {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{} cannot be read", name(file)))?;
    check::read(&bytes).map_err(|error| anyhow::anyhow!("{} {error}", name(file)))
}

fn read_stored(file: &Path) -> anyhow::Result<StoredObjects> {
    let documents = read(file).context("--old")?;
    StoredObjects::of(&documents).map_err(|error| anyhow::anyhow!("--old: {} {error}", name(file)))
}
