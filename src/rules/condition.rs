//! The rules about one condition of the vocabulary, beside the others.

use super::conflict::is_excluded_by_not_created;
use super::phase_table::demand;
use super::{Fault, Subject, details, history};
use crate::status::{Condition, ConditionStatus};
use crate::vocabulary::{Role, Term, is_camel_case};

/// What rules judge of a condition of the vocabulary, except its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'c> {
    /// The type's row of the vocabulary.
    pub term: &'static Term,
    /// `status`.
    pub status: ConditionStatus,
    /// `reason`.
    pub reason: &'c str,
    /// `observedGeneration`.
    pub observed_generation: Option<i64>,
}

impl<'c> Claim<'c> {
    pub(crate) fn of(term: &'static Term, condition: &'c Condition<'_>) -> Self {
        Self {
            term,
            status: condition.status,
            reason: &condition.reason,
            observed_generation: condition.observed_generation,
        }
    }
}

/// The conditions of the vocabulary that stand together: at most one for each role.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peers {
    by_role: [Option<ConditionStatus>; Role::COUNT],
}

impl Peers {
    /// The peers of every condition of the write.
    pub(crate) fn of(subject: &Subject<'_>) -> Self {
        let mut peers = Self::default();
        for term in subject.vocabulary.terms {
            if let Some((_, condition)) = subject.current.get(term.condition_type) {
                peers.add(term.role, condition.status);
            }
        }
        peers
    }

    /// Adds a condition; the first of a role stands for it.
    pub(crate) fn add(&mut self, role: Role, status: ConditionStatus) {
        self.by_role[role as usize].get_or_insert(status);
    }

    /// Whether a condition of the role is there, in any status.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.by_role[role as usize].is_some()
    }

    /// Whether the role has this status.
    pub(crate) fn is(&self, role: Role, status: ConditionStatus) -> bool {
        self.by_role[role as usize] == Some(status)
    }

    /// Whether a condition that stands here would break `condition-conflict` beside *created* False.
    pub(crate) fn excludes_not_created(&self) -> bool {
        [Role::Running, Role::Complete].into_iter().any(|role| {
            self.by_role[role as usize]
                .is_some_and(|status| is_excluded_by_not_created(role, status))
        })
    }
}

/// Every fault of a claim beside its peers, with the field that it is about, in the order of the rules. A peer of the
/// claim's own role is ignored.
pub(crate) fn claim_faults<'s>(
    subject: &Subject<'s>,
    claim: &Claim<'_>,
    peers: &Peers,
    mut find: impl FnMut(&'static str, Fault<'s>),
) {
    let Claim { term, status, .. } = *claim;
    let reason_fault = reason_format(claim.reason).or_else(|| reason_not_allowed(subject, claim));
    let is_reason_judged = reason_fault.is_none();
    if let Some(fault) = reason_fault {
        find("reason", fault);
    }
    if let Some(phase) = subject.phase {
        let demand = demand(term.role, phase);
        if !demand.allows(status) {
            let allowed = demand.allowed();
            find(
                "status",
                Fault::PhaseConflict {
                    phase,
                    status,
                    allowed,
                },
            );
        }
    }
    if is_excluded_by_not_created(term.role, status)
        && peers.is(Role::Created, ConditionStatus::False)
    {
        find(
            "status",
            Fault::ConditionConflict {
                created: subject.condition(Role::Created).map(|(_, it)| it),
            },
        );
    }
    if is_reason_judged {
        if let Some(fault) = details::failure_reason_mismatch(subject, claim) {
            find("reason", fault);
        }
        if let Some(fault) = details::skip_reason_mismatch(subject, claim) {
            find("reason", fault);
        }
    }
    if let Some(fault) =
        history::generation_ahead(subject, term.condition_type, claim.observed_generation)
    {
        find("observedGeneration", fault);
    }
}

/// `reason-format`.
pub(super) fn reason_format<'s>(reason: &str) -> Option<Fault<'s>> {
    (!is_camel_case(reason)).then_some(Fault::ReasonFormat)
}

fn reason_not_allowed<'s>(subject: &Subject<'s>, claim: &Claim<'_>) -> Option<Fault<'s>> {
    let allowed = claim.term.reasons(claim.status)?;
    let mut extra = subject.policy.extra_reasons_of(claim.term.condition_type);
    let is_allowed = allowed.contains(&claim.reason) || extra.any(|extra| extra == claim.reason);
    (!is_allowed).then_some(Fault::ReasonNotAllowed {
        term: claim.term,
        status: claim.status,
        allowed,
    })
}
