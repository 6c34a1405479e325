//! What was found in all objects, for every form of output.

use std::fmt;
use std::process::ExitCode;

use super::source::Located;
use crate::admission::{Outcome, Verdict};
use crate::answer::Quoted;
use crate::check::{CheckedChange, CheckedWrite, Step};
use crate::cli::{EXIT_FAILURE, EXIT_USAGE, output};
use crate::rules::{Action, Rule};
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
    /// Itself; but faults that are stored count as if they were made by this write.
    Anew,
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
            Self::Anew => f.write_str("judged as if its faults were written anew"),
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

    fn of(findings: &[ReportedFinding], outcome: Outcome) -> Self {
        let has = |action| {
            let mut verdicts = findings.iter().map(|finding| finding.verdict);
            verdicts.any(|verdict| verdict == Verdict::Acted(action))
        };
        match outcome {
            _ if has(Action::Deny) => Self::Denied,
            _ if has(Action::Warn) => Self::Warned,
            Outcome::Exempt => Self::Exempt,
            _ => Self::Allowed,
        }
    }

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
    /// Whether it is stored, so that a write that leaves it as it is is not refused for it. The verdict is then that on a
    /// write that makes it anew.
    pub is_stored: bool,
    /// The field managers of what it is about, by their names.
    pub field_manager: Option<String>,
}

impl ReportedFinding {
    /// The rule, unless it is a misspelt field.
    pub(super) fn rule(&self) -> Option<Rule> {
        Rule::from_id(self.rule)
    }

    pub(super) fn is_denied(&self) -> bool {
        self.verdict == Verdict::Acted(Action::Deny)
    }

    pub(super) fn level(&self) -> Level {
        match self.verdict {
            Verdict::Acted(Action::Deny) => Level::Error,
            Verdict::Acted(Action::Warn) => Level::Warning,
            Verdict::Acted(Action::Audit | Action::Off) | Verdict::Inherited => Level::Note,
        }
    }
}

/// An object as a cluster has it.
#[derive(Clone, Debug)]
pub(super) struct StoredIdentity {
    pub api_version: String,
    pub namespace: String,
    pub name: String,
    pub uid: String,
    /// The field managers of its conditions, by their names.
    pub field_manager: Option<String>,
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
    /// The object as a cluster has it.
    pub stored: Option<StoredIdentity>,
}

impl CheckedObject {
    /// What `write` found; `locate` gives the place in the file that the steps lead to.
    pub(super) fn of(
        place: InputPlace,
        label: String,
        against: Against,
        write: &CheckedWrite,
        locate: impl Fn(&[Step]) -> Option<Located>,
    ) -> Self {
        let warn = Verdict::Acted(Action::Warn);
        let unknown = write.unknown_fields.iter().map(|field| {
            let path = printable(&field.path()).into_owned();
            // What is wrong is the name, not the value.
            let steps = [
                Step::Member("status".to_owned()),
                Step::Name(field.name.clone()),
            ];
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
                at: locate(&steps),
                path,
                is_stored: false,
                field_manager: None,
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
                at: locate(&write.steps_to(finding.place)),
                path,
                is_stored: false,
                field_manager: None,
            }
        });
        let findings: Vec<_> = unknown.chain(findings).collect();
        Self {
            place,
            label,
            against,
            conclusion: Conclusion::of(&findings, write.outcome),
            findings,
            changes: write.changes.clone(),
            is_completed: write.completed.is_some(),
            stored: None,
        }
    }

    /// Changes the findings' verdicts, and then the conclusion.
    pub(super) fn judge_anew(&mut self, verdict: impl Fn(&mut ReportedFinding)) {
        self.findings.iter_mut().for_each(verdict);
        self.findings
            .retain(|finding| finding.verdict != Verdict::Acted(Action::Off));
        self.conclusion = Conclusion::of(&self.findings, Outcome::Allowed);
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct CheckReport {
    pub objects: Vec<CheckedObject>,
    /// What could not be judged.
    pub problems: Vec<String>,
    /// Whether the objects are those of a cluster.
    pub is_of_cluster: bool,
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

    /// Says what could not be judged, and gives the exit code.
    pub(super) fn conclude(&self) -> ExitCode {
        for problem in &self.problems {
            output::complain(&format!("error: {problem}\n"));
        }
        let has = |conclusion| self.count(conclusion) > 0;
        match &self.problems[..] {
            [_, ..] => ExitCode::from(EXIT_USAGE),
            [] if has(Conclusion::Denied) || has(Conclusion::Warned) => {
                ExitCode::from(EXIT_FAILURE)
            }
            [] => ExitCode::SUCCESS,
        }
    }
}
