//! What is counted: the answer to each review on each webhook, and the floor under it.

pub mod record;

use bodies::Body;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use wfe_webhook::admission::{Webhook, judge};
use wfe_webhook::answer::answer;
use wfe_webhook::policy::Policy;
use wfe_webhook::review::{self, Review};

/// What is done with a review's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// They are read once to their end and nothing is made of them: less cannot be done by a reader of JSON.
    Floor,
    /// They are answered.
    Answer(Webhook),
}

/// One thing to count.
#[derive(Debug)]
pub struct Subject<'b> {
    /// The review.
    pub body: &'b Body,
    /// What is done with it.
    pub work: Work,
}

impl Subject<'_> {
    /// Its name in the records, for example `patch-9k /mutate`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.work {
            Work::Floor => self.body.name.clone(),
            Work::Answer(webhook) => format!("{} /{}", self.body.name, webhook.name()),
        }
    }

    /// Does the work once, for what it leaves behind: tables that are made at first use.
    pub fn warm_up(&self) {
        self.run(&Policy::default());
    }

    /// Does the work.
    ///
    /// # Panics
    ///
    /// When the review cannot be answered.
    pub fn run(&self, policy: &Policy) {
        match self.work {
            Work::Floor => {
                serde_json::from_slice::<IgnoredAny>(&self.body.json).expect("a review is JSON");
            }
            Work::Answer(webhook) => {
                let text = review::text(&self.body.json);
                let review = Review::parse(&text).expect("a body is a review");
                let judgement = judge(webhook, &review, policy, clock());
                std::hint::black_box(answer(&judgement));
            }
        }
    }
}

/// Bytes of each of the two lists in a review of the longest lists that are looked at: just over 1 MiB in all.
const LONGEST_LISTS: usize = 512 << 10;

/// Every review that is counted: those of all kinds and sizes, some for the growth with the number of conditions, and the
/// longest lists that are looked at.
#[must_use]
pub fn bodies() -> Vec<Body> {
    let many = [1, 100, 1_024].map(bodies::many_conditions);
    let longest = test_support::longest_lists::reviews(LONGEST_LISTS).into_iter();
    let longest = longest.map(|(name, json)| Body {
        name: format!("1,024 {name}"),
        write: bodies::Write::Nothing,
        json,
    });
    bodies::all()
        .into_iter()
        .chain(many)
        .chain(longest)
        .collect()
}

/// Everything that is counted, always in the same order.
#[must_use]
pub fn subjects(bodies: &[Body]) -> Vec<Subject<'_>> {
    let work = [
        Work::Floor,
        Work::Answer(Webhook::Mutate),
        Work::Answer(Webhook::Validate),
    ];
    let subjects = bodies
        .iter()
        .flat_map(|body| work.map(|work| Subject { body, work }));
    subjects.collect()
}

/// A clock that stands still, after every time in the reviews.
fn clock() -> Timestamp {
    Timestamp::constant(1_765_500_000, 0)
}
