//! `lastTransitionTime` of a derived condition.

use std::borrow::Cow;

use super::implied::Implied;
use crate::json::Raw;
use crate::rules::Subject;
use crate::status::{Condition, ConditionStatus, Instant};
use crate::vocabulary::Role;

/// The time of the `renewed` or stored condition as it stands, where that has the implied status. Else the first that
/// the status tells, else the clock: cut to the second, not before the stored condition's, never after the clock.
pub(super) fn transition_time<'s>(
    subject: &Subject<'s>,
    implied: Implied,
    renewed: Option<&'s Condition<'s>>,
) -> (Cow<'s, str>, Instant) {
    let stored = subject.stored_condition(implied.term.condition_type);
    let standing = [renewed, stored]
        .into_iter()
        .flatten()
        .find(|condition| condition.status == implied.status);
    if let Some(condition) = standing {
        return (Cow::Borrowed(&condition.time), condition.instant);
    }
    let clock = subject.clock().floor();
    let mut instant = told(subject, implied).unwrap_or(clock);
    if let Some(stored) = stored {
        instant = instant.max(stored.instant.ceil());
    }
    instant = instant.min(clock);
    let text = instant.timestamp().unwrap_or(subject.now).to_string();
    (Cow::Owned(text), instant)
}

/// The first time that is known and readable, cut to the second.
fn told(subject: &Subject<'_>, implied: Implied) -> Option<Instant> {
    let status = subject.status;
    let details = status.failure_details.present();
    let failed_at = details.and_then(|details| details.failed_at);
    let skipped_at = status
        .skip_details
        .present()
        .and_then(|details| details.skipped_at);
    let sources = match (implied.term.role, implied.status) {
        (Role::Created | Role::Running, ConditionStatus::True) => {
            [status.start_time, status.completion_time, failed_at]
        }
        (Role::Lock, _) => [skipped_at, None, None],
        _ => [status.completion_time, failed_at, None],
    };
    sources
        .into_iter()
        .flatten()
        .filter_map(|raw: Raw<'_>| Instant::parse(&raw.string()?))
        .map(Instant::floor)
        .find(|instant| instant.is_writable())
}
