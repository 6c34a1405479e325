//! The message of a finding: what was seen, what is allowed, what to do.

use std::fmt::Write;

use super::quote::{Quoted, QuotedRaw};
use super::suggest;
use crate::json::{MAX_ITEMS, Raw};
use crate::rules::{Fault, Finding, Rule, Subject};
use crate::status::{ConditionField, ShapeFault};
use crate::vocabulary::Phase;

/// A message in three parts, for readers that have a place of their own for each, or little room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What was seen, and why it is wrong.
    pub seen: String,
    /// What is allowed.
    pub allowed: String,
    /// What the writer may have meant.
    pub suggestion: Option<String>,
}

/// Room, in bytes, for most suggestions and for the rule's id.
const USUAL_END: usize = 64;

/// The message of a cause: value, what is allowed, a suggestion where one is close, and the rule's id in brackets at
/// its end. It stands alone: the field is for the caller to add.
#[must_use]
pub fn message(subject: &Subject<'_>, finding: &Finding<'_>, suggests: bool) -> String {
    let words = words(subject, finding, suggests);
    let mut message = words.seen;
    message.reserve(words.allowed.len() + USUAL_END);
    message.push_str(": ");
    message.push_str(&words.allowed);
    if let Some(suggestion) = words.suggestion {
        // Writing to a string does not fail.
        let _ = write!(message, "; did you mean {}?", Quoted(&suggestion));
    }
    message.push_str(" [");
    message.push_str(finding.rule().id());
    message.push(']');
    message
}

/// The `reason` of a cause, as `metav1.StatusCause` knows them.
#[must_use]
pub(super) const fn cause_reason(fault: &Fault<'_>) -> &'static str {
    match fault {
        Fault::NotAnObject(None) | Fault::SkipDetailsMissing => "FieldValueRequired",
        Fault::Shape(_, fault) if fault.value.is_none() => "FieldValueRequired",
        _ => match fault.rule() {
            Rule::ConditionDuplicate => "FieldValueDuplicate",
            Rule::ConditionUnknownType | Rule::ReasonNotAllowed | Rule::PhaseUnknown => {
                "FieldValueNotSupported"
            }
            Rule::ConditionMissing => "FieldValueRequired",
            Rule::PhaseTransition
            | Rule::PhaseConflict
            | Rule::ConditionConflict
            | Rule::FailureDetailsPhase
            | Rule::SkipDetailsPhase => "FieldValueForbidden",
            Rule::ConditionShape
            | Rule::ReasonFormat
            | Rule::FailureReasonMismatch
            | Rule::SkipReasonMismatch
            | Rule::GenerationAhead
            | Rule::TransitionTime => "FieldValueInvalid",
        },
    }
}

/// The message of a finding in parts.
#[must_use]
pub fn words(subject: &Subject<'_>, finding: &Finding<'_>, suggests: bool) -> Words {
    Words {
        seen: seen(subject, finding),
        allowed: allowed(subject, &finding.fault),
        suggestion: suggests.then(|| suggestion(subject, finding)).flatten(),
    }
}

fn seen(subject: &Subject<'_>, finding: &Finding<'_>) -> String {
    let condition = finding.condition;
    let kind = Quoted(condition.map_or("", |condition| &*condition.condition_type));
    let reason = Quoted(condition.map_or("", |condition| &*condition.reason));
    let time = Quoted(condition.map_or("", |condition| &*condition.time));
    match &finding.fault {
        Fault::ConditionsNotAList(value) | Fault::NotAnObject(Some(value)) => {
            format!("Invalid value: {}", QuotedRaw(*value))
        }
        Fault::TooManyConditions(count) => format!("Invalid value: a list of {count} items"),
        Fault::NotAnObject(None) => "Required value: null".to_owned(),
        Fault::Shape(_, fault) => match fault.value {
            Some(value) => format!("Invalid value: {}", QuotedRaw(value)),
            None => format!("Required value: {} is missing", fault.field.name()),
        },
        Fault::Duplicate { .. } => format!("Duplicate value: {kind}"),
        Fault::UnknownType => format!("Unsupported value: {kind}"),
        Fault::ReasonFormat => format!("Invalid value: {reason}"),
        Fault::ReasonNotAllowed { status, .. } => {
            format!("Unsupported value: {reason} for {kind} {:?}", status.name())
        }
        Fault::PhaseUnknown { .. } => match subject.status.phase {
            Some(phase) => format!("Unsupported value: {}", QuotedRaw(phase)),
            None => "Unsupported value".to_owned(),
        },
        Fault::PhaseTransition { from, to } => {
            format!("Forbidden: {:?} after {:?}", to.name(), from.name())
        }
        Fault::PhaseConflict { phase, status, .. } => {
            let (status, phase) = (status.name(), phase.name());
            format!("Forbidden: {status:?} for {kind} in phase {phase:?}")
        }
        Fault::ConditionConflict { created } => {
            let created = created.map_or("", |created| &*created.condition_type);
            format!("Forbidden: \"True\" for {kind} beside {created:?} \"False\"")
        }
        Fault::FailureReasonMismatch { details, .. } => {
            let details = details.name();
            format!("Invalid value: {reason} beside failureDetails.reason {details:?}")
        }
        Fault::SkipReasonMismatch { details, .. } => {
            let details = details.name();
            format!("Invalid value: {reason} beside skipDetails.reason {details:?}")
        }
        Fault::FailureDetailsPhase { phase } => {
            format!("Forbidden: failureDetails in phase {:?}", phase.name())
        }
        Fault::SkipDetailsPhase { phase } => {
            format!("Forbidden: skipDetails in phase {:?}", phase.name())
        }
        Fault::SkipDetailsMissing => {
            format!(
                "Required value: phase {:?} without skipDetails",
                Phase::Skipped.name()
            )
        }
        Fault::GenerationAhead { observed, .. } => {
            format!("Invalid value: {observed} above metadata.generation")
        }
        Fault::TimeMoved { stored } => {
            let status = stored.status.name();
            format!("Invalid value: {time} moved though status stays {status:?}")
        }
        Fault::TimeWentBack { .. } => format!("Invalid value: {time} went back"),
        Fault::TimeAhead { .. } => format!("Invalid value: {time} ahead of the clock"),
        Fault::Missing { term, .. } => format!("Required value: no {:?}", term.condition_type),
    }
}

fn allowed(subject: &Subject<'_>, fault: &Fault<'_>) -> String {
    let phases = subject.vocabulary.phases.iter().copied();
    match fault {
        Fault::ConditionsNotAList(_) | Fault::TooManyConditions(_) => {
            format!("must be a list of at most {MAX_ITEMS} conditions")
        }
        Fault::NotAnObject(_) => {
            "must be an object with type, status, reason and lastTransitionTime".to_owned()
        }
        Fault::Shape(_, fault) if is_bare_boolean(fault) => {
            "must be the string \"True\", \"False\" or \"Unknown\", in quotes".to_owned()
        }
        Fault::Shape(_, fault) => format!("must be {}", fault.must),
        Fault::Duplicate { first } => {
            format!("status.conditions[{first}] has this type already, keep one of them")
        }
        Fault::UnknownType => format!(
            "the condition types are {}, or one with the prefix of your own domain",
            known_types(subject)
        ),
        Fault::ReasonFormat => {
            "must be CamelCase: ASCII letters and digits, the first an upper-case letter".to_owned()
        }
        Fault::ReasonNotAllowed { term, allowed, .. } => {
            let extra = subject.policy.extra_reasons_of(term.condition_type);
            let reasons: Vec<_> = allowed.iter().copied().chain(extra).collect();
            format!("allowed: {}", any_of(&reasons))
        }
        Fault::PhaseUnknown { .. } => {
            format!(
                "the phases are {}",
                phases.map(Phase::name).collect::<Vec<_>>().join(", ")
            )
        }
        Fault::PhaseTransition { from, .. } if from.is_terminal() => {
            let from = from.name();
            format!("a run that is {from} stays {from}")
        }
        Fault::PhaseTransition { from, .. } => {
            let next: Vec<_> = phases
                .filter(|next| from.may_become(*next))
                .map(Phase::name)
                .collect();
            format!("after {} comes {}", from.name(), any_of(&next))
        }
        Fault::PhaseConflict { allowed, .. } => format!("allowed there: {allowed}"),
        Fault::ConditionConflict { .. } => {
            "an execution that was not created neither runs nor completes, so fix one of the two"
                .to_owned()
        }
        Fault::FailureReasonMismatch {
            agreeing, generic, ..
        } => format!("allowed: {}", any_of(&[agreeing, generic])),
        Fault::SkipReasonMismatch { agreeing, .. } => format!("allowed: {}", any_of(agreeing)),
        Fault::FailureDetailsPhase { .. } => belong_to(Phase::Failed),
        Fault::SkipDetailsPhase { .. } => belong_to(Phase::Skipped),
        Fault::SkipDetailsMissing => {
            "add skipDetails with reason, message and skippedAt".to_owned()
        }
        Fault::GenerationAhead { generation, .. } => format!("at most {generation}"),
        Fault::TimeMoved { stored } => format!("keep {}", Quoted(&stored.time)),
        Fault::TimeWentBack { stored } => format!("at or after {}", Quoted(&stored.time)),
        Fault::TimeAhead { now } => format!("at most 5 minutes after {now:.0}"),
        Fault::Missing {
            term,
            status,
            reason,
        } => format!(
            "phase and details imply {}={} with reason {}",
            term.condition_type,
            status.name(),
            Quoted(reason)
        ),
    }
}

fn belong_to(phase: Phase) -> String {
    let phase = phase.name();
    format!("they belong to phase {phase} only, so remove them or fix the phase")
}

fn suggestion(subject: &Subject<'_>, finding: &Finding<'_>) -> Option<String> {
    let suggestion = match &finding.fault {
        Fault::Shape(_, fault) if fault.field == ConditionField::Status => {
            suggest::status(fault.value.filter(|value| value.text().len() <= 16)?.text())
        }
        Fault::UnknownType => {
            let unknown = &finding.condition?.condition_type;
            suggest::condition_type(subject, unknown)
        }
        Fault::ReasonNotAllowed { term, status, .. } => {
            suggest::reason(subject, term, *status, &finding.condition?.reason)
        }
        Fault::ReasonFormat => {
            let condition = finding.condition?;
            let term = subject.vocabulary.term_of_type(&condition.condition_type)?;
            suggest::reason(subject, term, condition.status, &condition.reason)
        }
        Fault::PhaseUnknown { .. } => suggest::phase(subject, &subject.status.phase?.string()?),
        Fault::FailureReasonMismatch { agreeing, .. } => Some(*agreeing),
        Fault::SkipReasonMismatch { agreeing, .. } => agreeing.first().copied(),
        _ => None,
    };
    suggestion.map(str::to_owned)
}

/// Whether a status is `true` or `false` without quotes, as YAML makes it.
fn is_bare_boolean(fault: &ShapeFault<'_>) -> bool {
    let value = fault.value.map(Raw::text);
    fault.field == ConditionField::Status && matches!(value, Some("true" | "false"))
}

fn known_types(subject: &Subject<'_>) -> String {
    let known = subject
        .vocabulary
        .terms
        .iter()
        .map(|term| term.condition_type.to_owned());
    let extra = subject
        .policy
        .extra_types
        .iter()
        .map(|name| Quoted(name).to_string());
    known.chain(extra).collect::<Vec<_>>().join(", ")
}

/// `A`, `A or B`, `A, B or C`.
fn any_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
