//! Completion is a fixed point and never makes a write worse.

use proptest::prelude::*;

use crate::completion_laws::{completing_twice_changes_nothing, completion_adds_no_denial};
use crate::hooks::{Oracle, Product};
use crate::writes::{Write, review};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn completing_its_own_result_changes_nothing(Write(review) in review()) {
        completing_twice_changes_nothing(&Product, &review).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn what_was_completed_is_denied_for_nothing_new(Write(review) in review()) {
        completion_adds_no_denial(&Product, review).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn the_second_formulation_completes_its_own_result_to_itself(Write(review) in review()) {
        completing_twice_changes_nothing(&Oracle, &review).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn the_second_formulation_completes_without_a_new_denial(Write(review) in review()) {
        completion_adds_no_denial(&Oracle, review).map_err(TestCaseError::fail)?;
    }
}
