//! The steps of a release that can be made here: the notes, and image and chart in a registry.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::control_plane::binary;
use test_support::guarded::Guarded;
use test_support::image::{
    archive_for_registries, build_for_arm64, native_architecture, output, repository,
};

use crate::image;

/// A command of the folder `release`.
fn step(name: &str) -> Command {
    Command::new(repository().join("release").join(name))
}

fn notes(version: &str, changelog: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("CHANGELOG.md");
    fs::write(&file, changelog).unwrap();
    step("notes.sh").arg(version).arg(file).output().unwrap()
}

#[test]
fn the_notes_are_the_part_of_the_changelog_for_the_version() {
    const CHANGELOG: &str = "\
# Changelog

## [Unreleased]

- Something new.

## [1.10.0] - 2026-02-01

### Added

- A thing, see [1].

### Fixed

- Another one.

## [1.1.0] - 2026-01-01

- The first one.

## [1.0.0] - 2025-12-01

[1.1.0]: https://example.com/1.1.0
";
    for (version, expected) in [
        (
            "1.10.0",
            "### Added\n\n- A thing, see [1].\n\n### Fixed\n\n- Another one.\n",
        ),
        ("1.1.0", "- The first one.\n"),
    ] {
        let notes = notes(version, CHANGELOG);
        assert!(notes.status.success(), "{version}");
        assert_eq!(
            String::from_utf8_lossy(&notes.stdout),
            expected,
            "{version}"
        );
    }
    // Not there, and there without a word.
    for version in ["1.2.0", "1.1", "1.0.0"] {
        let notes = notes(version, CHANGELOG);
        assert_eq!(notes.status.code(), Some(1), "{version}");
        assert!(notes.stdout.is_empty(), "{version}");
    }
}

#[test]
fn the_version_is_that_of_the_sources() {
    assert_eq!(output(&mut step("version.sh")), env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_image_is_released_only_by_a_builder_that_is_pinned() {
    for builder in [None, Some(""), Some("rust:1.95")] {
        let mut image = step("image.sh");
        image
            .args(["amd64", "/nowhere/image.tar"])
            .env_remove("BUILDER");
        image.envs(builder.map(|builder| ("BUILDER", builder)));
        let ended = image.output().unwrap();
        assert_eq!(ended.status.code(), Some(2), "{builder:?}");
        assert!(String::from_utf8_lossy(&ended.stderr).contains("by its digest"));
    }
}

/// What the workflow runs is there, and described; what is described is run.
#[test]
fn the_steps_of_the_workflow_are_those_of_the_description() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let steps = |text: &str| -> BTreeSet<String> {
        let words: Vec<&str> = text
            .split(|letter: char| letter.is_whitespace() || "`(),;|\"".contains(letter))
            .filter(|word| !word.is_empty())
            .collect();
        let scripts = words.iter().filter(|word| {
            word.starts_with("release/") && Path::new(word).extension() == Some("sh".as_ref())
        });
        let made = words.windows(2).filter(|pair| pair[0] == "make");
        let made = made.map(|pair| format!("make {}", pair[1]));
        let others = [
            "cosign sign",
            "actions/attest",
            "gh release create",
            "sha256sum",
        ];
        let others = others.into_iter().filter(|step| text.contains(step));
        scripts
            .map(ToString::to_string)
            .chain(made)
            .chain(others.map(str::to_owned))
            .collect()
    };
    let description = read("RELEASING.md");
    let (_, description) = description.split_once("## What the workflow does").unwrap();
    let (description, _) = description.split_once("Actions are pinned").unwrap();
    let run = steps(&read(".github/workflows/release.yml"));
    assert_eq!(run, steps(description));
    assert!(run.len() >= 9, "{run:?}");

    let makefile = read("Makefile");
    for step in &run {
        if let Some(target) = step.strip_prefix("make ") {
            assert!(makefile.contains(&format!("\n{target}:")), "{step}");
        } else if step.starts_with("release/") {
            let mode = fs::metadata(repository().join(step))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o111, 0o111, "{step}");
        }
    }
}

/// A registry on the loopback. Dropping it ends it.
struct Registry {
    address: SocketAddr,
    _process: Guarded,
    folder: TempDir,
}

impl Registry {
    fn start() -> Self {
        let program = program("registry", "registry");
        let process = Guarded::spawn(
            "registry",
            &Command::new(program),
            tempfile::tempdir().unwrap(),
        );
        let address = process.wait_until("it logs where it listens", || {
            let log = process.log();
            log.split_once("listening on ")?
                .1
                .lines()
                .next()?
                .parse()
                .ok()
        });
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        let path = folder.path().display();
        file(
            "storage.conf",
            format!(
                "[storage]\ndriver = \"vfs\"\ngraphroot = \"{path}/storage\"\nrunroot = \"{path}/run\"\n"
            ),
        );
        Self {
            address,
            _process: process,
            folder,
        }
    }

    /// A step of some sources that finds this registry, a storage of its own and Helm.
    fn step(&self, sources: &Path, name: &str) -> Command {
        let mut path = program("helm", "helm")
            .parent()
            .unwrap()
            .as_os_str()
            .to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut step = Command::new(sources.join("release").join(name));
        step.env("TLS_VERIFY", "false")
            .env(
                "CONTAINERS_STORAGE_CONF",
                self.folder.path().join("storage.conf"),
            )
            .env("PATH", path);
        step
    }

    /// A manifest, and its digest as the registry has it.
    fn manifest(&self, name: &str, reference: &str) -> (Value, String) {
        let url = format!("http://{}/v2/{name}/manifests/{reference}", self.address);
        let get = |option: &str| {
            let arguments = ["--silent", "--fail", "--noproxy", "*", option, &url];
            output(Command::new("curl").args(arguments))
        };
        let head = get("--head");
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        let digest = fields.find(|field| field.0.eq_ignore_ascii_case("docker-content-digest"));
        (
            serde_json::from_str(&get("--globoff")).unwrap(),
            digest.unwrap().1.trim().to_owned(),
        )
    }
}

/// A Go program of the folder `tests/FOLDER`.
fn program(folder: &str, name: &str) -> PathBuf {
    let folder = repository().join("tests").join(folder);
    output(&mut Command::new(folder.join("build.sh")));
    folder.join(".cache/bin").join(name)
}

#[test]
fn the_image_is_pushed_once_for_both_architectures() {
    let registry = Registry::start();
    let folder = registry.folder.path();
    let (amd64, arm64) = (folder.join("amd64.tar"), folder.join("arm64.tar"));
    archive_for_registries(image(), &amd64);
    archive_for_registries(&build_for_arm64(repository()), &arm64);
    let name = format!("{}/owner/wfe-webhook:1.2.3", registry.address);
    let push = || {
        let mut push = registry.step(repository(), "push-image.sh");
        push.arg(&name).args([&amd64, &arm64]);
        push
    };
    let digest = output(&mut push());

    let (manifest, stored) = registry.manifest("owner/wfe-webhook", "1.2.3");
    assert_eq!(stored, digest);
    let images = manifest["manifests"].as_array().unwrap();
    let platforms: Vec<&Value> = images.iter().map(|image| &image["platform"]).collect();
    assert_eq!(
        platforms,
        [
            &json!({"os": "linux", "architecture": "amd64"}),
            &json!({"os": "linux", "architecture": "arm64"}),
        ]
    );

    let again = push().output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stdout.is_empty());
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("a version is released once"), "{said}");
}

/// With a chart of no content: the project's own is tested where it is.
#[test]
fn the_chart_is_pushed_with_the_version_of_the_sources() {
    let registry = Registry::start();
    let sources = tempfile::tempdir().unwrap();
    let file = |path: &str, text: &str| {
        let path = sources.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file(
        "Cargo.toml",
        "[package]\nname = \"wfe-webhook\"\nversion = \"1.2.3\"\n",
    );
    file(
        "deploy/chart/wfe-webhook/Chart.yaml",
        "apiVersion: v2\nname: wfe-webhook\nversion: 0.0.0\n",
    );
    output(
        Command::new("cp")
            .arg("-r")
            .arg(repository().join("release"))
            .arg(sources.path()),
    );
    let packed = sources.path().join("packed");
    let mut push = registry.step(sources.path(), "push-chart.sh");
    push.arg(format!("{}/owner/charts", registry.address))
        .arg(&packed)
        .arg("--plain-http");
    let digest = output(&mut push);

    let (manifest, stored) = registry.manifest("owner/charts/wfe-webhook", "1.2.3");
    assert_eq!(stored, digest);
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.cncf.helm.config.v1+json"
    );
    assert!(packed.join("wfe-webhook-1.2.3.tgz").is_file());
}

#[test]
fn the_program_is_packed_as_a_plugin_that_krew_finds_and_kubectl_runs() {
    let registry = Registry::start();
    let folder = registry.folder.path();
    let (amd64, arm64) = (folder.join("amd64.tar"), folder.join("arm64.tar"));
    archive_for_registries(image(), &amd64);
    archive_for_registries(&build_for_arm64(repository()), &arm64);
    let packed = folder.join("packed");
    let pack = || {
        let mut pack = registry.step(repository(), "plugin.sh");
        pack.env("SOURCE", "https://example.com/wfe-webhook")
            .arg("https://example.com/download")
            .arg(&packed)
            .args([&amd64, &arm64]);
        output(&mut pack);
        fs::read_to_string(packed.join("krew.yaml")).unwrap()
    };
    let manifest = pack();
    assert_eq!(manifest, pack(), "the same images give the same bytes");

    let manifest: Value = serde_saphyr::from_str(&manifest).unwrap();
    let spec = &manifest["spec"];
    assert_eq!(spec["version"], concat!("v", env!("CARGO_PKG_VERSION")));
    assert_eq!(spec["homepage"], "https://example.com/wfe-webhook");
    // As krew's guide for authors asks for.
    assert!(spec["shortDescription"].as_str().unwrap().len() <= 50);
    let platforms = spec["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), 2);
    for platform in platforms {
        let uri = platform["uri"].as_str().unwrap();
        let file = packed.join(uri.strip_prefix("https://example.com/download/").unwrap());
        let digest = output(Command::new("sha256sum").arg(&file));
        assert_eq!(digest.split(' ').next(), platform["sha256"].as_str());
        let architecture = platform["selector"]["matchLabels"]["arch"]
            .as_str()
            .unwrap();
        let unpacked = folder.join(architecture);
        fs::create_dir(&unpacked).unwrap();
        output(
            Command::new("tar")
                .arg("-xzf")
                .arg(&file)
                .arg("-C")
                .arg(&unpacked),
        );
        for entry in platform["files"].as_array().unwrap() {
            assert!(
                unpacked.join(entry["from"].as_str().unwrap()).is_file(),
                "{entry}"
            );
        }
        assert!(unpacked.join(platform["bin"].as_str().unwrap()).is_file());
    }

    // What is for this machine is found by kubectl under its own name.
    let native = folder.join(native_architecture());
    let mut path = native.as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let kubectl = binary("kubectl");
    let said = output(
        Command::new(kubectl)
            .args(["wfe", "explain"])
            .env("PATH", path),
    );
    assert_eq!(
        said,
        output(Command::new(env!("CARGO_BIN_EXE_wfe-webhook")).arg("explain"))
    );
}
