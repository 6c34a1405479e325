use std::borrow::Cow;

use crate::status::{Condition, ConditionStatus};

/// A condition as the patch writes it, stored or derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'c> {
    /// `lastTransitionTime`.
    pub time: Cow<'c, str>,
    /// `message`, which a stored condition may lack.
    pub message: Option<Cow<'c, str>>,
    /// `observedGeneration`.
    pub observed_generation: Option<i64>,
    /// `reason`.
    pub reason: &'c str,
    /// `status`.
    pub status: ConditionStatus,
    /// `type`.
    pub condition_type: &'c str,
}

impl<'c> From<&'c Condition<'_>> for Written<'c> {
    fn from(condition: &'c Condition<'_>) -> Self {
        Self {
            time: Cow::Borrowed(&condition.time),
            message: condition.message.as_deref().map(Cow::Borrowed),
            observed_generation: condition.observed_generation,
            reason: &condition.reason,
            status: condition.status,
            condition_type: &condition.condition_type,
        }
    }
}
