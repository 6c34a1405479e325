//! What was found in all objects, for every form of output.

use std::fmt;

use super::source::{Located, Source};
use crate::admission::{Outcome, Verdict};
use crate::answer::Quoted;
use crate::check::{CheckedChange, CheckedWrite, ItemPlace, Step};
use crate::rules::Action;
use crate::text::printable;

/// What a misspelt field is called where a rule has its id.
pub(super) const UNKNOWN_FIELD: &str = "unknown-field";

/// Where something is in the input.
#[derive(Clone, Debug)]
pub(super) struct InputPlace {
    pub file: String,
    /// Counted from one, in a file with several.
    pub document: Option<usize>,
    /// Counted from one, in a list.
    pub item: Option<usize>,
}

impl fmt::Display for InputPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for (what, number) in [("document", self.document), ("item", self.item)] {
            if let Some(number) = number {
                write!(f, ", {what} {number}")?;
            }
        }
        Ok(())
    }
}

/// Which stored object a write was judged against.
#[derive(Clone, Copy, Debug)]
pub(super) enum Against {
    /// None was given.
    Nothing,
    /// The one in the file of `--old`.
    Old,
    /// The file of `--old` has none of that name.
    NotInOld,
    /// The object itself.
    Itself,
    /// The review has its own.
    Review {
        /// A flag that was given for nothing.
        ignored: Option<&'static str>,
    },
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str(
                "judged as a first write; --old FILE or --stored gives the stored object",
            ),
            Self::Old => f.write_str("judged against the stored object of --old"),
            Self::NotInOld => {
                f.write_str("judged as a first write; --old has no object of that name")
            }
            Self::Itself => f.write_str("judged as a write of what is stored already"),
            Self::Review { ignored: None } => f.write_str("judged as sent"),
            Self::Review {
                ignored: Some(flag),
            } => {
                write!(
                    f,
                    "judged as sent, with its own oldObject: {flag} does not apply"
                )
            }
        }
    }
}

/// What becomes of an object, from the strictest to the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conclusion {
    Denied,
    Warned,
    Allowed,
    Exempt,
}

impl Conclusion {
    pub(super) const ALL: [Self; 4] = [Self::Denied, Self::Warned, Self::Allowed, Self::Exempt];

    /// In words.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Warned => "allowed with warnings",
            Self::Allowed => "allowed",
            Self::Exempt => "exempt",
        }
    }

    /// In one word, for programs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Warned => "warned",
            other => other.text(),
        }
    }
}

/// How a form of output that knows only these names calls a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// The write is denied.
    Error,
    /// The writer is warned.
    Warning,
    /// Only audited, or inherited.
    Note,
}

/// A finding in one object.
#[derive(Clone, Debug)]
pub(super) struct ReportedFinding {
    /// The rule's id, or [`UNKNOWN_FIELD`].
    pub rule: &'static str,
    pub verdict: Verdict,
    /// For example `status.conditions[2].reason`.
    pub path: String,
    /// What was seen, and why it is wrong.
    pub cause: String,
    /// What is allowed.
    pub fix: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// All of that in one line.
    pub message: String,
    /// Where it is in the file.
    pub at: Option<Located>,
}

impl ReportedFinding {
    pub(super) fn level(&self) -> Level {
        match self.verdict {
            Verdict::Acted(Action::Deny) => Level::Error,
            Verdict::Acted(Action::Warn) => Level::Warning,
            Verdict::Acted(Action::Audit | Action::Off) | Verdict::Inherited => Level::Note,
        }
    }
}

/// What was found in one object.
#[derive(Clone, Debug)]
pub(super) struct CheckedObject {
    pub place: InputPlace,
    /// `NAMESPACE/NAME`.
    pub label: String,
    pub against: Against,
    pub conclusion: Conclusion,
    pub findings: Vec<ReportedFinding>,
    pub changes: Vec<CheckedChange>,
    /// Whether the changes are made; under `--completion audit` they are not.
    pub is_completed: bool,
}

impl CheckedObject {
    /// What `write` found in the object at `item` of `source`.
    pub(super) fn of(
        place: InputPlace,
        label: String,
        against: Against,
        write: &CheckedWrite,
        source: &Source<'_>,
        item: &ItemPlace,
    ) -> Self {
        let locate = |steps: &[Step]| source.locate(item, steps);
        let warn = Verdict::Acted(Action::Warn);
        let unknown = write.unknown_fields.iter().map(|field| {
            let path = printable(&field.path()).into_owned();
            let steps = ["status", &field.name].map(|name| Step::Member(name.to_owned()));
            ReportedFinding {
                rule: UNKNOWN_FIELD,
                verdict: warn,
                cause: format!(
                    "Unknown field: the API server drops {}",
                    Quoted(&field.name)
                ),
                fix: String::new(),
                suggestion: Some(field.close_to.to_owned()),
                message: field.message(),
                // What is wrong is the name, not the value.
                at: Some(Located {
                    is_whole: false,
                    ..locate(&steps)
                }),
                path,
            }
        });
        let findings = write.findings.iter().map(|finding| {
            let path = finding.place.to_string();
            ReportedFinding {
                rule: finding.rule.id(),
                verdict: finding.verdict,
                cause: finding.words.seen.clone(),
                fix: finding.words.allowed.clone(),
                suggestion: finding.words.suggestion.clone(),
                message: finding.message.clone(),
                at: Some(locate(&write.steps_to(finding.place))),
                path,
            }
        });
        let findings: Vec<_> = unknown.chain(findings).collect();
        let is_warned = findings.iter().any(|finding| finding.verdict == warn);
        Self {
            place,
            label,
            against,
            conclusion: match write.outcome {
                Outcome::Denied => Conclusion::Denied,
                _ if is_warned => Conclusion::Warned,
                Outcome::Exempt => Conclusion::Exempt,
                Outcome::Allowed | Outcome::Patched | Outcome::Ignored => Conclusion::Allowed,
            },
            findings,
            changes: write.changes.clone(),
            is_completed: write.completed.is_some(),
        }
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct CheckReport {
    pub objects: Vec<CheckedObject>,
    /// What could not be judged.
    pub problems: Vec<String>,
}

impl CheckReport {
    /// Adds input that could not be judged.
    pub(super) fn unusable(&mut self, problem: &str) {
        self.problems.push(printable(problem).into_owned());
    }

    /// How many objects came to a conclusion.
    pub(super) fn count(&self, conclusion: Conclusion) -> usize {
        let objects = self.objects.iter();
        objects.filter(|it| it.conclusion == conclusion).count()
    }

    /// Whether anything was denied or warned.
    pub(super) fn has_findings(&self) -> bool {
        [Conclusion::Denied, Conclusion::Warned]
            .into_iter()
            .any(|conclusion| self.count(conclusion) > 0)
    }
}
