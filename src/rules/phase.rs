//! `phase-unknown` and `phase-transition`.

use super::{Fault, Subject};

pub(super) fn unknown<'s>(subject: &Subject<'s>) -> Option<Fault<'s>> {
    match subject.phase {
        Some(_) => None,
        None => Some(Fault::PhaseUnknown {
            phase: subject.status.phase?.text(),
        }),
    }
}

pub(super) fn transition<'s>(subject: &Subject<'s>) -> Option<Fault<'s>> {
    let (from, to) = (subject.stored_phase?, subject.phase?);
    (!from.may_become(to)).then_some(Fault::PhaseTransition { from, to })
}
