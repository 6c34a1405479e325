//! The commands of Helm that the pages show.

use std::path::{Path, PathBuf};

use test_support::helm::helm;

use crate::control_plane::{run, stderr, stdout};
use crate::rendered::{Rendered, ca};

const PAGES: [&str; 6] = [
    "README.md",
    "certs/README.md",
    "docs/install.md",
    "docs/operations.md",
    "docs/rollout.md",
    "deploy/chart/wfe-webhook/README.md",
];

/// Flags that `helm template` lacks.
const OF_INSTALL: [&str; 5] = [
    "--install",
    "--wait",
    "--rollback-on-failure",
    "--create-namespace",
    "--reset-then-reuse-values",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The commands that install, each on one line.
fn installations(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let blocks = text.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split_once("```").unwrap().0.replace("\\\n", " "));
    let lines: Vec<String> = blocks
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines
        .into_iter()
        .map(|line| line.trim().to_owned())
        .filter(|line| line.starts_with("helm upgrade "))
        .collect()
}

#[test]
fn every_command_that_installs_renders() {
    let certificate = std::fs::read_to_string(ca().path()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.crt"), certificate).unwrap();
    std::os::unix::fs::symlink(root().join("deploy"), folder.path().join("deploy")).unwrap();
    let mut modes = Vec::new();
    for page in PAGES {
        let commands = installations(page);
        assert!(
            !commands.is_empty() || page == "docs/operations.md",
            "{page}"
        );
        for command in commands {
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

/// The arguments of the server that the command would start.
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
    rendered.serve_args();
    rendered.container().args.unwrap()
}
