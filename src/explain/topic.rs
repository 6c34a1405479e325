//! What a name may stand for.

use super::{condition_type, phase, reason, rule};
use crate::rules::Rule;
use crate::spelling::closest;
use crate::vocabulary::{
    self, FORMER_REASONS, FORMER_TYPES, FailureReason, PHASE_SYNONYMS, Phase, Role, SkipReason,
};

/// Something that can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A rule.
    Rule(Rule),
    /// A condition type of a vocabulary.
    Type(&'static str),
    /// A condition type that no vocabulary has any more.
    FormerType(&'static str, Role),
    /// A reason of a condition or of the details.
    Reason(&'static str),
    /// A reason that no vocabulary has any more, and what means the same today.
    FormerReason(&'static str, &'static str),
    /// A phase.
    Phase(Phase),
    /// What other APIs call a phase.
    PhaseSynonym(&'static str, Phase),
}

impl Topic {
    /// Everything with a name, in the order of the list.
    pub fn all() -> impl Iterator<Item = Self> {
        let types = unique(terms().map(|term| term.condition_type));
        let reasons = unique(
            terms()
                .flat_map(|term| term.reasons_true.iter().chain(term.reasons_false))
                .copied()
                .chain(FailureReason::ALL.iter().map(|reason| reason.name()))
                .chain(SkipReason::ALL.iter().map(|reason| reason.name())),
        );
        Rule::ALL
            .into_iter()
            .map(Self::Rule)
            .chain(types.into_iter().map(Self::Type))
            .chain(reasons.into_iter().map(Self::Reason))
            .chain(Phase::ALL.iter().copied().map(Self::Phase))
            .chain(
                FORMER_TYPES
                    .iter()
                    .map(|&(name, role)| Self::FormerType(name, role)),
            )
            .chain(
                FORMER_REASONS
                    .iter()
                    .map(|&(name, now)| Self::FormerReason(name, now)),
            )
            .chain(
                PHASE_SYNONYMS
                    .iter()
                    .map(|&(name, phase)| Self::PhaseSynonym(name, phase)),
            )
    }

    /// What has exactly this name.
    #[must_use]
    pub fn named(name: &str) -> Vec<Self> {
        Self::all().filter(|topic| topic.name() == name).collect()
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.id(),
            Self::Phase(phase) => phase.name(),
            Self::Type(name)
            | Self::FormerType(name, _)
            | Self::Reason(name)
            | Self::FormerReason(name, _)
            | Self::PhaseSynonym(name, _) => name,
        }
    }

    /// The text about it.
    #[must_use]
    pub fn explanation(&self) -> String {
        match *self {
            Self::Rule(rule) => rule::explanation(rule),
            Self::Type(name) => condition_type::explanation(name),
            Self::FormerType(name, role) => condition_type::former(name, role),
            Self::Reason(name) => reason::explanation(name),
            Self::FormerReason(name, now) => reason::former(name, now),
            Self::Phase(phase) => phase::explanation(phase),
            Self::PhaseSynonym(name, phase) => phase::synonym(name, phase),
        }
    }
}

/// The name that an unknown one may stand for.
#[must_use]
pub fn nearest(unknown: &str) -> Option<&'static str> {
    closest(unknown, Topic::all().map(|topic| topic.name()))
}

/// The rows of all vocabularies.
pub(super) fn terms() -> impl Iterator<Item = &'static vocabulary::Term> {
    vocabulary::ALL.into_iter().flat_map(|it| it.terms)
}

/// Each name once, where it comes first.
pub(super) fn unique(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut unique = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique
}
