//! The licenses that the image holds.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use test_support::image::{output, repository};

/// The crates that the program is made of, as `name version`.
fn built() -> BTreeSet<String> {
    let targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--edges=normal", "--prefix=none"])
        .args(["--no-dedupe", "--format={p}"])
        .args(targets.iter().flat_map(|target| ["--target", target]))
        .current_dir(repository());
    output(&mut tree)
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(" v")?;
            Some(format!("{name} {}", rest.split(' ').next()?))
        })
        .filter(|package| !package.starts_with("wfe-webhook "))
        .collect()
}

#[test]
fn every_crate_of_the_program_has_its_license_in_the_list() {
    let file = repository().join("release/third-party-licenses.txt");
    let text = fs::read_to_string(file).unwrap();
    let entries = text.lines().filter_map(|line| line.strip_prefix("- "));
    let listed: BTreeSet<String> = entries.map(str::to_owned).collect();
    let built = built();
    assert!(built.len() > 100);
    let missing: Vec<_> = built.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?} are new: make licenses");
}
