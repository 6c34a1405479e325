//! The commands of Helm and kubectl that the pages show.

use std::path::{Path, PathBuf};
use std::process::Command;

use test_support::helm::{self, helm};

use crate::control_plane::{binary, run, stderr, stdout};
use crate::rendered::{Rendered, ca};

/// Flags that `helm template` lacks.
const OF_INSTALL: [&str; 6] = [
    "--install",
    "--wait",
    "--rollback-on-failure",
    "--create-namespace",
    "--reset-then-reuse-values",
    "--reuse-values",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A page's name and text.
pub type Page = (String, String);

pub fn pages() -> Vec<Page> {
    let folders = ["", "docs", "certs", "deploy/chart/wfe-webhook"].map(|it| root().join(it));
    let entries = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    let pages = files.filter(|file| file.extension().is_some_and(|end| end == "md"));
    pages
        .map(|file| {
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            (name, std::fs::read_to_string(&file).unwrap())
        })
        .collect()
}

/// The commands in blocks of a shell, each on one line.
fn in_blocks(text: &str) -> Vec<String> {
    let blocks = text.split("\n```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|block| block.strip_prefix("sh\n"));
    let joined = blocks.map(|block| block.replace("\\\n", " "));
    joined
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .map(|line| line.trim().to_owned())
        .collect()
}

/// What stands in backticks outside of blocks.
pub fn in_text(text: &str) -> Vec<String> {
    let outside = text.split("\n```").step_by(2);
    let spans = outside.flat_map(|text| text.split('`').skip(1).step_by(2));
    spans.map(|span| span.replace('\n', " ")).collect()
}

/// The commands that install, each on one line.
fn installations((_, text): &Page) -> Vec<String> {
    let commands = in_blocks(text).into_iter();
    commands
        .filter(|line| line.starts_with("helm upgrade "))
        .collect()
}

/// The programs read their flags, up to the `--help` that is put behind each command, and do nothing.
#[test]
fn every_command_of_kubectl_and_helm_that_a_page_shows_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    // kubectl finds its plugins in PATH.
    let program = env!("CARGO_BIN_EXE_wfe-webhook");
    std::os::unix::fs::symlink(program, folder.path().join("kubectl-wfe")).unwrap();
    let mut understood = 0;
    let mut faults = Vec::new();
    for page in pages() {
        for command in in_blocks(&page.1).into_iter().chain(in_text(&page.1)) {
            let mut words = command.split_whitespace();
            let named = matches!(words.next(), Some("kubectl" | "helm")) && words.next().is_some();
            // What follows ` -- ` is another program's.
            if !named || command.contains(" -- ") {
                continue;
            }
            let output = run(Command::new("/bin/bash")
                .args(["-c", ASKED_FOR_HELP, "bash", &command])
                .env("KUBECTL", binary("kubectl"))
                .env("HELM", helm::binary())
                // Nothing else that the line names is run.
                .env("PATH", folder.path())
                .current_dir(folder.path()));
            let said = std::fs::read_to_string(folder.path().join("said")).unwrap();
            if !said.is_empty() {
                let said = format!("{said}{}", stderr(&output));
                faults.push(format!("{}: {command}: {said}", page.0));
            }
            understood += 1;
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(understood > 100, "{understood}");
}

const ASKED_FOR_HELP: &str = r#"
: >said
kubectl() { "$KUBECTL" "$@" --help >/dev/null 2>>said; }
helm() { "$HELM" "$@" --help >/dev/null 2>>said; }
eval "$1"
"#;

#[test]
fn every_command_that_installs_renders() {
    let certificate = std::fs::read_to_string(ca().path()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.crt"), certificate).unwrap();
    std::os::unix::fs::symlink(root().join("deploy"), folder.path().join("deploy")).unwrap();
    let mut modes = Vec::new();
    for page in pages() {
        for command in installations(&page) {
            modes.push(render(folder.path(), &command));
        }
    }
    // Each mode is shown at least once.
    for flag in ["--self-managed-tls", "--tls-cert"] {
        assert!(
            modes
                .iter()
                .any(|args| args.iter().any(|it| it.starts_with(flag))),
            "{flag}"
        );
    }
}

/// The arguments of the server that the command would start; none where it installs policies alone.
fn render(folder: &Path, command: &str) -> Vec<String> {
    let command = command.replace("REGISTRY", "registry.example.com");
    let words = command.split_whitespace().skip(2);
    let words = words.filter(|word| !OF_INSTALL.contains(word));
    // As a shell passes it on.
    let words = words.map(|word| word.replace('\'', ""));
    let mut template = helm();
    template.arg("template").args(words).current_dir(folder);
    let output = run(&mut template);
    assert!(output.status.success(), "{command}: {}", stderr(&output));
    let rendered = Rendered::read(&stdout(&output));
    if command.contains("webhook.enabled=false") {
        assert!(rendered.kinds().contains(&"ValidatingAdmissionPolicy"));
        return Vec::new();
    }
    rendered.serve_args();
    rendered.container().args.unwrap()
}
