//! The rules that bind details to the phase and to conditions.

use super::{Claim, Fault, Subject};
use crate::status::ConditionStatus;
use crate::vocabulary::{Phase, Role, failure_agrees, lock_reasons};

pub(super) fn failure_details_phase<'s>(subject: &Subject<'s>) -> Option<Fault<'s>> {
    subject.status.failure_details.as_ref()?;
    let phase = subject.phase.filter(|phase| *phase != Phase::Failed)?;
    Some(Fault::FailureDetailsPhase { phase })
}

pub(super) fn skip_details_phase<'s>(subject: &Subject<'s>) -> Option<Fault<'s>> {
    match (subject.phase?, subject.status.skip_details.as_ref()) {
        (Phase::Skipped, None) => Some(Fault::SkipDetailsMissing),
        (Phase::Skipped, Some(_)) | (_, None) => None,
        (phase, Some(_)) => Some(Fault::SkipDetailsPhase { phase }),
    }
}

pub(super) fn failure_reason_mismatch<'s>(
    subject: &Subject<'s>,
    claim: &Claim<'_>,
) -> Option<Fault<'s>> {
    if claim.term.role != Role::Complete || claim.status != ConditionStatus::False {
        return None;
    }
    let details = subject.failure_reason()?;
    if failure_agrees(subject.vocabulary, claim.reason, details) {
        return None;
    }
    Some(Fault::FailureReasonMismatch {
        details,
        agreeing: details.name(),
        generic: subject.vocabulary.generic_failure()?,
    })
}

pub(super) fn skip_reason_mismatch<'s>(
    subject: &Subject<'s>,
    claim: &Claim<'_>,
) -> Option<Fault<'s>> {
    if claim.term.role != Role::Lock || claim.status != ConditionStatus::True {
        return None;
    }
    let details = subject.skip_reason()?;
    let agreeing = lock_reasons(details);
    (!agreeing.contains(&claim.reason)).then_some(Fault::SkipReasonMismatch { details, agreeing })
}
