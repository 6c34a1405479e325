//! `lastTransitionTime` of a derived condition.

use std::borrow::Cow;

use super::implied::Implied;
use crate::json::Raw;
use crate::rules::Subject;
use crate::status::{Condition, ConditionStatus, Instant};
use crate::vocabulary::Role;

/// The time of the `renewed` or of the stored condition, where that has the implied status. Else the first time that is
/// known from the status, or the clock: cut to the second, not before the stored condition's, never after the clock.
pub(super) fn transition_time<'s>(
    subject: &Subject<'s>,
    implied: Implied,
    renewed: Option<&'s Condition<'s>>,
) -> Cow<'s, str> {
    let stored = subject.stored_condition(implied.term.condition_type);
    let standing = [renewed, stored]
        .into_iter()
        .flatten()
        .find(|condition| condition.status == implied.status);
    if let Some(standing) = standing {
        return Cow::Borrowed(&standing.time);
    }
    let clock = subject.clock().floor();
    let known = known_time(subject, implied);
    let known_at = known.as_ref().map_or(clock, |known| known.instant);
    let earliest = stored.map_or(known_at, |stored| stored.instant.ceil());
    let time = known_at.max(earliest).min(clock);
    match known {
        Some(KnownTime { instant, text }) if instant == time && is_in_whole_seconds(&text) => text,
        _ => Cow::Owned(time.timestamp().unwrap_or(subject.now).to_string()),
    }
}

/// Whether a readable time is written as every Kubernetes client writes it: `YYYY-MM-DDTHH:MM:SSZ`.
const fn is_in_whole_seconds(time: &str) -> bool {
    time.len() == "2006-01-02T15:04:05Z".len()
}

/// A time of the status.
struct KnownTime<'s> {
    /// The time, cut to the second.
    instant: Instant,
    /// As received.
    text: Cow<'s, str>,
}

/// The first time that is known and readable.
fn known_time<'s>(subject: &Subject<'s>, implied: Implied) -> Option<KnownTime<'s>> {
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
        .filter_map(|raw: Raw<'s>| {
            let text = raw.string()?;
            let instant = Instant::parse(&text)?.floor();
            Some(KnownTime { instant, text })
        })
        .find(|known| known.instant.is_writable())
}
