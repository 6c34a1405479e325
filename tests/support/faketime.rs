//! libfaketime, by which a program sees another wall clock.

use std::process::Command;

use crate::control_plane::{run, stderr, stdout};

/// What a program's environment has for it as `LD_PRELOAD`. The program `faketime` would stand between the two, and not end it.
///
/// # Panics
///
/// When faketime is not installed.
pub fn library() -> String {
    let output = run(Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]));
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).trim().to_owned()
}
