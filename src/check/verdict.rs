//! What the server would answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use json_patch::{Patch, PatchOperation};
use serde::Deserialize;
use serde_json::Value;

use super::completion::{self, CompletionError};
use super::review::Review;
use crate::admission::{self, DerivedCount, ExplainedFinding, Outcome, Webhook};
use crate::policy::Policy;
use crate::review;

/// What the server would make of a write.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What `/validate` answers to the completed object.
    pub outcome: Outcome,
    /// Every finding, in words.
    pub findings: Vec<ExplainedFinding>,
    /// What `/mutate` changes.
    pub changes: Vec<Change>,
    /// The completed object's text, where it differs.
    pub completed: Option<String>,
}

/// A condition that completion adds, restores, renews or removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `add`, `restore`, `renew` or `remove`.
    pub change: &'static str,
    /// The condition's type.
    pub condition: String,
    /// Its status.
    pub status: String,
    /// Its reason.
    pub reason: String,
    /// Its message; none when it is removed, or when completion only audits.
    pub message: Option<String>,
}

/// Why a review gets no verdict.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The server would answer HTTP 400.
    #[error("gets no verdict: {0}")]
    Review(#[from] review::Error),
    /// The server would let it pass unjudged.
    #[error(
        "is an AdmissionReview that the webhook lets pass unjudged; expected operation UPDATE of workflowexecutions/status"
    )]
    NotJudged,
    /// The core's answer cannot be read: a fault of this program.
    #[error("gets an answer that cannot be read, which is a fault of this program: {0}")]
    Answer(String),
    /// The core's patch does not fit: a fault of this program.
    #[error("gets a patch that does not fit, which is a fault of this program: {0}")]
    Completion(#[from] CompletionError),
}

/// Judges a write of `object`, the text that stands in `review`.
///
/// # Errors
///
/// When the webhook would not judge it.
pub fn judge(
    review: &Review,
    object: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<Verdict, JudgeError> {
    let body = review.body(object);
    let mutation = admission::decide(Webhook::Mutate, body.as_bytes(), policy, now)?;
    if mutation.outcome == Outcome::Ignored {
        return Err(JudgeError::NotJudged);
    }
    let patch = patch_of(&mutation.answer)?;
    let completed = patch
        .as_ref()
        .map(|patch| completion::complete(object, patch))
        .transpose()?;
    let changes = mutation
        .derived
        .iter()
        .map(|count| Change::of(count, patch.as_ref()))
        .collect();

    let body = review.body(completed.as_deref().unwrap_or(object));
    let validation = admission::decide(Webhook::Validate, body.as_bytes(), policy, now)?;
    Ok(Verdict {
        outcome: validation.outcome,
        findings: admission::explain(body.as_bytes(), policy, now)?,
        changes,
        completed,
    })
}

/// The patch in an answer of `/mutate`.
fn patch_of(answer: &[u8]) -> Result<Option<Patch>, JudgeError> {
    #[derive(Deserialize)]
    struct Answer {
        response: Response,
    }
    #[derive(Deserialize)]
    struct Response {
        patch: Option<String>,
    }

    let unreadable = |error: &dyn ToString| JudgeError::Answer(error.to_string());
    let answer: Answer = serde_json::from_slice(answer).map_err(|error| unreadable(&error))?;
    let Some(patch) = answer.response.patch else {
        return Ok(None);
    };
    let patch = STANDARD.decode(patch).map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&patch).map_err(|error| unreadable(&error))
}

impl Change {
    /// The counted change, with the words that stand in the patch.
    fn of(count: &DerivedCount, patch: Option<&Patch>) -> Self {
        let condition = patch.and_then(|patch| {
            written_conditions(patch).find(|item| item["type"] == count.condition)
        });
        let text = |key: &str| Some(condition?[key].as_str()?.to_owned());
        Self {
            change: count.change,
            condition: count.condition.to_owned(),
            status: text("status").unwrap_or_else(|| count.status.to_owned()),
            reason: text("reason").unwrap_or_else(|| count.reason.to_owned()),
            message: text("message"),
        }
    }
}

/// The conditions that a patch writes, alone or as a list.
fn written_conditions(patch: &Patch) -> impl Iterator<Item = &Value> {
    patch
        .iter()
        .filter_map(|operation| match operation {
            PatchOperation::Add(add) => Some(&add.value),
            PatchOperation::Replace(replace) => Some(&replace.value),
            _ => None,
        })
        .flat_map(|value| {
            value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice)
        })
}
