//! The set-up script names what is missing instead of leaving tests out.

use std::process::{Command, Output};

use crate::pages;

fn set_up(variable: Option<(&str, &str)>) -> Output {
    let empty = tempfile::tempdir().expect("a folder");
    Command::new("/bin/sh")
        .arg("tests/setup.sh")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("PATH", empty.path())
        .envs(variable)
        .output()
        .expect("/bin/sh runs")
}

#[test]
fn without_the_programs_and_without_root_it_fails_and_names_what_to_install() {
    // No `id` in PATH: the script cannot know that it is root, and there is no apt-get either.
    let output = set_up(None);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    for line in [
        "  openssl: Debian package openssl\n",
        "  prometheus: Debian package prometheus, or set PROMETHEUS_BIN to its path\n",
    ] {
        assert!(errors.contains(line), "{line:?} is not in\n{errors}");
    }
    assert!(errors.contains("\nOn Debian: sudo apt-get install build-essential "));
}

#[test]
fn a_variable_that_does_not_name_a_program_is_refused() {
    let output = set_up(Some(("PROMETHEUS_BIN", "/no/such/file")));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "PROMETHEUS_BIN is set to '/no/such/file', which is not an executable program.\n"
    );
}

#[test]
fn a_variable_that_names_a_program_stands_for_it() {
    let output = set_up(Some(("PROMETHEUS_BIN", "/bin/sh")));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("  prometheus:"), "{errors}");
}

#[test]
fn every_script_is_understood_by_its_shell() {
    for (shell, script) in [
        ("/bin/sh", "tests/setup.sh"),
        ("/bin/sh", "tests/run.sh"),
        ("/bin/sh", "tests/control-plane/build.sh"),
        ("/bin/sh", "tests/actionlint/build.sh"),
        ("/bin/sh", "tests/linters/build.sh"),
        ("/bin/sh", "release/build.sh"),
        ("/bin/sh", "release/notes.sh"),
        ("/bin/sh", "release/plugin.sh"),
        ("/bin/sh", "release/sbom.sh"),
        ("/bin/sh", "tests/helm/build.sh"),
        ("/bin/sh", "tests/cert-manager/build.sh"),
        ("/bin/sh", "tests/support/cluster/node.sh"),
        ("/bin/sh", "tests/dashboard/build.sh"),
        ("/bin/sh", "tests/go-programs.sh"),
        ("/bin/sh", "tests/consumers/build.sh"),
        ("/bin/sh", "tests/crds.sh"),
        ("/bin/bash", ".ci/run"),
    ] {
        let output = Command::new(shell)
            .args(["-n", script])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap_or_else(|error| panic!("{shell}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {errors}");
    }
}

#[test]
fn every_linter_that_is_installed_is_run_and_contributing_names_it() {
    let installed = pages::read("tests/linters/requirements.txt");
    let makefile = pages::read("Makefile");
    let contributing = pages::read("CONTRIBUTING.md");
    let mut count = 0;
    for (package, _) in installed.lines().filter_map(|line| line.split_once("==")) {
        let program = package.trim_end_matches("-bin");
        assert!(
            makefile.contains(&format!("tests/linters/.cache/venv/bin/{program}")),
            "the Makefile does not run {program}"
        );
        assert!(contributing.contains(program), "{program}");
        count += 1;
    }
    assert!(count > 0);
}
