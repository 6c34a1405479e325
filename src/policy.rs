//! What an operator may choose: vocabulary, extra types and reasons, actions, completion, exempt writers.

use crate::rules::{Action, Rule};
use crate::vocabulary::{EXECUTION, TEKTON, Vocabulary};

/// `--vocabulary`: which names an object is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(clap::ValueEnum))]
pub enum VocabularyChoice {
    /// Decided for each object.
    #[default]
    Auto,
    /// Always `tekton`.
    Tekton,
    /// Always `execution`.
    Execution,
}

impl VocabularyChoice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Tekton, Self::Execution];

    /// The vocabulary of every object, where one is chosen.
    #[must_use]
    pub const fn pinned(self) -> Option<&'static Vocabulary> {
        match self {
            Self::Auto => None,
            Self::Tekton => Some(&TEKTON),
            Self::Execution => Some(&EXECUTION),
        }
    }
}

/// `--mode`: caps the action of every rule, for a rollout that observes before it blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(clap::ValueEnum))]
pub enum Mode {
    /// Actions as they are.
    #[default]
    Enforce,
    /// Nothing is denied.
    Warn,
    /// Nothing is denied or warned.
    Audit,
}

impl Mode {
    /// The strictest action under the mode.
    #[must_use]
    pub const fn cap(self) -> Action {
        match self {
            Self::Enforce => Action::Deny,
            Self::Warn => Action::Warn,
            Self::Audit => Action::Audit,
        }
    }
}

/// `--completion`: what `/mutate` does with the conditions that phase and details imply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "server", derive(clap::ValueEnum))]
pub enum Completion {
    /// They are patched in.
    #[default]
    #[cfg_attr(feature = "server", value(alias = "on"))]
    Patch,
    /// They are counted and annotated, and nothing is patched.
    Audit,
    /// They are not computed.
    Off,
}

/// Everything that decides a verdict besides the review and the clock.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `--vocabulary`.
    pub vocabulary: VocabularyChoice,
    /// `--extra-type`, repeated.
    pub extra_types: Vec<String>,
    /// `--extra-reason`, repeated: a condition type and a reason that is allowed for it in both statuses.
    pub extra_reasons: Vec<(String, String)>,
    /// `--mode`.
    pub mode: Mode,
    /// `--completion`; by mode when not given: see [`Policy::completion`].
    pub completion: Option<Completion>,
    /// `--exempt-user`, repeated.
    pub exempt_users: Vec<String>,
    /// `--exempt-group`, repeated.
    pub exempt_groups: Vec<String>,
    actions: [Action; Rule::ALL.len()],
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            vocabulary: VocabularyChoice::default(),
            extra_types: Vec::new(),
            extra_reasons: Vec::new(),
            mode: Mode::default(),
            completion: None,
            exempt_users: Vec::new(),
            exempt_groups: Vec::new(),
            actions: Rule::ALL.map(Rule::default_action),
        }
    }
}

impl Policy {
    /// Changes the action of one rule (`--rule ID=ACTION`).
    pub fn set_action(&mut self, rule: Rule, action: Action) {
        self.actions[rule as usize] = action;
    }

    /// The action of `rule` under the mode.
    #[must_use]
    pub fn action(&self, rule: Rule) -> Action {
        self.actions[rule as usize].min(self.mode.cap())
    }

    /// The extra reasons of a condition type.
    pub fn extra_reasons_of(&self, condition_type: &str) -> impl Iterator<Item = &str> {
        self.extra_reasons
            .iter()
            .filter(move |(extra_type, _)| extra_type == condition_type)
            .map(|(_, reason)| reason.as_str())
    }

    /// What `/mutate` does: as chosen, else `audit` under `--mode audit` and `patch` under the other modes.
    #[must_use]
    pub fn completion(&self) -> Completion {
        self.completion.unwrap_or(match self.mode {
            Mode::Enforce | Mode::Warn => Completion::Patch,
            Mode::Audit => Completion::Audit,
        })
    }

    /// Whether `user`, or a member of `groups`, is an exempt writer.
    pub fn exempts<'a>(&self, user: &str, mut groups: impl Iterator<Item = &'a str>) -> bool {
        self.exempt_users.iter().any(|exempt| exempt == user)
            || groups.any(|group| self.exempt_groups.iter().any(|exempt| exempt == group))
    }
}
