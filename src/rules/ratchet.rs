//! Spec section 6: a write is never refused for a fault that is already stored.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Fault, Finding, Rule, Subject};
use crate::json::Raw;
use crate::policy::Completion;
use crate::status::{Condition, ConditionField};

/// What two findings must share for the one to be inherited from the other.
#[derive(Debug, PartialEq, Eq, Hash)]
struct FindingKey<'s> {
    rule: Rule,
    condition_type: Option<Cow<'s, str>>,
    value: FindingValue<'s>,
}

/// The column "value" of the rules of spec section 3.
#[derive(Debug, PartialEq, Eq, Hash)]
enum FindingValue<'s> {
    None,
    Text(Cow<'s, str>),
    Field(ConditionField, Option<&'s str>),
    Json(Option<&'s str>),
    Count(usize),
}

/// The findings that the stored object has: those of a write are compared with them.
#[derive(Debug, Default)]
pub struct Ratchet<'s> {
    stored: HashSet<FindingKey<'s>>,
}

impl<'s> Ratchet<'s> {
    /// Adds a finding of the stored object.
    pub fn add(&mut self, stored: &Finding<'s>) {
        self.stored.extend(key(stored));
    }

    /// Whether a finding of the write `subject` is inherited from the stored object, or is about what the webhook itself
    /// wrote.
    #[must_use]
    pub fn inherits(&self, subject: &Subject<'s>, finding: &Finding<'s>) -> bool {
        let Some(key) = key(finding) else {
            return false;
        };
        self.stored.contains(&key) || is_about_own(subject, finding)
    }
}

/// Whether a finding is about a condition that the webhook itself wrote. Where it writes none, the mark is forged.
fn is_about_own(subject: &Subject<'_>, finding: &Finding<'_>) -> bool {
    if subject.policy.completion() != Completion::Patch {
        return false;
    }
    let is_stored_own = |condition: &Condition<'_>| {
        subject.is_own(condition)
            && subject.stored.conditions().any(|(_, stored)| {
                stored.condition_type == condition.condition_type
                    && stored.status == condition.status
                    && stored.reason == condition.reason
                    && stored.has_mark()
            })
    };
    let about = match finding.fault {
        Fault::Duplicate { .. } => None,
        Fault::ConditionConflict { created } if created.is_some_and(is_stored_own) => return true,
        _ => finding.condition,
    };
    about.is_some_and(is_stored_own)
}

/// `None` for a finding that is never inherited.
fn key<'s>(finding: &Finding<'s>) -> Option<FindingKey<'s>> {
    let rule = finding.rule();
    let reason = || {
        let reason = finding.condition.map(|condition| &*condition.reason);
        FindingValue::Text(Cow::Borrowed(reason.unwrap_or_default()))
    };
    let value = match &finding.fault {
        Fault::PhaseTransition { .. }
        | Fault::GenerationAhead { .. }
        | Fault::TimeMoved { .. }
        | Fault::TimeWentBack { .. }
        | Fault::TimeAhead { .. } => return None,
        Fault::ConditionsNotAList(value) => FindingValue::Json(Some(value.text())),
        Fault::TooManyConditions(count) => FindingValue::Count(*count),
        Fault::NotAnObject(value) => FindingValue::Json(value.map(Raw::text)),
        Fault::Shape(_, fault) => FindingValue::Field(fault.field, fault.value.map(Raw::text)),
        Fault::Duplicate { .. }
        | Fault::UnknownType
        | Fault::ConditionConflict { .. }
        | Fault::FailureDetailsPhase { .. }
        | Fault::SkipDetailsPhase { .. }
        | Fault::SkipDetailsMissing
        | Fault::Missing { .. } => FindingValue::None,
        Fault::ReasonFormat
        | Fault::ReasonNotAllowed { .. }
        | Fault::FailureReasonMismatch { .. }
        | Fault::SkipReasonMismatch { .. } => reason(),
        Fault::PhaseUnknown { phase } => FindingValue::Text(Cow::Borrowed(phase)),
        Fault::PhaseConflict { status, .. } => FindingValue::Text(Cow::Borrowed(status.name())),
    };
    let condition_type = match &finding.fault {
        Fault::Missing { term, .. } => Some(Cow::Borrowed(term.condition_type)),
        Fault::Shape(condition_type, _) => condition_type.clone(),
        _ => finding
            .condition
            .map(|condition| Cow::Borrowed(&*condition.condition_type)),
    };
    Some(FindingKey {
        rule,
        condition_type,
        value,
    })
}
