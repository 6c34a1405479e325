//! The rules that compare a condition with the stored one, the object and the clock.

use std::cmp::Ordering;

use super::{Fault, Subject};
use crate::status::Condition;

/// How far `lastTransitionTime` may be ahead of the clock, in seconds.
const CLOCK_SKEW: i64 = 5 * 60;

pub(super) fn generation_ahead<'s>(
    subject: &Subject<'s>,
    condition_type: &str,
    observed: Option<i64>,
) -> Option<Fault<'s>> {
    let (observed, generation) = (observed?, subject.generation?);
    if observed <= generation {
        return None;
    }
    let stored = subject.stored_condition(condition_type);
    let is_stored = stored.is_some_and(|stored| stored.observed_generation == Some(observed));
    (!is_stored).then_some(Fault::GenerationAhead {
        observed,
        generation,
    })
}

pub(super) fn transition_time<'s>(
    subject: &Subject<'s>,
    condition: &Condition<'_>,
) -> Option<Fault<'s>> {
    if let Some(stored) = subject.stored_condition(&condition.condition_type) {
        match condition.instant.cmp(&stored.instant) {
            Ordering::Equal => return None,
            _ if stored.status == condition.status => return Some(Fault::TimeMoved { stored }),
            Ordering::Less => return Some(Fault::TimeWentBack { stored }),
            Ordering::Greater => {}
        }
    }
    let is_ahead = condition.instant > subject.clock().after(CLOCK_SKEW);
    is_ahead.then_some(Fault::TimeAhead { now: subject.now })
}
