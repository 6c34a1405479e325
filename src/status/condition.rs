use std::borrow::Cow;

use super::Instant;
use crate::vocabulary::{ConditionStatus, Vocabulary};

/// What the message of a condition ends in that the webhook wrote (spec section 5).
pub(crate) const MARK: &str = " (derived by wfe-webhook)";

/// A well-shaped condition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_field_names, reason = "`type` is a keyword")]
pub struct Condition<'a> {
    /// `type`.
    pub condition_type: Cow<'a, str>,
    /// `status`.
    pub status: ConditionStatus,
    /// `reason`.
    pub reason: Cow<'a, str>,
    /// `message`.
    pub message: Option<Cow<'a, str>>,
    /// `lastTransitionTime`, the text as received.
    pub time: Cow<'a, str>,
    /// `lastTransitionTime` as a point in time.
    pub instant: Instant,
    /// `observedGeneration`.
    pub observed_generation: Option<i64>,
}

impl Condition<'_> {
    /// Whether the message ends in the mark of the webhook.
    #[must_use]
    pub fn has_mark(&self) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.ends_with(MARK))
    }

    /// Whether this is one of the webhook's own conditions under `vocabulary` (spec section 5).
    #[must_use]
    pub fn is_own(&self, vocabulary: &Vocabulary) -> bool {
        self.status != ConditionStatus::Unknown
            && self.has_mark()
            && vocabulary.term_of_type(&self.condition_type).is_some()
    }
}
