//! Completion, spec section 5: a status and the stored one in, the conditions to add, renew and remove out.
//!
//! The webhook's own conditions are a function of everything else, computed afresh at each write; all others are never
//! changed, moved or removed.

mod implied;
mod message;
mod own;
mod time;
mod written;

pub(crate) use implied::roles_implied_in;
#[cfg(feature = "server")]
pub(crate) use message::MAX_CHARS;
pub use written::Written;

use std::borrow::Cow;

use implied::Implied;
use message::Message;
use own::{Own, Standing};

use crate::json::List;
use crate::rules::{Claim, Fault, Finding, Place, Subject};
use crate::status::Condition;

/// What happens to one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'s> {
    /// A new one is derived, at the end of the list.
    Add(Written<'s>),
    /// The stored one comes back as it was, at the end of the list.
    Restore(Written<'s>),
    /// The webhook's own at `index` is replaced.
    Renew {
        /// Where it stands.
        index: usize,
        /// The new one.
        condition: Written<'s>,
    },
    /// The webhook's own at `index` goes.
    Remove {
        /// Where it stands.
        index: usize,
        /// The one that goes.
        condition: Written<'s>,
    },
}

impl<'s> Change<'s> {
    /// The condition that is put there, or that goes.
    #[must_use]
    pub const fn condition(&self) -> &Written<'s> {
        match self {
            Self::Add(condition)
            | Self::Restore(condition)
            | Self::Renew { condition, .. }
            | Self::Remove { condition, .. } => condition,
        }
    }

    /// `add`, `restore`, `renew` or `remove`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Restore(_) => "restore",
            Self::Renew { .. } => "renew",
            Self::Remove { .. } => "remove",
        }
    }
}

/// A change before its text and time are worked out, which no rule looks at.
#[derive(Clone, Copy, Debug)]
enum PlannedChange<'s> {
    Add(Implied),
    Restore(&'s Condition<'s>, Implied),
    Renew(Implied, Own<'s>),
    Remove(Own<'s>),
}

/// The changes that complete a write, in the order created, running, complete, ready, lock, then what is removed. None
/// when nothing is to do, or when the list cannot be patched (spec section 5, "Patch").
#[must_use]
pub fn complete<'s>(subject: &Subject<'s>) -> Vec<Change<'s>> {
    plan(subject)
        .into_iter()
        .map(|step| match step {
            PlannedChange::Add(implied) => Change::Add(derive(subject, implied, None)),
            PlannedChange::Restore(stored, _) => Change::Restore(stored.into()),
            PlannedChange::Renew(implied, own) => Change::Renew {
                index: own.index,
                condition: derive(subject, implied, Some(own.condition)),
            },
            PlannedChange::Remove(own) => Change::Remove {
                index: own.index,
                condition: own.condition.into(),
            },
        })
        .collect()
}

/// A condition that the webhook owns, that the writer changed, and that completion puts back (spec section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoneEdit {
    /// The item's index in the written list.
    pub index: usize,
    /// The condition's type.
    pub condition_type: &'static str,
}

/// The edits of own conditions that `changes` undo: items that differ in status or reason from the stored own item of
/// their type.
#[must_use]
pub fn undone_edits(subject: &Subject<'_>, changes: &[Change<'_>]) -> Vec<UndoneEdit> {
    let undone = |change: &Change<'_>| {
        let (Change::Renew { index, .. } | Change::Remove { index, .. }) = *change else {
            return None;
        };
        let written = subject.status.item(index)?.condition()?;
        let term = subject.vocabulary.term_of_type(&written.condition_type)?;
        let stored = subject.stored_condition(&written.condition_type)?;
        let is_edited = subject.is_own(stored)
            && (stored.status != written.status || stored.reason != written.reason);
        is_edited.then_some(UndoneEdit {
            index,
            condition_type: term.condition_type,
        })
    };
    let mut edits: Vec<_> = changes.iter().filter_map(undone).collect();
    edits.sort_unstable_by_key(|edit| edit.index);
    edits
}

/// The findings of `condition-missing`: what a completion would add (spec section 3).
#[must_use]
pub fn missing<'s>(subject: &Subject<'s>) -> Vec<Finding<'s>> {
    plan(subject)
        .into_iter()
        .filter_map(|step| match step {
            PlannedChange::Add(implied) => Some((implied, Cow::Borrowed(implied.reason))),
            PlannedChange::Restore(stored, implied) => {
                Some((implied, Cow::Borrowed(&*stored.reason)))
            }
            PlannedChange::Renew(..) | PlannedChange::Remove(_) => None,
        })
        .map(|(implied, reason)| Finding {
            place: Place::Status("conditions"),
            condition: None,
            fault: Fault::Missing {
                term: implied.term,
                status: implied.status,
                reason,
            },
        })
        .collect()
}

fn plan<'s>(subject: &Subject<'s>) -> Vec<PlannedChange<'s>> {
    let mut steps = Vec::new();
    if !subject.completes || !is_patchable(subject) {
        return steps;
    }
    let mut standing = Standing::of(subject);
    for implied in implied::implied(subject, &standing) {
        if standing.is_foreign(implied.term.role) {
            continue;
        }
        let claim = implied.claim();
        if let Some(own) = standing.own_of(implied.term.role) {
            if standing.accept(subject, &claim) {
                standing.settle(own);
                if !implied.is(subject, own.condition) {
                    steps.push(PlannedChange::Renew(implied, own));
                }
            }
        } else if let Some(stored) = restorable(subject, &standing, implied) {
            standing.accept(subject, &stored.1);
            steps.push(PlannedChange::Restore(stored.0, implied));
        } else if standing.accept(subject, &claim) {
            steps.push(PlannedChange::Add(implied));
        }
    }
    for own in standing.unsettled() {
        if !standing.accept(subject, &own.claim()) {
            steps.push(PlannedChange::Remove(own));
        }
    }
    steps
}

/// Whether the list can be patched: every item's type must be readable, as an unreadable one could be any type.
fn is_patchable(subject: &Subject<'_>) -> bool {
    match &subject.status.conditions {
        List::Absent => true,
        List::TooLong(_) | List::Odd(_) => false,
        List::Present(items) => items.iter().all(|item| item.readable_type().is_some()),
    }
}

/// The stored condition in the implied status that comes back unchanged, if one may.
fn restorable<'s>(
    subject: &Subject<'s>,
    standing: &Standing<'s>,
    implied: Implied,
) -> Option<(&'s Condition<'s>, Claim<'s>)> {
    let stored = subject
        .stored_condition(implied.term.condition_type)
        .filter(|stored| stored.status == implied.status)?;
    let generation = subject.stored_generation.or(subject.generation);
    let is_ahead = stored
        .observed_generation
        .zip(generation)
        .is_some_and(|(observed, generation)| observed > generation);
    let is_outdated = stored.has_mark() && !implied.is(subject, stored);
    let claim = Claim::of(implied.term, stored);
    (!is_ahead && !is_outdated && standing.fits(subject, &claim)).then_some((stored, claim))
}

/// The condition that is implied, with the time of the `renewed` one or the stored one where that has the same status.
fn derive<'s>(
    subject: &Subject<'s>,
    implied: Implied,
    renewed: Option<&'s Condition<'s>>,
) -> Written<'s> {
    Written {
        time: time::transition_time(subject, implied, renewed),
        message: Some(Cow::Owned(Message::of(subject, &implied).to_string())),
        observed_generation: implied.observed_generation,
        reason: implied.reason,
        status: implied.status,
        condition_type: implied.term.condition_type,
    }
}
