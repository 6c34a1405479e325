//! What `check` prints: a block for each finding and each change, then a line with the verdict.

use std::fmt::{self, Write as _};

use crate::admission::{Outcome, Verdict};
use crate::check::{CheckedChange, CheckedWrite};
use crate::rules::Action;
use crate::text::printable;

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

/// Everything that was found, as text.
#[derive(Debug, Default)]
pub(super) struct CheckReport {
    text: String,
    outcomes: [usize; 4],
    found: bool,
    problems: Vec<String>,
}

impl CheckReport {
    /// Adds one checked write.
    pub(super) fn write(
        &mut self,
        place: &InputPlace,
        label: &str,
        against: Against,
        write: &CheckedWrite,
    ) {
        let at = format!("{place}: {label}");
        let warn = Verdict::Acted(Action::Warn);
        for field in &write.unknown_fields {
            self.block(
                &at,
                warn.name(),
                &printable(&field.path()),
                &field.message(),
            );
        }
        for finding in &write.findings {
            self.block(&at, finding.verdict.name(), &finding.path, &finding.message);
        }
        for change in &write.changes {
            let CheckedChange {
                condition_type,
                status,
                reason,
                message,
                ..
            } = change;
            // Under --completion audit nothing is completed.
            let done = match &write.completed {
                Some(_) => change.change.to_owned(),
                None => format!("would {}", change.change),
            };
            let what = format!("{condition_type}={status}/{reason}");
            let message = printable(message.as_deref().unwrap_or_default());
            self.block(&at, &done, &printable(&what), &message);
        }
        let mut verdicts = write.findings.iter().map(|finding| finding.verdict);
        let warned = !write.unknown_fields.is_empty() || verdicts.any(|verdict| verdict == warn);
        let outcome = match write.outcome {
            Outcome::Denied => 0,
            _ if warned => 1,
            Outcome::Exempt => 3,
            _ => 2,
        };
        self.found |= outcome < 2;
        self.outcomes[outcome] += 1;
        self.line(&format!("{at}: {}, {against}", OUTCOMES[outcome]));
    }

    /// Adds input that could not be judged.
    pub(super) fn unusable(&mut self, problem: &str) {
        self.problems.push(printable(problem).into_owned());
    }

    /// What could not be judged.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether anything was denied or warned.
    pub(super) fn found(&self) -> bool {
        self.found
    }

    /// The whole text, with a count when there was more than one object.
    pub(super) fn text(&self) -> String {
        let total: usize = self.outcomes.iter().sum();
        if total < 2 {
            return self.text.clone();
        }
        let counts: Vec<String> = self
            .outcomes
            .iter()
            .zip(OUTCOMES)
            .filter(|(count, _)| **count > 0)
            .map(|(count, outcome)| format!("{count} {outcome}"))
            .collect();
        format!("{}{total} objects: {}\n", self.text, counts.join(", "))
    }

    fn block(&mut self, at: &str, action: &str, what: &str, message: &str) {
        self.line(&format!("{at}: {action}: {what}"));
        if !message.is_empty() {
            self.line(&format!("    {message}"));
        }
    }

    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// From the strictest to the mildest.
const OUTCOMES: [&str; 4] = ["denied", "allowed with warnings", "allowed", "exempt"];
