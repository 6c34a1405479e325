use std::borrow::Cow;

use super::Derived;
use crate::status::{Condition, ConditionStatus};

/// A condition as the patch writes it, be it a stored or a derived one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'c> {
    /// `type`.
    pub condition_type: &'c str,
    /// `status`.
    pub status: ConditionStatus,
    /// `reason`.
    pub reason: &'c str,
    /// `message`, which a stored condition may lack.
    pub message: Option<&'c str>,
    /// `lastTransitionTime`.
    pub time: Cow<'c, str>,
    /// `observedGeneration`.
    pub observed_generation: Option<i64>,
}

impl<'c> From<&'c Condition<'_>> for Written<'c> {
    fn from(condition: &'c Condition<'_>) -> Self {
        Self {
            condition_type: &condition.condition_type,
            status: condition.status,
            reason: &condition.reason,
            message: condition.message.as_deref(),
            time: Cow::Borrowed(&condition.time),
            observed_generation: condition.observed_generation,
        }
    }
}

impl<'c> From<&'c Derived<'_>> for Written<'c> {
    fn from(derived: &'c Derived<'_>) -> Self {
        let condition = &derived.condition;
        Self {
            condition_type: &condition.type_,
            status: derived.status,
            reason: &condition.reason,
            message: Some(&condition.message),
            time: match derived.standing_time {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(condition.last_transition_time.0.to_string()),
            },
            observed_generation: condition.observed_generation,
        }
    }
}
