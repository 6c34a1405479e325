use std::borrow::Cow;
use std::fmt;

use super::Rule;
use crate::json::Raw;
use crate::status::{Condition, ConditionStatus, ShapeFault};
use crate::vocabulary::{FailureReason, Phase, SkipReason, Term};

/// Where in the object a finding points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A field of `status`.
    Status(&'static str),
    /// A field of an item of `status.conditions`; empty for the whole item.
    Item {
        /// The item's index.
        index: usize,
        /// The field's name.
        field: &'static str,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(field) => write!(f, "status.{field}"),
            Self::Item { index, field: "" } => write!(f, "status.conditions[{index}]"),
            Self::Item { index, field } => write!(f, "status.conditions[{index}].{field}"),
        }
    }
}

/// One fault of a write.
#[derive(Clone, Debug)]
pub struct Finding<'s> {
    /// Where it is.
    pub place: Place,
    /// The condition that it is about, where there is a well-shaped one.
    pub condition: Option<&'s Condition<'s>>,
    /// What is wrong.
    pub fault: Fault<'s>,
}

/// What is wrong, with all that a text about it needs.
#[derive(Clone, Debug)]
pub enum Fault<'s> {
    /// `conditions` is not a list.
    ConditionsNotAList(Raw<'s>),
    /// `conditions` is a list of so many items, more than are judged.
    TooManyConditions(usize),
    /// An item is not an object; `None` for `null`.
    NotAnObject(Option<Raw<'s>>),
    /// A field of an item is broken. The type, where it can be read.
    Shape(Option<Cow<'s, str>>, ShapeFault<'s>),
    /// The type stood before, in the item at `first`.
    Duplicate {
        /// The index of the item that stands for the type.
        first: usize,
    },
    /// The type is neither the vocabulary's nor an extra one.
    UnknownType,
    /// The reason is not CamelCase.
    ReasonFormat,
    /// The reason is not one of those `allowed` for this type and status.
    ReasonNotAllowed {
        /// The type's row of the vocabulary.
        term: &'static Term,
        /// The status.
        status: ConditionStatus,
        /// The allowed reasons.
        allowed: &'static [&'static str],
    },
    /// The phase is unknown: the text as JSON.
    PhaseUnknown {
        /// The phase as JSON.
        phase: &'s str,
    },
    /// The phase may not become that.
    PhaseTransition {
        /// The stored phase.
        from: Phase,
        /// The written phase.
        to: Phase,
    },
    /// The status disagrees with the phase.
    PhaseConflict {
        /// The phase.
        phase: Phase,
        /// The status.
        status: ConditionStatus,
        /// The statuses that would agree.
        allowed: &'static str,
    },
    /// *created* False is set beside this condition.
    ConditionConflict {
        /// The *created* condition, where the write has it.
        created: Option<&'s Condition<'s>>,
    },
    /// `failureDetails.reason` is a different one.
    FailureReasonMismatch {
        /// That reason.
        details: FailureReason,
        /// The reason that would agree.
        agreeing: &'static str,
        /// The generic reason, which always agrees.
        generic: &'static str,
    },
    /// `skipDetails.reason` is a different one.
    SkipReasonMismatch {
        /// That reason.
        details: SkipReason,
        /// The reasons that would agree.
        agreeing: &'static [&'static str],
    },
    /// `failureDetails` is set in another phase than Failed.
    FailureDetailsPhase {
        /// The phase.
        phase: Phase,
    },
    /// `skipDetails` is set in another phase than Skipped.
    SkipDetailsPhase {
        /// The phase.
        phase: Phase,
    },
    /// Phase Skipped has no `skipDetails`.
    SkipDetailsMissing,
    /// `observedGeneration` is above `metadata.generation`.
    GenerationAhead {
        /// The condition's value.
        observed: i64,
        /// What the object has.
        generation: i64,
    },
    /// `lastTransitionTime` moved though the status did not.
    TimeMoved {
        /// The stored condition.
        stored: &'s Condition<'s>,
    },
    /// `lastTransitionTime` went back.
    TimeWentBack {
        /// The stored condition.
        stored: &'s Condition<'s>,
    },
    /// `lastTransitionTime` is more than 5 minutes ahead of the clock.
    TimeAhead {
        /// The clock.
        now: jiff::Timestamp,
    },
    /// An implied condition is missing.
    Missing {
        /// Its type's row of the vocabulary.
        term: &'static Term,
        /// Its status.
        status: ConditionStatus,
        /// Its reason.
        reason: Cow<'s, str>,
    },
}

impl Fault<'_> {
    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::ConditionsNotAList(_)
            | Self::TooManyConditions(_)
            | Self::NotAnObject(_)
            | Self::Shape(..) => Rule::ConditionShape,
            Self::Duplicate { .. } => Rule::ConditionDuplicate,
            Self::UnknownType => Rule::ConditionUnknownType,
            Self::ReasonFormat => Rule::ReasonFormat,
            Self::ReasonNotAllowed { .. } => Rule::ReasonNotAllowed,
            Self::PhaseUnknown { .. } => Rule::PhaseUnknown,
            Self::PhaseTransition { .. } => Rule::PhaseTransition,
            Self::PhaseConflict { .. } => Rule::PhaseConflict,
            Self::ConditionConflict { .. } => Rule::ConditionConflict,
            Self::FailureReasonMismatch { .. } => Rule::FailureReasonMismatch,
            Self::SkipReasonMismatch { .. } => Rule::SkipReasonMismatch,
            Self::FailureDetailsPhase { .. } => Rule::FailureDetailsPhase,
            Self::SkipDetailsPhase { .. } | Self::SkipDetailsMissing => Rule::SkipDetailsPhase,
            Self::GenerationAhead { .. } => Rule::GenerationAhead,
            Self::TimeMoved { .. } | Self::TimeWentBack { .. } | Self::TimeAhead { .. } => {
                Rule::TransitionTime
            }
            Self::Missing { .. } => Rule::ConditionMissing,
        }
    }
}

impl Finding<'_> {
    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.fault.rule()
    }

    /// The type of the condition that is concerned, where it can be read.
    #[must_use]
    pub fn condition_type(&self) -> Option<&str> {
        match (&self.fault, self.condition) {
            (Fault::Missing { term, .. }, _) => Some(term.condition_type),
            (Fault::Shape(condition_type, _), _) => condition_type.as_deref(),
            (_, condition) => condition.map(|condition| &*condition.condition_type),
        }
    }
}
