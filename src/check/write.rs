//! How the server would answer a write.

use jiff::Timestamp;

use super::completion::{self, CompletedObject, CompletionError};
use super::document::{self, ItemContent};
use super::fields::{UnknownField, unknown_fields};
use super::locator::Step;
use super::review::ReviewFrame;
use crate::admission::{JudgedFinding, Judgement, Outcome, Verdict, Webhook, judge};
use crate::answer::{Words, message, words};
use crate::complete::{Change, Written};
use crate::policy::Policy;
use crate::review::{self, Review};
use crate::rules::{Place, Rule};

/// A write, completed as `/mutate` would and then judged as `/validate` would.
#[derive(Clone, Debug)]
pub struct CheckedWrite {
    /// The outcome of `/validate` for the completed object.
    pub outcome: Outcome,
    /// Every finding.
    pub findings: Vec<CheckedFinding>,
    /// Every change by `/mutate`.
    pub changes: Vec<CheckedChange>,
    /// Members of `status` that are probably misspelt.
    pub unknown_fields: Vec<UnknownField>,
    /// The completed object, where it differs.
    pub completed: Option<CompletedObject>,
}

impl CheckedWrite {
    /// The way from the object, as it was written, to what a finding is about; as far as the object has it.
    #[must_use]
    pub fn steps_to(&self, place: Place) -> Vec<Step> {
        let status = || Step::Member("status".to_owned());
        match place {
            Place::Status(field) => vec![status(), Step::Member(field.to_owned())],
            Place::Item { index, field } => {
                let written = match &self.completed {
                    Some(completed) => completed.origins.get(index).copied().flatten(),
                    None => Some(index),
                };
                let list = [status(), Step::Member("conditions".to_owned())];
                let Some(index) = written else {
                    return list.to_vec();
                };
                let item = [Step::Item(index), Step::Member(field.to_owned())];
                list.into_iter().chain(item).collect()
            }
        }
    }
}

/// A finding as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedFinding {
    /// The rule that was broken.
    pub rule: Rule,
    /// Where, in the completed object.
    pub place: Place,
    /// What was seen, what is allowed, what may have been meant.
    pub words: Words,
    /// All of that in one sentence, with the rule's id in brackets.
    pub message: String,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// A condition that completion adds, restores, renews or removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedChange {
    /// `add`, `restore`, `renew` or `remove`.
    pub change: &'static str,
    /// The condition's type.
    pub condition_type: String,
    /// Its status.
    pub status: &'static str,
    /// Its reason.
    pub reason: String,
    /// Its message; none when it is removed.
    pub message: Option<String>,
}

/// Why a write cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The server would answer HTTP 400.
    #[error("cannot be judged: {0}")]
    Review(#[from] review::ReviewError),
    /// The server would allow it without judging it.
    #[error(
        "is an AdmissionReview that the webhook allows without judging it; expected operation UPDATE of workflowexecutions/status"
    )]
    NotJudged,
    /// The patch does not fit the object: a fault of this program.
    #[error("gets a patch that does not fit, which is a fault of this program: {0}")]
    Completion(#[from] CompletionError),
}

/// Checks a write of `object`, the text that goes into `frame`.
///
/// # Errors
///
/// When the webhook would not judge it.
pub fn check(
    frame: &ReviewFrame,
    object: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<CheckedWrite, CheckError> {
    let body = frame.body(object);
    let review = Review::parse(&body)?;
    let mutated = judge(Webhook::Mutate, &review, policy, now);
    let completed = match mutated.outcome {
        Outcome::Ignored => return Err(CheckError::NotJudged),
        Outcome::Patched => Some(completion::complete(object, &mutated)?),
        _ => None,
    };
    let changes = mutated.changes.iter().map(CheckedChange::of).collect();

    let body = frame.body(completed.as_ref().map_or(object, |it| it.text.as_str()));
    let review = Review::parse(&body)?;
    let validated = judge(Webhook::Validate, &review, policy, now);
    Ok(CheckedWrite {
        outcome: validated.outcome,
        findings: findings(&validated),
        changes,
        unknown_fields: unknown_fields(object),
        completed,
    })
}

/// Whether the first write of `object`, the text of a `WorkflowExecution`, would be completed.
#[must_use]
pub fn would_complete(object: &str, policy: &Policy, now: Timestamp) -> bool {
    let Ok(documents) = document::read(object.as_bytes()) else {
        return false;
    };
    let mut items = documents.iter().flat_map(document::Document::items);
    let Some(Ok(item)) = items.next() else {
        return false;
    };
    let ItemContent::Object(content) = &item.content else {
        return false;
    };
    let body = ReviewFrame::of_write(content, None).body(object);
    Review::parse(&body).is_ok_and(|review| {
        !judge(Webhook::Mutate, &review, policy, now)
            .changes
            .is_empty()
    })
}

fn findings(judgement: &Judgement<'_>) -> Vec<CheckedFinding> {
    let Some(subject) = &judgement.subject else {
        return Vec::new();
    };
    let text_of = |judged: &JudgedFinding<'_>| CheckedFinding {
        rule: judged.finding.rule(),
        place: judged.finding.place,
        words: words(subject, &judged.finding, true),
        message: message(subject, &judged.finding, true),
        verdict: judged.verdict,
    };
    judgement.findings.iter().map(text_of).collect()
}

impl CheckedChange {
    fn of(change: &Change<'_>) -> Self {
        let Written {
            condition_type,
            status,
            reason,
            message,
            ..
        } = change.condition();
        let is_written = !matches!(change, Change::Remove { .. });
        Self {
            change: change.name(),
            condition_type: (*condition_type).to_owned(),
            status: status.name(),
            reason: (*reason).to_owned(),
            message: message.as_deref().filter(|_| is_written).map(str::to_owned),
        }
    }
}
