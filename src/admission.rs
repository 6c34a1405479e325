//! The admission path: a review, a policy and the clock in, one [`Judgement`] out.
//!
//! A judgement is a value, and the only thing that the core knows of a write. Its readers (the answer, the metrics, the
//! log, Events, `check` and `doctor`) add nothing to it and know nothing of each other.

mod findings;
mod transitions;
mod verdict;

use jiff::Timestamp;

use crate::complete::{Change, UndoneEdit, complete, undone_edits};
use crate::policy::{Completion, Policy};
use crate::review::Review;
use crate::rules::{Action, Subject};
use crate::status::{self, Condition};
pub use transitions::PhaseTransition;
pub use verdict::{JudgedFinding, Verdict};

/// Which of the two webhooks is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Webhook {
    /// `/mutate`: completes, never denies.
    Mutate,
    /// `/validate`: gives every verdict, never patches.
    Validate,
}

impl Webhook {
    /// Both webhooks.
    pub const ALL: [Self; 2] = [Self::Mutate, Self::Validate];

    /// The name: the path of the endpoint without its slash.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mutate => "mutate",
            Self::Validate => "validate",
        }
    }
}

/// The outcome of a review.
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
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Allowed,
        Self::Patched,
        Self::Denied,
        Self::Exempt,
        Self::Ignored,
    ];

    /// The name in lower case.
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

/// Everything that is decided about one review.
#[derive(Debug)]
pub struct Judgement<'r> {
    /// The webhook that was called.
    pub webhook: Webhook,
    /// What was judged.
    pub review: &'r Review<'r>,
    /// The outcome.
    pub outcome: Outcome,
    /// The write as the rules see it; `None` where it was not judged ([`Outcome::Ignored`], and on `/mutate` an exempt
    /// writer or a status that is not an object).
    pub subject: Option<Subject<'r>>,
    /// `/validate`: every finding of a rule that is not `off`, in the order of spec section 3.
    pub findings: Vec<JudgedFinding<'r>>,
    /// `/mutate`: every change that completion makes, or under `--completion audit` would make.
    pub changes: Vec<Change<'r>>,
    /// `/mutate`: the edits of own conditions that those changes undo.
    pub undone_edits: Vec<UndoneEdit>,
    /// `/validate`: the conditions whose status changes, where the write is allowed and not a dry run.
    pub condition_transitions: Vec<&'r Condition<'r>>,
    /// `/validate`: the change of the phase, where the write is allowed and not a dry run.
    pub phase_transition: Option<PhaseTransition>,
}

/// Judges a review.
///
/// `now` is the clock, used only for times that the object does not have and for times ahead of it. The judgement is a pure
/// function of the arguments.
#[must_use]
pub fn judge<'r>(
    webhook: Webhook,
    review: &'r Review<'r>,
    policy: &'r Policy,
    now: Timestamp,
) -> Judgement<'r> {
    let mut judgement = Judgement {
        webhook,
        review,
        outcome: Outcome::Ignored,
        subject: None,
        findings: Vec::new(),
        changes: Vec::new(),
        undone_edits: Vec::new(),
        condition_transitions: Vec::new(),
        phase_transition: None,
    };
    if review.is_status_update() {
        match webhook {
            Webhook::Mutate => mutate(&mut judgement, policy, now),
            Webhook::Validate => validate(&mut judgement, policy, now),
        }
    }
    judgement
}

fn mutate<'r>(judgement: &mut Judgement<'r>, policy: &'r Policy, now: Timestamp) {
    let review = judgement.review;
    if is_exempt(review, policy) {
        judgement.outcome = Outcome::Exempt;
        return;
    }
    judgement.outcome = Outcome::Allowed;
    let completion = policy.completion();
    let Some(status) = review.status().filter(|_| completion != Completion::Off) else {
        return;
    };
    // On a PUT the generation is the writer's text until the API server has reset it.
    let generation = review.stored_generation().or(review.generation());
    let subject = Subject::new(&review.group, status, stored(review), policy, now)
        .with_generations(generation, review.stored_generation());
    judgement.changes = complete(&subject);
    if completion == Completion::Patch && !judgement.changes.is_empty() {
        judgement.undone_edits = undone_edits(&subject, &judgement.changes);
        judgement.outcome = Outcome::Patched;
    }
    judgement.subject = Some(subject);
}

fn validate<'r>(judgement: &mut Judgement<'r>, policy: &'r Policy, now: Timestamp) {
    let review = judgement.review;
    // A status that is not an object counts as empty.
    let status = review.status().unwrap_or(&status::EMPTY);
    let subject = Subject::new(&review.group, status, stored(review), policy, now)
        .with_generations(review.generation(), review.stored_generation());
    let is_exempt = is_exempt(review, policy);
    judgement.findings = findings::judged(&subject, is_exempt);
    let is_denied = judgement.findings.iter().any(|it| it.has(Action::Deny));
    judgement.outcome = match (is_denied, is_exempt) {
        (true, _) => Outcome::Denied,
        (false, true) => Outcome::Exempt,
        (false, false) => Outcome::Allowed,
    };
    if !is_denied && !review.dry_run {
        judgement.condition_transitions = transitions::of_conditions(&subject);
        judgement.phase_transition = transitions::of_phase(&subject);
    }
    judgement.subject = Some(subject);
}

fn stored<'r>(review: &'r Review<'r>) -> &'r status::Status<'r> {
    review.stored_status().unwrap_or(&status::EMPTY)
}

fn is_exempt(review: &Review<'_>, policy: &Policy) -> bool {
    if policy.exempt_users.is_empty() && policy.exempt_groups.is_empty() {
        return false;
    }
    let groups = review.user_groups();
    policy.exempts(&review.user, groups.iter().map(AsRef::as_ref))
}
