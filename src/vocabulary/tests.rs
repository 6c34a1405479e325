//! What must hold of the tables together: each member of an enum has its place in them.

use super::*;

/// Every pair of different vocabularies, in both orders.
fn pairs() -> impl Iterator<Item = (&'static Vocabulary, &'static Vocabulary)> {
    ALL.into_iter()
        .flat_map(|one| one.others().map(move |other| (one, other)))
}

#[test]
fn no_two_vocabularies_have_one_name() {
    for (one, other) in pairs() {
        assert!(!std::ptr::eq(one, other), "{}", one.name);
    }
    assert_eq!(pairs().count(), ALL.len() * (ALL.len() - 1));
}

#[test]
fn every_phase_and_failure_reason_is_of_a_vocabulary() {
    for phase in Phase::ALL {
        let known = ALL.iter().any(|vocabulary| vocabulary.has_phase(*phase));
        assert!(known, "{phase:?}");
    }
    for reason in FailureReason::ALL {
        let mut all = ALL.iter();
        let known = all.any(|vocabulary| vocabulary.failure_reasons.contains(reason));
        assert!(known, "{reason:?}");
    }
}

#[test]
fn every_role_is_of_a_vocabulary() {
    let mut known = [false; Role::COUNT];
    for term in ALL.iter().flat_map(|vocabulary| vocabulary.terms) {
        known[term.role as usize] = true;
    }
    assert_eq!(known, [true; Role::COUNT]);
}

#[test]
fn every_reason_that_completion_writes_is_allowed() {
    for vocabulary in ALL {
        let failures = vocabulary.failure_reasons.iter().copied().map(Some);
        for failure in failures.chain([None]) {
            for (role, reason) in [
                (Role::Created, vocabulary.created_false_reason(failure)),
                (Role::Complete, vocabulary.complete_false_reason(failure)),
            ] {
                let term = vocabulary.term(role).unwrap();
                let is_allowed = reason.is_some_and(|it| term.reasons_false.contains(&it));
                assert!(is_allowed, "{} {role} {failure:?}", vocabulary.name);
            }
        }
    }
}

#[test]
fn every_reason_of_a_role_has_its_equivalent_in_the_other_vocabularies() {
    for (one, other) in pairs() {
        for term in one.terms {
            let Some(others) = other.term(term.role) else {
                continue;
            };
            for (reasons, others) in [
                (term.reasons_true, others.reasons_true),
                (term.reasons_false, others.reasons_false),
            ] {
                // A failure that only one of the two knows has no equivalent.
                let shared = reasons
                    .iter()
                    .filter(|reason| one.failure_reason(reason).is_none());
                for reason in shared {
                    let means_the_same =
                        |it: &&str| it == reason || equivalent_reasons(reason).contains(it);
                    assert!(
                        others.iter().any(means_the_same),
                        "{}'s {reason} has no row in EQUIVALENT_REASONS with a reason of {}",
                        one.name,
                        other.name
                    );
                }
            }
        }
    }
}
