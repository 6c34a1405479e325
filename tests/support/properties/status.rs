use super::write::Write;
use crate::oracle::{compare, now};

/// The product and the second formulation of the specification have the same result for any write under any policy.
pub fn holds(choices: &[u8]) {
    let Some(Write { review, policy }) = Write::read(choices) else {
        return;
    };
    compare(&review.body(), &policy, now()).unwrap_or_else(|difference| {
        panic!("{difference}\nreview: {}", review.value());
    });
}
