//! The webhook's own conditions, and all others, which are foreign.

use crate::rules::{Claim, Peers, Subject, claim_faults};
use crate::status::{Condition, ConditionStatus};
use crate::vocabulary::{Role, Term};

/// One of the webhook's own conditions in the written list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own<'s> {
    pub index: usize,
    pub term: &'static Term,
    pub condition: &'s Condition<'s>,
}

impl<'s> Own<'s> {
    pub(super) fn claim(&self) -> Claim<'s> {
        Claim::of(self.term, self.condition)
    }
}

/// The list while it is built: the foreign items, the own ones that have been accepted, and those that wait.
#[derive(Debug)]
pub(super) struct Standing<'s> {
    accepted: Peers,
    foreign: [bool; Role::COUNT],
    waiting: Vec<Own<'s>>,
}

impl<'s> Standing<'s> {
    /// The written list with all own items taken out.
    pub(super) fn of(subject: &Subject<'s>) -> Self {
        let mut standing = Self {
            accepted: Peers::default(),
            foreign: [false; Role::COUNT],
            waiting: Vec::new(),
        };
        for (index, item) in subject.items() {
            let term = item
                .readable_type()
                .and_then(|condition_type| subject.vocabulary.term_of_type(&condition_type));
            let Some(term) = term else { continue };
            match item.condition() {
                Some(condition) if subject.is_own(condition) => standing.waiting.push(Own {
                    index,
                    term,
                    condition,
                }),
                condition => {
                    standing.foreign[term.role as usize] = true;
                    if let Some(condition) = condition {
                        standing.accepted.add(term.role, condition.status);
                    }
                }
            }
        }
        standing
    }

    /// Whether a foreign item has the role's type, even one of a broken shape.
    pub(super) fn is_foreign(&self, role: Role) -> bool {
        self.foreign[role as usize]
    }

    /// Whether a foreign *created* condition is True. To be called before anything is accepted.
    pub(super) fn is_created(&self) -> bool {
        self.accepted.is(Role::Created, ConditionStatus::True)
    }

    /// The first own item of the role.
    pub(super) fn own_of(&self, role: Role) -> Option<Own<'s>> {
        self.waiting
            .iter()
            .copied()
            .find(|own| own.term.role == role)
    }

    /// Removes an own item from those that wait.
    pub(super) fn settle(&mut self, settled: Own<'s>) {
        self.waiting.retain(|own| own.index != settled.index);
    }

    /// Takes what still waits, in the list's order.
    pub(super) fn unsettled(&mut self) -> Vec<Own<'s>> {
        std::mem::take(&mut self.waiting)
    }

    /// Whether a condition fits: it adds no finding beside the foreign items and the accepted ones, on any item.
    pub(super) fn fits(&self, subject: &Subject<'s>, claim: &Claim<'_>) -> bool {
        let excludes_peers = claim.term.role == Role::Created
            && claim.status == ConditionStatus::False
            && self.accepted.excludes_not_created();
        if self.accepted.has(claim.term.role) || excludes_peers {
            return false;
        }
        let mut is_clean = true;
        claim_faults(subject, claim, &self.accepted, |_, _| is_clean = false);
        is_clean
    }

    /// Accepts a condition if it fits. Returns whether it did.
    pub(super) fn accept(&mut self, subject: &Subject<'s>, claim: &Claim<'_>) -> bool {
        let fits = self.fits(subject, claim);
        if fits {
            self.accepted.add(claim.term.role, claim.status);
        }
        fits
    }
}
