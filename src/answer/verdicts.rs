use crate::rules::{Action, Finding};

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule's action under the mode.
    Acted(Action),
    /// The stored object has it already, so it is only audited.
    Inherited,
}

impl Verdict {
    /// The value of the metric label `action`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acted(action) => action.name(),
            Self::Inherited => "inherited",
        }
    }
}

/// A finding and what becomes of it.
#[derive(Clone, Debug)]
pub struct Judged<'s> {
    /// The finding.
    pub finding: Finding<'s>,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// The findings of a write: all are counted, and as many are kept as an answer can show, so that a list of thousands of
/// faults takes little room.
#[derive(Debug)]
pub struct Verdicts<'s> {
    most: usize,
    kept: Vec<Judged<'s>>,
    total: usize,
    denied: usize,
    warned: usize,
}

/// More findings than the audit annotation has room for.
const SHOWN: usize = 512;
/// As many as a denial shows; of warned ones about as many fit the API server's budget.
const SHOWN_OF_AN_ACTION: usize = 50;

impl<'s> Verdicts<'s> {
    /// None so far; to be answered with.
    #[must_use]
    pub const fn to_answer() -> Self {
        Self::keeping(SHOWN)
    }

    /// None so far; every one will be kept.
    #[must_use]
    pub const fn to_list() -> Self {
        Self::keeping(usize::MAX)
    }

    const fn keeping(most: usize) -> Self {
        Self {
            most,
            kept: Vec::new(),
            total: 0,
            denied: 0,
            warned: 0,
        }
    }

    /// Adds one.
    pub fn add(&mut self, judged: Judged<'s>) {
        let of_action = match judged.verdict {
            Verdict::Acted(Action::Deny) => Some(&mut self.denied),
            Verdict::Acted(Action::Warn) => Some(&mut self.warned),
            Verdict::Acted(_) | Verdict::Inherited => None,
        };
        let is_shown = of_action.is_some_and(|count| {
            *count += 1;
            *count <= SHOWN_OF_AN_ACTION
        });
        self.total += 1;
        if is_shown || self.kept.len() < self.most {
            self.kept.push(judged);
        }
    }

    /// Those that were kept, in the order in which they came.
    #[must_use]
    pub fn kept(&self) -> &[Judged<'s>] {
        &self.kept
    }

    /// How many there are.
    #[must_use]
    pub const fn total(&self) -> usize {
        self.total
    }

    /// How many are denied.
    #[must_use]
    pub const fn denied(&self) -> usize {
        self.denied
    }

    /// How many are warned of.
    #[must_use]
    pub const fn warned(&self) -> usize {
        self.warned
    }

    /// Those that were kept and that `action` is taken for.
    pub fn with_action(&self, action: Action) -> impl Iterator<Item = &Finding<'s>> {
        self.kept
            .iter()
            .filter(move |judged| judged.verdict == Verdict::Acted(action))
            .map(|judged| &judged.finding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Fault, Place};

    #[test]
    fn beyond_the_most_only_what_an_answer_shows_is_kept() {
        let mut verdicts = Verdicts::keeping(2);
        let inherited = [Verdict::Inherited; 3];
        let shown = [Verdict::Acted(Action::Deny), Verdict::Acted(Action::Warn)];
        let audited = [Verdict::Acted(Action::Audit)];
        for verdict in inherited.into_iter().chain(shown).chain(audited) {
            let finding = Finding {
                place: Place::Status("skipDetails"),
                condition: None,
                fault: Fault::SkipDetailsMissing,
            };
            verdicts.add(Judged { finding, verdict });
        }
        let kept: Vec<_> = verdicts.kept().iter().map(|it| it.verdict.name()).collect();
        assert_eq!(kept, ["inherited", "inherited", "deny", "warn"]);
        assert_eq!(verdicts.total(), 6);
    }
}
