//! What is in the image.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use test_support::image::{ORIGIN, archive};

use crate::container::{Container, config, inspect, strings};
use crate::image;

#[test]
fn the_program_and_the_licenses_are_the_only_files() {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.insert(path.strip_prefix(root).unwrap().display().to_string());
            if path.is_dir() && !path.is_symlink() {
                walk(root, &path, found);
            }
        }
    }
    let container = Container::new();
    let root = container.root();
    let mut found = BTreeSet::new();
    walk(root.as_ref(), root.as_ref(), &mut found);
    let expected = ["LICENSE", "third-party-licenses.txt", "wfe-webhook"];
    assert_eq!(found, expected.map(str::to_owned).into());
}

/// No interpreter is named in its headers, so it needs no loader and no libraries.
#[test]
fn the_program_is_static() {
    const INTERPRETER: u32 = 3;
    let container = Container::new();
    let program = fs::read(container.program()).unwrap();
    assert_eq!(&program[..6], b"\x7fELF\x02\x01", "64 bits, little-endian");
    let number = |range: std::ops::Range<usize>| {
        let bytes = program[range].iter().rev();
        bytes.fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (table, size, count) = (number(32..40), number(54..56), number(56..58));
    let kinds: Vec<u32> = (0..count)
        .map(|header| table + header * size)
        .map(|start| u32::try_from(number(start..start + 4)).unwrap())
        .collect();
    assert!(
        !kinds.is_empty() && !kinds.contains(&INTERPRETER),
        "{kinds:?}"
    );
}

#[test]
fn it_is_small() {
    const MOST: u64 = 12_000_000;
    let size = inspect(image())["Manifest"].take();
    let manifest: Value = serde_json::from_str(size.as_str().unwrap()).unwrap();
    let layers = manifest["layers"].as_array().unwrap();
    let bytes: u64 = layers
        .iter()
        .map(|layer| layer["size"].as_u64().unwrap())
        .sum();
    println!("{bytes} bytes");
    assert!(bytes > 0 && bytes <= MOST, "{bytes} bytes");
}

#[test]
fn its_labels_tell_its_origin() {
    let origin: BTreeMap<_, _> = ORIGIN.into();
    assert_eq!(
        config()["Labels"],
        json!({
            "org.opencontainers.image.title": "wfe-webhook",
            "org.opencontainers.image.description":
                "Completes and guards the conditions of kubernaut's WorkflowExecution",
            "org.opencontainers.image.licenses": env!("CARGO_PKG_LICENSE"),
            "org.opencontainers.image.version": origin["VERSION"],
            "org.opencontainers.image.revision": origin["REVISION"],
            "org.opencontainers.image.created": origin["CREATED"],
            "org.opencontainers.image.source": origin["SOURCE"],
            "io.buildah.version": config()["Labels"]["io.buildah.version"],
        })
    );
}

#[test]
fn it_runs_as_an_unprivileged_user_and_declares_its_ports() {
    let config = config();
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["Entrypoint"], json!(["/wfe-webhook"]));
    assert_eq!(config["Cmd"], json!(["serve"]));
    assert_eq!(
        config["ExposedPorts"],
        json!({"8443/tcp": {}, "8080/tcp": {}})
    );
}

/// As a container runtime imports it: under the name that manifests use, with the program as its only layer.
#[test]
fn it_can_be_written_to_a_file_under_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("image.tar");
    archive(image(), "wfe-webhook:1.2.3", &file);
    let manifest = Command::new("tar")
        .args(["--extract", "--to-stdout", "--file"])
        .args([file.as_os_str(), "manifest.json".as_ref()])
        .output()
        .unwrap();
    let manifest: Value = serde_json::from_slice(&manifest.stdout).unwrap();
    let tags = strings(&manifest[0]["RepoTags"]);
    let renamed = tags.iter().any(|tag| tag.ends_with("/wfe-webhook:1.2.3"));
    assert!(renamed, "{tags:?}");
    assert_eq!(manifest[0]["Layers"].as_array().unwrap().len(), 1);
}
