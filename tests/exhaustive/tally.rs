//! Counts the cases that a test compares and stops it at the first few differences.

use serde_json::Value;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use crate::match_conditions::nothing_is_lost;
use crate::oracle::{self, compare};
use crate::space::{Case, Names};

/// Compares all cases of one vocabulary.
///
/// # Panics
///
/// When anything differs, or when there are fewer cases than `at_least`.
pub fn compare_all(title: &'static str, names: Names, cases: Vec<Case>, at_least: usize) {
    let mut tally = Tally::new(title, names);
    for case in cases {
        tally.compare(&case.status, &case.stored);
    }
    tally.finish(at_least);
}

/// Compares cases of one vocabulary.
struct Tally {
    title: &'static str,
    names: Names,
    policy: Policy,
    compared: usize,
    /// Calls that an API server leaves out: of `/mutate`, of `/validate`, and of `/validate` for the same write again.
    left_out: [usize; 3],
    differences: Vec<String>,
}

impl Tally {
    fn new(title: &'static str, names: Names) -> Self {
        Self {
            title,
            names,
            policy: names.policy(),
            compared: 0,
            left_out: [0; 3],
            differences: Vec::new(),
        }
    }

    /// Compares what both make of a write of `status` over `stored`.
    fn compare(&mut self, status: &Value, stored: &Value) {
        let review = self
            .names
            .review()
            .generation(2)
            .status(status.clone())
            .stored(stored.clone());
        self.compared += 1;
        self.leave_out(status, stored);
        if let Err(difference) = compare(&review.body(), &self.policy, oracle::now()) {
            self.differences.push(difference);
        }
        assert!(self.differences.len() < 5, "{}", self.report());
    }

    /// Holds the write, and the same one once more, against the calls that an API server leaves out.
    fn leave_out(&mut self, status: &Value, stored: &Value) {
        let write = |stored: &Value| {
            let review = self.names.review().generation(2);
            review.status(status.clone()).stored(stored.clone())
        };
        let (first, again) = (write(stored), write(status));
        let calls = [
            (Webhook::Mutate, &first),
            (Webhook::Validate, &first),
            (Webhook::Validate, &again),
        ];
        for (count, (webhook, review)) in self.left_out.iter_mut().zip(calls) {
            match nothing_is_lost(webhook, self.policy.vocabulary, review.value()) {
                Ok(is_left_out) => *count += usize::from(is_left_out),
                Err(lost) => self.differences.push(lost),
            }
        }
    }

    fn report(&self) -> String {
        let count = self.compared;
        let differences = self.differences.join("\n\n");
        format!(
            "{} ({:?}): {count} cases\n\n{differences}",
            self.title, self.names
        )
    }

    /// Says how much was compared, and fails when anything differed.
    fn finish(self, at_least: usize) {
        let [mutate, validate, again] = self.left_out;
        println!(
            "{} ({:?}): {} cases; {mutate} need no call of /mutate, {validate} none of /validate",
            self.title, self.names, self.compared
        );
        assert!(self.differences.is_empty(), "{}", self.report());
        assert!(self.compared >= at_least, "only {} cases", self.compared);
        assert_eq!(again, self.compared, "the same write again has nothing new");
    }
}
