//! What is written by what is stored, for one role at a time: keep, renew, restore, derive, remove.

use crate::space::{Names, one_role_over_one_stored, two_of_a_type};
use crate::tally::compare_all;

#[test]
fn one_role_written_over_one_role_stored() {
    for names in Names::BOTH {
        let title = "scene x role x written form x stored form";
        compare_all(title, names, one_role_over_one_stored(names), 2500);
    }
}

#[test]
fn two_conditions_of_one_type() {
    for names in Names::BOTH {
        let title = "scene x role x form x form of the same type";
        compare_all(title, names, two_of_a_type(names), 1000);
    }
}
