//! The admission path: the bytes of a review in, the bytes of the answer out, and what happened for metrics and logs.

mod mutate;
mod validate;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::answer::Response;
use crate::policy::Policy;
use crate::review::{self, Review};
use crate::rules::Rule;
use crate::status::ConditionStatus;
use crate::vocabulary::Vocabulary;

/// Which of the two webhooks is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Webhook {
    /// `/mutate`: completes, never denies, never warns.
    Mutate,
    /// `/validate`: gives every verdict, never patches.
    Validate,
}

impl Webhook {
    /// Both webhooks.
    pub const ALL: [Self; 2] = [Self::Mutate, Self::Validate];

    /// The value of the metric label `webhook`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mutate => "mutate",
            Self::Validate => "validate",
        }
    }
}

/// What a review came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Allowed as it is.
    Allowed,
    /// Allowed with a patch.
    Patched,
    /// Refused.
    Denied,
    /// An exempt writer's: judged, never denied.
    Exempt,
    /// Not a status write of a `WorkflowExecution`: a wrong registration.
    Ignored,
}

impl Outcome {
    /// The value of the metric label `outcome`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Patched => "patched",
            Self::Denied => "denied",
            Self::Exempt => "exempt",
            Self::Ignored => "ignored",
        }
    }
}

/// Findings as metrics and logs count them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FindingCount {
    /// The rule that was broken.
    pub rule: Rule,
    /// The condition type when the vocabulary has it, else `other`; `none` where no condition is concerned.
    pub condition: &'static str,
    /// `deny`, `warn`, `audit` (after the mode's cap) or `inherited`.
    pub action: &'static str,
    /// How many such findings the review has.
    pub count: u64,
}

/// A condition that completion added, restored, renewed or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DerivedCount {
    /// The condition type.
    pub condition: &'static str,
    /// The status, `True` or `False`.
    pub status: &'static str,
    /// The reason when the vocabulary has it, else `other`.
    pub reason: &'static str,
    /// `add`, `restore`, `renew` or `remove`.
    pub change: &'static str,
}

/// A condition whose status an allowed write changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransitionCount {
    /// The condition type when the vocabulary has it, else `other`.
    pub condition: &'static str,
    /// The new status.
    pub status: &'static str,
    /// The new reason when the vocabulary has it, else `other`.
    pub reason: &'static str,
}

/// A decision: the answer and what a log line and the metrics say of it.
#[derive(Debug)]
pub struct Decision<'a> {
    /// What the review came to.
    pub outcome: Outcome,
    /// The complete `AdmissionReview` to send, as JSON.
    pub answer: Vec<u8>,
    /// The request's uid.
    pub uid: Cow<'a, str>,
    /// The writer's name.
    pub user: Cow<'a, str>,
    /// The object's namespace, empty when the review names none.
    pub namespace: Cow<'a, str>,
    /// The object's name, empty when the review names none.
    pub name: Cow<'a, str>,
    /// The operation, normally `UPDATE`.
    pub operation: Cow<'a, str>,
    /// Whether the write is a dry run.
    pub dry_run: bool,
    /// Whether object and stored object differ in `resourceVersion`, so that this round can store nothing.
    pub stale: bool,
    /// Every finding of `/validate`, counted.
    pub findings: Vec<FindingCount>,
    /// Every change that `/mutate` makes, or under `--completion audit` would make.
    pub derived: Vec<DerivedCount>,
    /// The conditions whose status changes, where `/validate` allows the write and it is no dry run.
    pub condition_transitions: Vec<TransitionCount>,
    /// The old and the new phase (`other` for unknown ones) where they differ, `/validate` allows the write and it is
    /// no dry run.
    pub phase_transition: Option<(&'static str, &'static str)>,
}

impl Decision<'_> {
    fn into_owned(self) -> Decision<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Decision {
            uid: owned(self.uid),
            user: owned(self.user),
            namespace: owned(self.namespace),
            name: owned(self.name),
            operation: owned(self.operation),
            ..self
        }
    }
}

/// Decides a review.
///
/// `body` is the request's body; what is no UTF-8 in it is read as U+FFFD, as API servers do. `now` is the clock (used
/// only for times that nothing else tells). The decision is a pure function of the three.
///
/// # Errors
///
/// When the body is no `AdmissionReview` of `admission.k8s.io/v1` with a request and a uid.
pub fn decide<'a>(
    webhook: Webhook,
    body: &'a [u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Decision<'a>, review::Error> {
    match str::from_utf8(body) {
        Ok(body) => decide_text(webhook, body, policy, now),
        Err(_) => decide_text(webhook, &String::from_utf8_lossy(body), policy, now)
            .map(Decision::into_owned),
    }
}

fn decide_text<'a>(
    webhook: Webhook,
    body: &'a str,
    policy: &Policy,
    now: Timestamp,
) -> Result<Decision<'a>, review::Error> {
    let review = Review::parse(body)?;
    let mut made = Made::default();
    let mut response = Response::allow(&review.uid);
    let outcome = match webhook {
        _ if !review.is_status_update() => {
            if webhook == Webhook::Validate {
                response.warn([MISREGISTERED.to_owned()]);
            }
            Outcome::Ignored
        }
        Webhook::Mutate => mutate::mutate(&review, policy, now, &mut response, &mut made),
        Webhook::Validate => validate::validate(&review, policy, now, &mut response, &mut made),
    };
    let answer = response.to_json();
    Ok(Decision {
        outcome,
        answer,
        dry_run: review.dry_run,
        stale: review.is_stale(),
        findings: made.findings,
        derived: made.derived,
        condition_transitions: made.condition_transitions,
        phase_transition: made.phase_transition,
        uid: review.uid,
        user: review.user,
        namespace: review.namespace,
        name: review.name,
        operation: review.operation,
    })
}

const MISREGISTERED: &str =
    "wfe-webhook judges updates of workflowexecutions/status alone: its registration is too wide";

/// What a decision came to beside its outcome and its answer.
#[derive(Debug, Default)]
struct Made {
    findings: Vec<FindingCount>,
    derived: Vec<DerivedCount>,
    condition_transitions: Vec<TransitionCount>,
    phase_transition: Option<(&'static str, &'static str)>,
}

fn is_exempt(review: &Review<'_>, policy: &Policy) -> bool {
    if policy.exempt_users.is_empty() && policy.exempt_groups.is_empty() {
        return false;
    }
    let groups = review.user_groups();
    policy.exempts(&review.user, groups.iter().map(AsRef::as_ref))
}

/// A condition type as a metric label.
fn type_label(vocabulary: &Vocabulary, condition_type: &str) -> &'static str {
    vocabulary
        .term_of_type(condition_type)
        .map_or("other", |term| term.condition_type)
}

/// A condition's reason as a metric label.
fn reason_label(
    vocabulary: &Vocabulary,
    condition_type: &str,
    status: ConditionStatus,
    reason: &str,
) -> &'static str {
    vocabulary
        .term_of_type(condition_type)
        .and_then(|term| term.reasons(status))
        .and_then(|reasons| reasons.iter().find(|known| **known == reason))
        .copied()
        .unwrap_or("other")
}

/// A finding in words, as `check` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedFinding {
    /// The rule that was broken.
    pub rule: Rule,
    /// Where, for example `status.conditions[2].reason`.
    pub path: String,
    /// What was seen, what is allowed, what to do, and the rule's id in brackets.
    pub message: String,
    /// `deny`, `warn`, `audit` (after the mode's cap) or `inherited`.
    pub action: &'static str,
}

/// Judges the review in `body` as `/validate` does and puts every finding that is not `off` into words.
///
/// # Errors
///
/// As [`decide`].
pub fn explain(
    body: &[u8],
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<ExplainedFinding>, review::Error> {
    let body = String::from_utf8_lossy(body);
    let review = Review::parse(&body)?;
    if !review.is_status_update() {
        return Ok(Vec::new());
    }
    Ok(validate::explain(&review, policy, now))
}
