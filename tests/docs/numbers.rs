//! Numbers that pages repeat from elsewhere.

use wfe_webhook::server::{BODY_LIMIT, HEAD_LIMIT, MEMORY_BUDGET, SMALL_BODY};

use crate::pages;

/// The text after `key` on a line of its own.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.expect("the manifest has the line").trim_matches('"')
}

#[test]
fn the_versions_that_are_needed_are_those_of_the_manifests() {
    let cargo = pages::read("Cargo.toml");
    let go = pages::read("tests/control-plane/go.mod");
    let rust = format!("Rust {} or newer", value(&cargo, "rust-version = "));
    let go = value(&go, "go ").trim_end_matches(".0");
    let go = format!("Go {go} or newer");
    for page in ["README.md", "CONTRIBUTING.md"] {
        for needed in [&rust, &go] {
            assert_eq!(
                pages::read(page).matches(needed).count(),
                1,
                "{page}: {needed}"
            );
        }
    }
}

#[test]
fn the_limits_that_no_flag_changes_are_those_of_the_server() {
    let page = pages::read("docs/configuration.md");
    let (_, text) = page.split_once("What no flag changes:").expect("limits");
    let (text, _) = text.split_once("\n\n").expect("a paragraph");
    for limit in [
        format!("{} KiB, beyond", HEAD_LIMIT >> 10),
        format!("a body {} MiB", BODY_LIMIT >> 20),
        format!("above {} KiB", SMALL_BODY >> 10),
        format!("share {} MiB", MEMORY_BUDGET >> 20),
    ] {
        assert!(text.contains(&limit), "{limit:?} is not in {text}");
    }
}

#[test]
fn the_supported_kubernetes_is_what_the_tests_have() {
    let build = pages::read("tests/control-plane/build.sh");
    let makefile = pages::read("Makefile");
    let newest = value(&build, "newest=");
    let oldest = value(&makefile, "OLDEST = ");
    let module = pages::read(&format!("tests/control-plane/{oldest}/go.mod"));
    assert!(module.contains(&format!("k8s.io/kubernetes v{oldest}")));
    let module = pages::read("tests/control-plane/go.mod");
    assert!(module.contains(&format!("k8s.io/kubernetes v{newest}")));
    let install = pages::read("docs/install.md");
    let said = format!("run against {oldest} and {newest}");
    assert!(
        install.contains(&said),
        "docs/install.md does not say: {said}"
    );
    let contributing = pages::read("CONTRIBUTING.md");
    let said = format!("`KUBERNETES={oldest}`");
    assert!(
        contributing.contains(&said),
        "CONTRIBUTING.md does not say: {said}"
    );
}
