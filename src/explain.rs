//! What the program knows of a rule, a condition type, a reason or a phase, as text. Whatever an explanation says of a
//! verdict or of completion is asked of the core when it is printed.

mod condition_type;
mod examples;
mod layout;
mod list;
mod phase;
mod phase_table;
mod reason;
mod rule;
mod topic;
mod trial;
mod why;

pub use examples::{EXAMPLES, Example};
pub use list::list;
pub use phase_table::{allowed, phases_of};
pub use topic::{Topic, nearest};
pub use trial::{Refusal, findings_of, refusal};
pub use why::why;

/// Everything that is known under a name: one text for each meaning.
#[must_use]
pub fn explanations(name: &str) -> Vec<String> {
    Topic::named(name).iter().map(Topic::explanation).collect()
}
