//! What is printed: one line for each check.

use std::fmt;

use crate::text::printable;

/// How severe the outcome of a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// As it should be.
    Ok,
    /// Works, but has to be known; or could not be checked.
    Warning,
    /// Does not work, or would not when it matters.
    Error,
}

impl Level {
    /// The first word of a line.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckLine {
    /// How severe it is.
    pub level: Level,
    /// What was checked: a few words that never change.
    pub about: String,
    /// What was found.
    pub text: String,
    /// The command or the field that fixes it.
    pub fix: Option<String>,
}

impl CheckLine {
    /// A check that found nothing.
    pub(crate) fn ok(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            about: about.into(),
            text: text.into(),
            fix: None,
        }
    }

    /// A check that found something to know.
    pub(crate) fn warning(
        about: impl Into<String>,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Warning,
            fix: Some(fix.into()),
            ..Self::ok(about, text)
        }
    }

    /// A check that found an error.
    pub(crate) fn error(
        about: impl Into<String>,
        text: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Error,
            ..Self::warning(about, text, fix)
        }
    }
}

impl fmt::Display for CheckLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            level, about, text, ..
        } = self;
        // What comes from a cluster may hold anything; a line stays a line.
        write!(f, "{:<7}  ", level.name())?;
        write!(f, "{}: {}", printable(about), printable(text))?;
        match &self.fix {
            Some(fix) => write!(f, "; fix: {}", printable(fix)),
            None => Ok(()),
        }
    }
}

/// All lines, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// One for each check.
    pub lines: Vec<CheckLine>,
}

impl Report {
    /// Whether there is an error; warnings are none.
    #[must_use]
    pub(crate) fn has_errors(&self) -> bool {
        self.count(Level::Error) > 0
    }

    fn count(&self, level: Level) -> usize {
        self.lines.iter().filter(|line| line.level == level).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        let [ok, warning, error] =
            [Level::Ok, Level::Warning, Level::Error].map(|level| self.count(level));
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        writeln!(
            f,
            "{error} error{}, {warning} warning{}, {ok} ok",
            plural(error),
            plural(warning)
        )
    }
}
