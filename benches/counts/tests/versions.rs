//! The benches are built from a lock file of their own.

use std::collections::{BTreeMap, BTreeSet};

/// Every version of each package.
fn versions(lock: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut versions = BTreeMap::<_, BTreeSet<_>>::new();
    for package in lock.split("[[package]]") {
        let value = |key: &str| {
            package
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_suffix('"'))
        };
        if let (Some(name), Some(version)) = (value("name = \""), value("version = \"")) {
            versions.entry(name).or_default().insert(version);
        }
    }
    versions
}

#[test]
fn what_is_measured_has_the_dependencies_of_the_product() {
    let product = versions(include_str!("../../../Cargo.lock"));
    // Of kube's own patches, which the product does not use.
    let of_peers = ["json-patch", "jsonptr"];
    for (name, versions) in versions(include_str!("../../Cargo.lock")) {
        let Some(expected) = product.get(name).filter(|_| !of_peers.contains(&name)) else {
            continue;
        };
        assert!(
            versions.is_subset(expected),
            "{name}: {versions:?}, the product has {expected:?}"
        );
    }
}
