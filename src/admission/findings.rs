//! The findings of a write, and what becomes of each (spec sections 6 and 7).

use super::{JudgedFinding, Verdict};
use crate::complete::missing;
use crate::rules::{Action, Finding, Ratchet, Rule, Subject, judge_items, judge_status};

/// Every finding whose rule is not off, in the order of spec section 3.
pub(super) fn judged<'s>(subject: &Subject<'s>, is_exempt: bool) -> Vec<JudgedFinding<'s>> {
    let mut judged = Vec::new();
    // Most writes have no finding, so the stored object is judged only when the first one comes.
    let mut ratchet = None;
    find(subject, |finding| {
        let ratchet = ratchet.get_or_insert_with(|| of_stored(subject));
        let verdict = if ratchet.inherits(subject, &finding) {
            Verdict::Inherited
        } else if is_exempt {
            Verdict::Acted(Action::Audit)
        } else {
            Verdict::Acted(subject.policy.action(finding.rule()))
        };
        judged.push(JudgedFinding { finding, verdict });
    });
    judged
}

/// The findings of the stored object: as it stands, and without the webhook's own conditions, as a foreign condition behind
/// an own one of its type is stored as well.
fn of_stored<'s>(subject: &Subject<'s>) -> Ratchet<'s> {
    let mut ratchet = Ratchet::default();
    find(&subject.of_stored(), |stored| ratchet.add(&stored));
    let mut conditions = subject.stored.conditions();
    if conditions.any(|(_, condition)| subject.is_own(condition)) {
        find(&subject.of_stored_without_own(), |stored| {
            ratchet.add(&stored);
        });
    }
    ratchet
}

fn find<'s>(subject: &Subject<'s>, mut found: impl FnMut(Finding<'s>)) {
    let is_on = |rule| subject.policy.action(rule) != Action::Off;
    let mut found = |finding: Finding<'s>| {
        if is_on(finding.rule()) {
            found(finding);
        }
    };
    judge_status(subject, &mut found);
    if is_on(Rule::ConditionMissing) {
        missing(subject).into_iter().for_each(&mut found);
    }
    judge_items(subject, &mut found);
}
