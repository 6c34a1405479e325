//! What other builds of the same sources give.

use std::fs;
use std::path::Path;
use std::process::Command;

use test_support::image::{
    build_again, build_for_arm64, origin, output, program_built_elsewhere, repository,
};

use crate::container::{Container, inspect};
use crate::image;

#[test]
fn another_folder_and_another_home_of_cargo_give_the_same_program() {
    let elsewhere = program_built_elsewhere(repository());
    let here = fs::read(Container::new().program()).unwrap();
    assert!(
        here == elsewhere,
        "{} and {} bytes, different at {:?}",
        here.len(),
        elsewhere.len(),
        here.iter()
            .zip(&elsewhere)
            .position(|(one, other)| one != other)
    );
}

/// Neither where it was built, nor by whom.
#[test]
fn the_program_names_no_folder_of_the_builder() {
    let program = program_built_elsewhere(repository());
    let text = String::from_utf8_lossy(&program);
    let home = std::env::var("HOME").unwrap();
    for folder in [home.as_str(), env!("CARGO_MANIFEST_DIR"), "/tmp/.tmp"] {
        assert!(!text.contains(&format!("{folder}/")), "{folder}");
    }
}

#[test]
fn a_second_build_gives_the_same_image() {
    let digest = |image: &str| {
        let inspected = inspect(image);
        let digest = inspected["FromImageDigest"].as_str().unwrap().to_owned();
        assert!(digest.starts_with("sha256:"), "{digest}");
        digest
    };
    assert_eq!(digest(&build_again(repository())), digest(image()));
}

/// Run by an emulator: this shows that it is linked with all that it needs, not how it behaves on such a machine.
#[test]
fn the_image_for_arm64_holds_a_program_for_arm64() {
    let arm64 = build_for_arm64(repository());
    assert_eq!(inspect(&arm64)["OCIv1"]["architecture"], "arm64");
    let container = Container::of(&arm64);
    let run = |program: &Path, arguments: &[&str]| {
        output(
            Command::new("qemu-aarch64-static")
                .arg(program)
                .args(arguments),
        )
    };
    let [revision, created] = ["REVISION", "CREATED"].map(|name| origin(name).unwrap());
    let version = format!(
        "wfe-webhook {}\ncommit: {revision} of {created}\ntarget: aarch64-linux\nKubernetes: 1.30 or newer",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(run(&container.program(), &["--version"]), version);
    let arguments = ["generate", "registration", "--service=default/webhook"];
    let program = env!("CARGO_BIN_EXE_wfe-webhook");
    assert_eq!(
        run(&container.program(), &arguments),
        output(Command::new(program).args(arguments))
    );
}
