//! `lastTransitionTime` of a derived condition.

use super::implied::Implied;
use crate::json::Raw;
use crate::rules::Subject;
use crate::status::{Condition, ConditionStatus, Instant};
use crate::vocabulary::Role;

/// The `renewed` or stored condition, where it has the implied status: its time stays as it stands.
pub(super) fn standing<'s>(
    subject: &Subject<'s>,
    implied: Implied,
    renewed: Option<&'s Condition<'s>>,
) -> Option<&'s Condition<'s>> {
    let stored = subject.stored_condition(implied.term.condition_type);
    [renewed, stored]
        .into_iter()
        .flatten()
        .find(|condition| condition.status == implied.status)
}

/// The first time that the status tells, else the clock: cut to the second, not before the stored condition's, never
/// after the clock.
pub(super) fn transition_time(subject: &Subject<'_>, implied: Implied) -> Instant {
    let clock = subject.clock().floor();
    let told = told(subject, implied).unwrap_or(clock);
    let stored = subject.stored_condition(implied.term.condition_type);
    let earliest = stored.map_or(told, |stored| stored.instant.ceil());
    told.max(earliest).min(clock)
}

/// The first time that is known and readable, cut to the second.
fn told(subject: &Subject<'_>, implied: Implied) -> Option<Instant> {
    let status = subject.status;
    let details = status.failure_details.as_ref();
    let failed_at = details.and_then(|details| details.failed_at);
    let skipped_at = status
        .skip_details
        .as_ref()
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
