use std::borrow::Cow;

use super::Instant;
use crate::vocabulary::ConditionStatus;

/// What the message of a condition ends in that the webhook wrote (spec section 5).
pub const MARK: &str = " (derived by wfe-webhook)";

/// A well-shaped condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    /// `type`.
    pub condition_type: Cow<'a, str>,
    /// `status`.
    pub status: ConditionStatus,
    /// `reason`.
    pub reason: Cow<'a, str>,
    /// `message`.
    pub message: Option<Cow<'a, str>>,
    /// `lastTransitionTime`, the text as it came.
    pub time: Cow<'a, str>,
    /// `lastTransitionTime` as a point in time.
    pub instant: Instant,
    /// `observedGeneration`.
    pub observed_generation: Option<i64>,
}

impl Condition<'_> {
    /// Whether the message ends in the mark of the webhook.
    #[must_use]
    pub fn bears_mark(&self) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.ends_with(MARK))
    }
}
