use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::rules::Rule;

/// How many objects and rules are remembered; beyond them the one that was told longest ago is forgotten.
pub(super) const MOST: usize = 2048;

/// Which objects and rules have an Event, and what has happened to them since.
#[derive(Debug)]
pub(super) struct Aggregation {
    interval: Duration,
    told: HashMap<(String, Rule), Told>,
}

#[derive(Debug)]
struct Told {
    at: Timestamp,
    since: Option<Repetitions>,
}

/// What one Event stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repetitions {
    /// How often it happened.
    pub(super) count: u32,
    /// When it first happened.
    pub(super) first: Timestamp,
}

impl Repetitions {
    /// What it stands for after one more.
    fn and_one(before: Option<Self>, now: Timestamp) -> Self {
        Self {
            count: before.map_or(0, |before| before.count).saturating_add(1),
            first: before.map_or(now, |before| before.first),
        }
    }
}

impl Aggregation {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            told: HashMap::new(),
        }
    }

    /// What an Event is to say; `None` where the last one is too recent, and this is only counted for the next.
    pub(super) fn due(&mut self, uid: &str, rule: Rule, now: Timestamp) -> Option<Repetitions> {
        let Some(told) = self.told.get_mut(&(uid.to_owned(), rule)) else {
            return Some(Repetitions::and_one(None, now));
        };
        let repetitions = Repetitions::and_one(told.since, now);
        // A clock that was set back must not silence anything.
        let elapsed = Duration::try_from(now.duration_since(told.at));
        if elapsed.is_ok_and(|elapsed| elapsed < self.interval) {
            told.since = Some(repetitions);
            return None;
        }
        Some(repetitions)
    }

    /// An Event was recorded.
    pub(super) fn recorded(&mut self, uid: &str, rule: Rule, now: Timestamp) {
        self.remember(uid, rule, now, None);
    }

    /// Another replica has recorded one: this replica's next one counts what that one does not.
    pub(super) fn recorded_elsewhere(
        &mut self,
        uid: &str,
        rule: Rule,
        now: Timestamp,
        untold: Repetitions,
    ) {
        self.remember(uid, rule, now, Some(untold));
    }

    fn remember(&mut self, uid: &str, rule: Rule, at: Timestamp, since: Option<Repetitions>) {
        self.told.insert((uid.to_owned(), rule), Told { at, since });
        if self.told.len() > MOST {
            let oldest = self.told.iter().min_by_key(|(_, told)| told.at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.told.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use rstest::rstest;

    use super::{Aggregation, MOST, Repetitions};
    use crate::rules::Rule;

    const INTERVAL: Duration = Duration::from_secs(300);
    const RULE: Rule = Rule::PhaseConflict;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// What becomes of an Event that is due.
    #[derive(Clone, Copy, Debug)]
    enum Then {
        Recorded,
        RecordedElsewhere,
        Failed,
    }
    use Then::{Failed, Recorded, RecordedElsewhere};

    /// When it happens, what becomes of an Event, and the count and first time of that Event, where one is due.
    type Row = (i64, Then, Option<(u32, i64)>);

    #[rstest]
    #[case::only_counted_until_the_interval_is_over(&[
        (0, Recorded, Some((1, 0))),
        (1, Recorded, None),
        (299, Recorded, None),
        (300, Recorded, Some((3, 1))),
        (301, Recorded, None),
        (601, Recorded, Some((2, 301))),
    ])]
    #[case::alone_after_the_interval(&[
        (0, Recorded, Some((1, 0))),
        (400, Recorded, Some((1, 400))),
    ])]
    #[case::tried_again_at_once_when_it_failed(&[
        (0, Failed, Some((1, 0))),
        (1, Recorded, Some((1, 1))),
        (2, Recorded, None),
    ])]
    #[case::what_was_counted_survives_a_failure(&[
        (0, Recorded, Some((1, 0))),
        (10, Recorded, None),
        (300, Failed, Some((2, 10))),
        (310, Recorded, Some((2, 10))),
    ])]
    #[case::another_replica_was_first(&[
        (0, RecordedElsewhere, Some((1, 0))),
        (1, Recorded, None),
        (300, RecordedElsewhere, Some((3, 0))),
        (600, Recorded, Some((4, 0))),
    ])]
    #[case::the_clock_was_set_back(&[
        (500, Recorded, Some((1, 500))),
        (0, Recorded, Some((1, 0))),
        (10, Recorded, None),
    ])]
    fn one_event_in_an_interval_tells_of_all_since_the_last(#[case] rows: &[Row]) {
        let mut aggregation = Aggregation::new(INTERVAL);
        for (second, then, expected) in rows {
            let now = at(*second);
            let due = aggregation.due("a", RULE, now);
            let expected = expected.map(|(count, first)| Repetitions {
                count,
                first: at(first),
            });
            assert_eq!(due, expected, "at {second} s");
            match (due, then) {
                (None, _) | (Some(_), Failed) => {}
                (Some(_), Recorded) => aggregation.recorded("a", RULE, now),
                (Some(due), RecordedElsewhere) => {
                    aggregation.recorded_elsewhere("a", RULE, now, due);
                }
            }
        }
    }

    #[test]
    fn objects_and_rules_do_not_silence_each_other() {
        let mut aggregation = Aggregation::new(INTERVAL);
        aggregation.recorded("a", RULE, at(0));
        assert_eq!(aggregation.due("a", RULE, at(1)), None);
        assert!(aggregation.due("b", RULE, at(1)).is_some());
        assert!(aggregation.due("a", Rule::ReasonFormat, at(1)).is_some());
    }

    #[test]
    fn the_one_that_was_told_longest_ago_is_forgotten_first() {
        let mut aggregation = Aggregation::new(INTERVAL);
        let few = i64::try_from(MOST).unwrap();
        // Backwards, so that the first one to come in is not the oldest one.
        for object in (0..=few).rev() {
            let second = if object == 7 { -1 } else { 0 };
            aggregation.recorded(&object.to_string(), RULE, at(second));
        }
        assert_eq!(aggregation.told.len(), MOST);
        assert!(aggregation.due("7", RULE, at(1)).is_some());
        assert_eq!(aggregation.due("8", RULE, at(1)), None);
    }
}
