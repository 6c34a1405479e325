//! The rules of spec section 3: a status and the stored status in, findings out.

mod rule;

pub use rule::{Action, Rule};
