//! Judgements as owned values, for tests that look at them when the review is gone.

use jiff::Timestamp;
use wfe_webhook::admission::{Judgement, Outcome, Webhook, judge};
use wfe_webhook::answer::{answer, message};
use wfe_webhook::complete::Change;
use wfe_webhook::policy::Policy;
use wfe_webhook::review::{self, Review};
use wfe_webhook::rules::Rule;
use wfe_webhook::vocabulary::{self, Phase};

/// A judgement and its answer.
#[derive(Debug)]
pub struct Judged {
    pub outcome: Outcome,
    /// The answer's bytes.
    pub answer: Vec<u8>,
    pub uid: String,
    pub user: String,
    pub name: String,
    pub dry_run: bool,
    pub stale: bool,
    pub findings: Vec<Found>,
    pub changes: Vec<Changed>,
    /// Type, status and reason of each condition whose status changes.
    pub condition_transitions: Vec<(String, &'static str, String)>,
    /// The old and the new phase; `other` for an unknown one.
    pub phase_transition: Option<(&'static str, &'static str)>,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub rule: Rule,
    pub path: String,
    pub message: String,
    /// `deny`, `warn`, `audit` or `inherited`.
    pub action: &'static str,
    /// The type of the condition that is concerned, where it can be read.
    pub condition: Option<String>,
}

/// A change of a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// The type, always one of a vocabulary's.
    pub condition: &'static str,
    pub status: &'static str,
    pub reason: String,
    /// `add`, `restore`, `renew` or `remove`.
    pub change: &'static str,
}

/// Judges and answers a review as the server does.
pub fn judged(
    webhook: Webhook,
    body: &[u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Judged, review::ReviewError> {
    let text = review::text(body);
    let review = Review::parse(&text)?;
    Ok(Judged::of(&judge(webhook, &review, policy, now)))
}

/// The bytes of the answer, made as the server makes them.
pub fn answered(
    webhook: Webhook,
    body: &[u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<u8>, review::ReviewError> {
    let text = review::text(body);
    let review = Review::parse(&text)?;
    Ok(answer(&judge(webhook, &review, policy, now)))
}

/// The findings of `/validate`.
pub fn findings(
    body: &[u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<Found>, review::ReviewError> {
    Ok(judged(Webhook::Validate, body, policy, now)?.findings)
}

impl Judged {
    fn of(judgement: &Judgement<'_>) -> Self {
        let review = judgement.review;
        Self {
            outcome: judgement.outcome,
            answer: answer(judgement),
            uid: review.uid.to_string(),
            user: review.user.to_string(),
            name: review.name.to_string(),
            dry_run: review.dry_run,
            stale: review.is_stale(),
            findings: found(judgement),
            changes: judgement.changes.iter().map(Changed::of).collect(),
            condition_transitions: judgement
                .condition_transitions
                .iter()
                .map(|it| {
                    let (condition_type, reason) = (&it.condition_type, &it.reason);
                    (
                        condition_type.to_string(),
                        it.status.name(),
                        reason.to_string(),
                    )
                })
                .collect(),
            phase_transition: judgement
                .phase_transition
                .map(|it| (phase_name(it.from), phase_name(it.to))),
        }
    }
}

fn phase_name(phase: Option<Phase>) -> &'static str {
    phase.map_or("other", Phase::name)
}

fn found(judgement: &Judgement<'_>) -> Vec<Found> {
    let Some(subject) = &judgement.subject else {
        return Vec::new();
    };
    let found = judgement.findings.iter().map(|judged| Found {
        rule: judged.finding.rule(),
        path: judged.finding.place.to_string(),
        message: message(subject, &judged.finding, true),
        action: judged.verdict.name(),
        condition: judged.finding.condition_type().map(str::to_owned),
    });
    found.collect()
}

impl Changed {
    fn of(change: &Change<'_>) -> Self {
        let condition = change.condition();
        Self {
            condition: vocabulary::ALL
                .iter()
                .find_map(|it| it.term_of_type(condition.condition_type))
                .expect("only a vocabulary's types are completed")
                .condition_type,
            status: condition.status.name(),
            reason: condition.reason.to_owned(),
            change: change.name(),
        }
    }
}
