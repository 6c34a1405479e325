//! buildah, with a storage of its own, and the image that it builds from the Dockerfile.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The image under test, built once for all tests.
pub fn image() -> &'static str {
    const IMAGE: &str = "localhost/wfe-webhook:test";
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| build(IMAGE));
    IMAGE
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder among the build's results: layers, containers and compiled crates survive for the next run.
fn cache(name: &str) -> PathBuf {
    // cargo keeps this folder inside of the one with everything that it builds.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("image")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A buildah command over that storage.
pub fn buildah() -> Command {
    let mut command = Command::new("buildah");
    command
        .args(["--storage-driver", "vfs", "--root"])
        .arg(cache("storage"))
        .arg("--runroot")
        .arg(cache("run"))
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end and returns its output, without the last line's end.
pub fn output(command: &mut Command) -> String {
    let program = command.get_program().display().to_string();
    let output = command.output().unwrap_or_else(|error| {
        panic!("{program} cannot be run ({error}); on Debian: apt-get install buildah runc")
    });
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

fn build(image: &str) {
    output(Command::new("runc").arg("--version"));
    // The build below has no network; this is what it needs of it.
    output(
        Command::new(env!("CARGO"))
            .args(["fetch", "--quiet", "--locked"])
            .current_dir(repository()),
    );
    let builder = build_stand_in();
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]));
    let mut command = buildah();
    command
        .args(["build", "--pull-never", "--isolation", "chroot"])
        .args(["--build-arg", &format!("BUILDER={builder}")])
        .args(["--tag", image]);
    for (here, there, options) in [
        (Path::new("/usr"), "/usr", ":ro"),
        (Path::new("/etc/alternatives"), "/etc/alternatives", ":ro"),
        (Path::new(&sysroot), "/toolchain", ":ro"),
        (&cargo_home().join("registry"), "/cargo/registry", ""),
        (&cache("target"), "/target", ""),
    ] {
        // Not every distribution has all of them.
        if here.exists() {
            command
                .arg("--volume")
                .arg(format!("{}:{there}{options}", here.display()));
        }
    }
    output(command.arg(repository()));
    output(buildah().args(["rmi", "--prune"]));
}

/// Builds the image that takes the place of the default builder: no more than links into `/usr`, which is mounted.
fn build_stand_in() -> &'static str {
    const BUILDER: &str = "localhost/wfe-webhook-builder:test";
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in [
        "usr",
        "etc",
        "proc",
        "dev",
        "sys",
        "root",
        "tmp",
        "toolchain",
        "cargo",
        "target",
    ] {
        fs::create_dir(root.join(name)).unwrap();
    }
    for name in ["bin", "lib", "lib64", "sbin"] {
        symlink(format!("usr/{name}"), root.join(name)).unwrap();
    }
    let container = output(buildah().args(["from", "scratch"]));
    output(
        buildah()
            .args(["copy", "--quiet", &container])
            .arg(root)
            .arg("/"),
    );
    for variable in [
        "PATH=/toolchain/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "CARGO_HOME=/cargo",
        "CARGO_NET_OFFLINE=true",
    ] {
        output(buildah().args(["config", "--env", variable, &container]));
    }
    output(buildah().args(["commit", "--quiet", "--rm", &container, BUILDER]));
    BUILDER
}

fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo");
    let chosen = std::env::var_os("CARGO_HOME").filter(|folder| folder != OsStr::new(""));
    chosen.map_or_else(home, PathBuf::from)
}
