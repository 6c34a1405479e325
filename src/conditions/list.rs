//! Free functions on a list of conditions of any type, with the semantics of apimachinery's `meta` package.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use crate::status::ConditionStatus;
use crate::vocabulary::Term;

/// A condition of a vocabulary's type.
///
/// `time` is cut to the second, as every Kubernetes client writes it. Whether `reason` is allowed is the caller's
/// business: [`Term::reasons`] knows, and [`RunConditions`](super::RunConditions) asks.
#[must_use]
pub fn new(
    term: &Term,
    status: ConditionStatus,
    reason: impl Into<String>,
    message: impl Into<String>,
    time: Timestamp,
    observed_generation: Option<i64>,
) -> Condition {
    Condition {
        type_: term.condition_type.to_owned(),
        status: status.name().to_owned(),
        reason: reason.into(),
        message: message.into(),
        last_transition_time: Time(whole_seconds(time)),
        observed_generation,
    }
}

/// Sets one condition, as apimachinery's `SetStatusCondition` does, and returns whether anything changed.
///
/// A new type is added at the end. A known one keeps its place; its status, reason, message and `observedGeneration`
/// are updated, and its `lastTransitionTime` only when the status changes.
///
/// ```
/// # use wfe_webhook::{conditions, vocabulary::{ConditionStatus, Role, TEKTON}};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let term = TEKTON.term(Role::Running).ok_or("tekton has it")?;
/// let at = |time: &str, message: &str| -> Result<_, jiff::Error> {
///     let time = time.parse()?;
///     Ok(conditions::new(term, ConditionStatus::True, "PipelineStarted", message, time, None))
/// };
/// let mut list = vec![at("2025-12-11T10:16:00Z", "task 1 of 5")?];
/// assert!(conditions::set(&mut list, at("2025-12-11T10:16:30Z", "task 2 of 5")?));
/// assert_eq!(list, [at("2025-12-11T10:16:00Z", "task 2 of 5")?]);
/// # Ok(())
/// # }
/// ```
pub fn set(conditions: &mut Vec<Condition>, mut condition: Condition) -> bool {
    let Some(known) = conditions
        .iter_mut()
        .find(|known| known.type_ == condition.type_)
    else {
        conditions.push(condition);
        return true;
    };
    if known.status == condition.status {
        condition.last_transition_time = known.last_transition_time.clone();
    }
    let changed = *known != condition;
    *known = condition;
    changed
}

/// The condition of this type.
#[must_use]
pub fn get<'a>(conditions: &'a [Condition], condition_type: &str) -> Option<&'a Condition> {
    conditions
        .iter()
        .find(|condition| condition.type_ == condition_type)
}

/// Whether the condition of this type is there and True.
#[must_use]
pub fn is_true(conditions: &[Condition], condition_type: &str) -> bool {
    has_status(conditions, condition_type, ConditionStatus::True)
}

/// Whether the condition of this type is there and False.
#[must_use]
pub fn is_false(conditions: &[Condition], condition_type: &str) -> bool {
    has_status(conditions, condition_type, ConditionStatus::False)
}

/// Removes every condition of this type. Returns whether there was one.
///
/// A condition that phase and details imply comes back by the webhook's completion: to withdraw one, set it Unknown.
pub fn remove(conditions: &mut Vec<Condition>, condition_type: &str) -> bool {
    let before = conditions.len();
    conditions.retain(|condition| condition.type_ != condition_type);
    conditions.len() != before
}

fn has_status(conditions: &[Condition], condition_type: &str, status: ConditionStatus) -> bool {
    get(conditions, condition_type).is_some_and(|condition| condition.status == status.name())
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    // `as_second` cuts towards zero, and a second of a timestamp is always a timestamp.
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
