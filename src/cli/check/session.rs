//! One run of `check` over files.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use super::CheckArgs;
use super::input::{self, Input, name};
use super::report::{Against, CheckReport, CheckedObject, InputPlace};
use super::source::Source;
use crate::check::{
    self, Document, DocumentItem, Format, ItemContent, ItemResult, ReviewFrame, Step,
    StoredObjects, SyntaxError, Unusable,
};
use crate::cli::output;
use crate::policy::Policy;

/// One run over all files.
pub(super) struct Session<'a> {
    args: &'a CheckArgs,
    policy: Policy,
    now: Timestamp,
    stored: Option<StoredObjects>,
    report: CheckReport,
    fixed: Vec<(Format, String)>,
}

impl<'a> Session<'a> {
    /// A run that has seen nothing yet.
    pub(super) fn new(args: &'a CheckArgs, stored: Option<StoredObjects>) -> Self {
        Self {
            policy: args.policy.policy(),
            now: Timestamp::now(),
            args,
            stored,
            report: CheckReport::default(),
            fixed: Vec::new(),
        }
    }

    /// Judges what is in a file, or in the files of a folder.
    pub(super) fn path(&mut self, path: &Path) -> anyhow::Result<()> {
        let before = self.seen();
        for input in input::inputs(path) {
            match input {
                Ok(input) => self.input(&input)?,
                Err(problem) => self.report.unusable(&problem),
            }
        }
        if self.seen() == before {
            let problem = format!("{} has nothing to check", name(path));
            self.report.unusable(&problem);
        }
        Ok(())
    }

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

    /// Prints the report, and gives the exit code.
    pub(super) fn finish(self) -> anyhow::Result<ExitCode> {
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

/// Whether something in a folder is another resource, or an empty list: it is ignored.
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
