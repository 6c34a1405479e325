//! The conditions that phase and details imply: the table of spec section 5.

use super::message::Message;
use super::own::Standing;
use crate::json::Raw;
use crate::rules::{Claim, Subject};
use crate::status::{Condition, ConditionStatus};
use crate::vocabulary::{Phase, RUN_NOT_STARTED, Role, Term, lock_reasons};

/// A condition that phase and details imply, without its message and time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Implied {
    pub term: &'static Term,
    pub status: ConditionStatus,
    pub reason: &'static str,
    pub observed_generation: Option<i64>,
}

impl Implied {
    pub(super) fn claim(&self) -> Claim<'static> {
        Claim {
            term: self.term,
            status: self.status,
            reason: self.reason,
            observed_generation: self.observed_generation,
        }
    }

    /// Whether `condition` has the implied status, reason, message and `observedGeneration`.
    pub(super) fn is(&self, subject: &Subject<'_>, condition: &Condition<'_>) -> bool {
        condition.status == self.status
            && condition.reason == self.reason
            && condition.observed_generation == self.observed_generation
            && condition
                .message
                .as_deref()
                .is_some_and(|message| Message::of(subject, self).is(message))
    }
}

/// The roles of the conditions that a phase may imply; which of them, the details decide.
pub(crate) const fn roles_implied_in(phase: Phase) -> &'static [Role] {
    match phase {
        Phase::Pending => &[],
        Phase::Running => &[Role::Created, Role::Running],
        Phase::Completed | Phase::Failed => {
            &[Role::Created, Role::Running, Role::Complete, Role::Ready]
        }
        Phase::Skipped => &[Role::Lock],
    }
}

/// The implied conditions, in the order created, running, complete, ready, lock.
pub(super) fn implied<'s>(
    subject: &Subject<'s>,
    standing: &Standing<'s>,
) -> impl Iterator<Item = Implied> + use<'s> {
    let observed_generation = observed_generation(subject);
    let failure = subject.failure_reason();
    let vocabulary = subject.vocabulary;
    let by_role = [
        (Role::Created, created(subject, standing)),
        (Role::Running, running(subject, standing)),
        (Role::Complete, complete(subject, standing)),
        (Role::Ready, ready(subject)),
        (Role::Lock, lock(subject)),
    ];
    let lock_reason = subject
        .skip_reason()
        .and_then(|skip| lock_reasons(skip).first().copied());
    by_role.into_iter().filter_map(move |(role, status)| {
        let (term, status) = (vocabulary.term(role)?, status?);
        let reason = match (role, status) {
            (Role::Created, ConditionStatus::False) => vocabulary.created_false_reason(failure)?,
            (Role::Complete, ConditionStatus::False) => {
                vocabulary.complete_false_reason(failure)?
            }
            (Role::Lock, _) => lock_reason?,
            (_, ConditionStatus::False) => term.reasons_false.first()?,
            _ => term.reasons_true.first()?,
        };
        Some(Implied {
            term,
            status,
            reason,
            observed_generation,
        })
    })
}

/// `status.observedGeneration`, where it is an integer from 0 to the stored `metadata.generation`.
fn observed_generation(subject: &Subject<'_>) -> Option<i64> {
    let observed = subject.status.observed_generation.and_then(Raw::natural)?;
    let generation = subject.stored_generation?;
    (observed <= generation).then_some(observed)
}

fn created(subject: &Subject<'_>, standing: &Standing<'_>) -> Option<ConditionStatus> {
    match subject.phase? {
        Phase::Running | Phase::Completed => Some(ConditionStatus::True),
        Phase::Failed if was_something_created(subject, standing) => Some(ConditionStatus::True),
        Phase::Failed => {
            subject.status.failure_details.as_ref()?;
            Some(ConditionStatus::False)
        }
        Phase::Pending | Phase::Skipped => None,
    }
}

fn running(subject: &Subject<'_>, standing: &Standing<'_>) -> Option<ConditionStatus> {
    let runs = match subject.phase? {
        Phase::Running => !has_not_started(subject),
        Phase::Completed => true,
        Phase::Failed => {
            was_something_created(subject, standing)
                && subject
                    .status
                    .failure_details
                    .as_ref()
                    .and_then(|details| details.was_execution_failure)
                    .is_some_and(Raw::is_true)
        }
        Phase::Pending | Phase::Skipped => false,
    };
    runs.then_some(ConditionStatus::True)
}

fn complete(subject: &Subject<'_>, standing: &Standing<'_>) -> Option<ConditionStatus> {
    match subject.phase? {
        Phase::Completed => Some(ConditionStatus::True),
        Phase::Failed => {
            let was_never_created = subject.status.failure_details.is_some()
                && !was_something_created(subject, standing);
            (!was_never_created).then_some(ConditionStatus::False)
        }
        Phase::Pending | Phase::Running | Phase::Skipped => None,
    }
}

fn ready(subject: &Subject<'_>) -> Option<ConditionStatus> {
    match subject.phase? {
        Phase::Completed => Some(ConditionStatus::True),
        Phase::Failed => Some(ConditionStatus::False),
        Phase::Pending | Phase::Running | Phase::Skipped => None,
    }
}

fn lock(subject: &Subject<'_>) -> Option<ConditionStatus> {
    (subject.phase? == Phase::Skipped).then_some(ConditionStatus::True)
}

/// Whether the run has not started, by `pipelineRunStatus` or `executionStatus`.
fn has_not_started(subject: &Subject<'_>) -> bool {
    subject.status.run_statuses().any(|run| {
        run.reason
            .and_then(Raw::string)
            .is_some_and(|reason| RUN_NOT_STARTED.contains(&&*reason))
    })
}

/// Whether the run's resource was created, before it failed.
fn was_something_created(subject: &Subject<'_>, standing: &Standing<'_>) -> bool {
    let stands_stored = || {
        let term = subject.vocabulary.term(Role::Created);
        term.and_then(|term| subject.stored_condition(term.condition_type))
            .is_some_and(|stored| stored.status == ConditionStatus::True)
    };
    subject.status.run_name().is_some()
        || subject
            .status
            .start_time
            .and_then(Raw::non_empty_string)
            .is_some()
        || subject.stored_phase == Some(Phase::Running)
        || standing.is_created()
        || stands_stored()
}
