//! The image that keeps a pod's namespaces open.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::control_plane::{run, stderr, stdout};

/// Writes an archive with `localhost/pause:1`.
pub(super) fn write_pause(archive: &Path) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let source = folder.path().join("pause.c");
    std::fs::write(&source, include_str!("pause.c")).expect("a temporary file");
    let program = folder.path().join("pause");
    succeeds(
        Command::new("cc")
            .args(["-static", "-Os", "-o"])
            .arg(&program)
            .arg(&source),
    );
    let container = succeeds(buildah(&folder).args(["from", "scratch"]));
    succeeds(
        buildah(&folder)
            .args(["copy", "--quiet", &container])
            .arg(&program)
            .arg("/pause"),
    );
    succeeds(buildah(&folder).args(["config", "--entrypoint", r#"["/pause"]"#, &container]));
    succeeds(buildah(&folder).args(["commit", "--quiet", "--rm", &container, "localhost/pause:1"]));
    let target = format!("docker-archive:{}:localhost/pause:1", archive.display());
    succeeds(buildah(&folder).args(["push", "--quiet", "localhost/pause:1", &target]));
}

fn buildah(folder: &TempDir) -> Command {
    let storage = |name: &str| -> PathBuf { Path::new(folder.path()).join(name) };
    let mut command = Command::new("buildah");
    command
        .args(["--storage-driver", "vfs", "--root"])
        .arg(storage("storage"))
        .arg("--runroot")
        .arg(storage("run"));
    command
}

fn succeeds(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    stdout(&output).trim().to_owned()
}
