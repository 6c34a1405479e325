//! One property for each fuzz target: a function of the input's bytes that panics when it does not hold.

pub mod check;
pub mod differential;
pub mod patch;
pub mod review;
pub mod status;
pub mod write;

/// A property by the name of its target.
pub type Property = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Property; 5] = [
    ("check", check::holds),
    ("differential", differential::holds),
    ("patch", patch::holds),
    ("review", review::holds),
    ("status", status::holds),
];
