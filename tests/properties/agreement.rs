//! The product and the second formulation make the same of every write.

use proptest::prelude::*;
use wfe_webhook::policy::Policy;

use crate::oracle::{compare, now};
use crate::writes::{Write, policy, review};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn both_formulations_agree_under_the_default_policy(Write(review) in review()) {
        let body = serde_json::to_vec(&review).unwrap();
        compare(&body, &Policy::default(), now()).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn both_formulations_agree_under_any_policy(Write(review) in review(), policy in policy()) {
        let body = serde_json::to_vec(&review).unwrap();
        compare(&body, &policy, now()).map_err(TestCaseError::fail)?;
    }
}
