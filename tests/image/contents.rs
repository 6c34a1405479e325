//! What is in the image.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use test_support::image::archive;

use crate::container::{Container, config, strings};
use crate::image;

#[test]
fn the_program_is_the_only_file() {
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
    assert_eq!(found, ["wfe-webhook".to_owned()].into());
}

/// No interpreter is named in its headers, so it needs no loader and no libraries.
#[test]
fn the_program_is_static() {
    const INTERPRETER: u32 = 3;
    let container = Container::new();
    let program = fs::read(Path::new(&container.root()).join("wfe-webhook")).unwrap();
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
    println!("{} KB; the goal is at most 12,000", program.len() / 1_000);
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
