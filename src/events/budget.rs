use jiff::Timestamp;

/// How many Events may come at once.
const BURST: u32 = 50;

/// How many Events this replica may send, whatever causes them: any client that reaches the webhook can send reviews of objects without
/// end, and each Event is an object that an API server stores for an hour. One more each second.
#[derive(Debug)]
pub(super) struct Budget {
    left: u32,
    filled: Timestamp,
}

impl Budget {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            left: BURST,
            filled: now,
        }
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: Timestamp) -> bool {
        let seconds = now.as_second() - self.filled.as_second();
        if seconds != 0 {
            // A clock that was set back gives nothing.
            let more = u32::try_from(seconds).unwrap_or(0);
            self.left = self.left.saturating_add(more).min(BURST);
            self.filled = now;
        }
        let is_left = self.left > 0;
        self.left -= u32::from(is_left);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{BURST, Budget};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Each row: when, how many are asked for, and how many there are.
    #[test]
    fn a_burst_and_then_one_each_second() {
        let mut budget = Budget::new(at(0));
        for (second, asked, given) in [
            (0, BURST + 5, BURST),
            (1, 3, 1),
            (4, 5, 3),
            (3, 1, 0),
            (4, 2, 1),
            (1000, 2 * BURST, BURST),
        ] {
            let taken = (0..asked).filter(|_| budget.take(at(second))).count();
            assert_eq!(u32::try_from(taken).unwrap(), given, "at {second} s");
        }
    }
}
