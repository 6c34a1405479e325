//! The example program prints what a reader of its source expects.

use std::process::Command;

const EXPECTED: &str = include_str!("set_conditions.txt");

#[test]
fn the_example_program_prints_the_conditions_of_each_run() {
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo sets for a test makes build scripts of dependencies run again.
    for (name, _) in std::env::vars() {
        if [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        {
            cargo.env_remove(name);
        }
    }
    let output = cargo
        .args(["run", "--quiet", "--example", "set_conditions"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the example failed:\n{errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), EXPECTED);
}
