//! Phase by the states of roles that bear on each other.

use crate::space::{
    Names, complete_and_the_roles_beside_it, created_running_and_complete, sample_of_all_roles,
};
use crate::tally::compare_all;

#[test]
fn phase_by_created_running_and_complete() {
    for names in Names::BOTH {
        let title = "phase x created x running x complete x details";
        compare_all(
            title,
            names,
            created_running_and_complete(names),
            6 * 5 * 216,
        );
    }
}

#[test]
fn phase_by_complete_and_the_roles_beside_it() {
    for names in Names::BOTH {
        let title = "phase x complete x ready or lock x audit or token";
        compare_all(
            title,
            names,
            complete_and_the_roles_beside_it(names),
            6 * 216,
        );
    }
}

#[test]
fn a_sample_of_all_roles_over_stored_states() {
    for names in Names::BOTH {
        compare_all(
            "a sample of everything",
            names,
            sample_of_all_roles(names),
            6000,
        );
    }
}
