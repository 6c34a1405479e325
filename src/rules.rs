//! The rules of spec section 3: a status and the stored status in, findings out.
//!
//! One file for each family of rules. [`judge_status`] and [`judge_items`] run them all but `condition-missing`, which
//! needs the completion and so stands there.

mod auto;
mod condition;
mod conflict;
mod details;
mod finding;
mod history;
mod phase;
mod phase_table;
mod ratchet;
mod rule;
mod subject;

pub(crate) use condition::{Claim, Peers, claim_faults};
pub use finding::{Fault, Finding, Place};
pub use ratchet::Ratchet;
pub use rule::{Action, Rule};
pub use subject::{Subject, TypeKind};

/// Whether a phase agrees with a status of a role.
#[cfg(feature = "server")]
pub(crate) fn demands(role: Role, phase: Phase, status: ConditionStatus) -> bool {
    phase_table::demand(role, phase).allows(status)
}

use crate::json::List;
use crate::status::Item;
#[cfg(feature = "server")]
use crate::vocabulary::{ConditionStatus, Phase, Role};

/// The findings of a write that are about the status as a whole, in the order of the rules, but for those of
/// `condition-missing`. Actions and inheritance are ignored.
pub fn judge_status<'s>(subject: &Subject<'s>, mut found: impl FnMut(Finding<'s>)) {
    let mut find = |field, fault| {
        found(Finding {
            place: Place::Status(field),
            condition: None,
            fault,
        });
    };
    match subject.status.conditions {
        List::Absent | List::Present(_) => {}
        List::TooLong(count) => find("conditions", Fault::TooManyConditions(count)),
        List::Odd(value) => find("conditions", Fault::ConditionsNotAList(value)),
    }
    if let Some(fault) = phase::unknown(subject) {
        find("phase", fault);
    }
    if let Some(fault) = phase::transition(subject) {
        find("phase", fault);
    }
    if let Some(fault) = details::failure_details_phase(subject) {
        find("failureDetails", fault);
    }
    if let Some(fault) = details::skip_details_phase(subject) {
        find("skipDetails", fault);
    }
}

/// The findings of a write that are about its conditions, by index, each in the order of the rules (spec section 3).
pub fn judge_items<'s>(subject: &Subject<'s>, mut found: impl FnMut(Finding<'s>)) {
    let peers = Peers::of(subject);
    for (index, item) in subject.items() {
        judge_item(subject, &peers, index, item, &mut found);
    }
}

fn judge_item<'s>(
    subject: &Subject<'s>,
    peers: &Peers,
    index: usize,
    item: Item<'s, 's>,
    found: &mut impl FnMut(Finding<'s>),
) {
    let mut find = |field, condition, fault| {
        found(Finding {
            place: Place::Item { index, field },
            condition,
            fault,
        });
    };
    let condition = match item {
        Item::Condition(condition) => condition,
        Item::Odd(value) => return find("", None, Fault::NotAnObject(value)),
        Item::Broken(fields) => {
            for fault in fields.shape_faults() {
                let fault_of = item.readable_type();
                find(fault.field.name(), None, Fault::Shape(fault_of, fault));
            }
            return;
        }
    };
    let first = subject.current.get(&condition.condition_type);
    if let Some((first, _)) = first.filter(|(first, _)| *first != index) {
        return find("type", Some(condition), Fault::Duplicate { first });
    }
    match subject.type_kind(&condition.condition_type) {
        TypeKind::Term(term) => {
            let claim = Claim::of(term, condition);
            claim_faults(subject, &claim, peers, |field, fault| {
                find(field, Some(condition), fault);
            });
        }
        TypeKind::Extra => {
            if let Some(fault) = condition::reason_format(&condition.reason) {
                find("reason", Some(condition), fault);
            }
            let generation = condition.observed_generation;
            if let Some(fault) =
                history::generation_ahead(subject, &condition.condition_type, generation)
            {
                find("observedGeneration", Some(condition), fault);
            }
        }
        TypeKind::Unknown => {
            find("type", Some(condition), Fault::UnknownType);
            let generation = condition.observed_generation;
            if let Some(fault) =
                history::generation_ahead(subject, &condition.condition_type, generation)
            {
                find("observedGeneration", Some(condition), fault);
            }
        }
    }
    if let Some(fault) = history::transition_time(subject, condition) {
        find("lastTransitionTime", Some(condition), fault);
    }
}
