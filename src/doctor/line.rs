//! What is printed: one line for each check.

use std::fmt;

use crate::text::printable;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but somebody should know; or could not be checked.
    Warning,
    /// Does not work, or would not when it matters.
    Wrong,
}

impl Level {
    /// The first word of a line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it came to.
    pub level: Level,
    /// What was checked: a few words that never change.
    pub about: String,
    /// What was found.
    pub text: String,
    /// The command or the field that mends it.
    pub mend: Option<String>,
}

impl Line {
    /// A check that found nothing.
    pub fn ok(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            about: about.into(),
            text: text.into(),
            mend: None,
        }
    }

    /// A check that found something to know.
    pub fn warning(
        about: impl Into<String>,
        text: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Warning,
            mend: Some(mend.into()),
            ..Self::ok(about, text)
        }
    }

    /// A check that found something wrong.
    pub fn wrong(
        about: impl Into<String>,
        text: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Wrong,
            ..Self::warning(about, text, mend)
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            level, about, text, ..
        } = self;
        // What comes from a cluster may hold anything; a line stays a line.
        write!(f, "{:<7}  ", level.name())?;
        write!(f, "{}: {}", printable(about), printable(text))?;
        match &self.mend {
            Some(mend) => write!(f, "; to do: {}", printable(mend)),
            None => Ok(()),
        }
    }
}

/// All lines, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One for each check.
    pub lines: Vec<Line>,
}

impl Report {
    /// Whether something is wrong; warnings are not.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.count(Level::Wrong) > 0
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
        let [ok, warning, wrong] =
            [Level::Ok, Level::Warning, Level::Wrong].map(|level| self.count(level));
        writeln!(f, "{wrong} wrong, {warning} warnings, {ok} ok")
    }
}
