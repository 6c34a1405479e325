//! How far a long run has come, on a terminal.

use std::io::{IsTerminal as _, stderr};

use crate::cli::output;

const WIDTH: usize = 30;

/// A bar on standard error, if that is a terminal.
pub(super) struct Progress {
    is_shown: bool,
}

impl Progress {
    pub(super) fn start() -> Self {
        Self {
            is_shown: stderr().is_terminal(),
        }
    }

    /// Shows how many objects are done, and how many remain if that is known: with a selector it is not.
    pub(super) fn show(&self, done: u64, remaining: Option<u64>) {
        if self.is_shown {
            output::complain(&format!("\r\x1b[K{}", bar(done, remaining)));
        }
    }
}

/// Removes the bar, so that what is said next has a line of its own.
impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            output::complain("\r\x1b[K");
        }
    }
}

fn bar(done: u64, remaining: Option<u64>) -> String {
    let Some(remaining) = remaining else {
        return format!("{done} objects");
    };
    let total = (done + remaining).max(1);
    let full = usize::try_from(done.saturating_mul(WIDTH as u64) / total).unwrap_or(WIDTH);
    let (full, empty) = ("#".repeat(full), ".".repeat(WIDTH - full));
    format!("[{full}{empty}] {done} of {total} objects")
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn the_bar_grows_to_its_width() {
        let bars = [(0, 90), (30, 60), (90, 0)].map(|(done, remaining)| bar(done, Some(remaining)));
        assert_eq!(
            bars,
            [
                "[..............................] 0 of 90 objects",
                "[##########....................] 30 of 90 objects",
                "[##############################] 90 of 90 objects",
            ]
        );
        assert_eq!(bar(500, None), "500 objects");
    }
}
