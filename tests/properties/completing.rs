//! Completion is a fixed point and never makes a write worse.

use proptest::prelude::*;
use serde_json::Value;

use crate::completion_laws::{
    completing_twice_changes_nothing, completion_adds_no_denial, repeating_a_write_changes_nothing,
};
use crate::hooks::{Oracle, Product};
use crate::writes::{Write, review};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn completing_its_own_result_changes_nothing(Write(review) in review()) {
        completing_twice_changes_nothing(&Product, &review).map_err(TestCaseError::fail)?;
    }

    /// Whatever the details. (A *created* condition that the writer itself sets Unknown hides that something was created.)
    #[test]
    fn the_same_write_without_conditions_twice_changes_nothing(Write(mut review) in review()) {
        if let Some(status) = review.pointer_mut("/request/object/status").and_then(Value::as_object_mut) {
            status.remove("conditions");
        }
        repeating_a_write_changes_nothing(&Product, &review).map_err(TestCaseError::fail)?;
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
