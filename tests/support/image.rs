//! The project's image, built from its own Dockerfile by buildah, once for each state of the sources.
//!
//! The builder that the Dockerfile names by default comes from a registry. Here a stand-in takes its place, which holds
//! nothing but the compiler, the linker and the fetched crates of this machine.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::Hasher;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The sources that the tests themselves are part of.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The name of the image that the Dockerfile in `sources` builds, with further build arguments (`NAME=VALUE`).
///
/// The first caller builds it; every later one, also in other programs and later runs, gets the same image until
/// something changes that it is made of.
///
/// # Panics
///
/// When buildah is missing or the build fails.
pub fn build(sources: &Path, build_args: &[&str]) -> String {
    // Two builds at once would fight for the cores, and may be of the same image.
    let lock = File::create(cache_root().join("lock")).unwrap();
    lock.lock().unwrap();
    let name = format!(
        "localhost/wfe-webhook:{:016x}",
        state(sources, build_args).finish()
    );
    let exists = buildah()
        .args(["inspect", "--type", "image", &name])
        .output();
    if !exists.is_ok_and(|output| output.status.success()) {
        build_as(&name, sources, build_args);
    }
    name
}

/// Writes an image to a file that container runtimes import (`ctr images import`), under the name that manifests use.
pub fn archive(image: &str, name: &str, file: &Path) {
    // buildah does not replace a file.
    let _ = fs::remove_file(file);
    let target = format!("docker-archive:{}:{name}", file.display());
    output(buildah().args(["push", "--quiet", image, &target]));
}

/// A buildah command over a storage of the tests' own.
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
        panic!("{program} cannot be run ({error}); tests/setup.sh installs it")
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

/// Layers and compiled crates survive here for the next run.
fn cache_root() -> PathBuf {
    let folder = repository().join("tests/image/.cache");
    fs::create_dir_all(&folder).unwrap();
    folder.canonicalize().unwrap()
}

fn cache(name: &str) -> PathBuf {
    let folder = cache_root().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Everything that decides what the image holds: the files that .dockerignore lets through, the Dockerfile, the
/// arguments and the compiler.
fn state(sources: &Path, build_args: &[&str]) -> DefaultHasher {
    fn add(state: &mut DefaultHasher, sources: &Path, path: &Path) {
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap();
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            for path in paths {
                add(state, sources, &path);
            }
        } else {
            let name = path.strip_prefix(sources).unwrap();
            let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for part in [name.as_os_str().as_encoded_bytes(), &text] {
                state.write_usize(part.len());
                state.write(part);
            }
        }
    }
    let mut state = DefaultHasher::new();
    let ignored = fs::read_to_string(sources.join(".dockerignore")).unwrap();
    let let_through = ignored.lines().filter_map(|line| line.strip_prefix('!'));
    for name in let_through.chain(["Dockerfile", ".dockerignore"]) {
        add(&mut state, sources, &sources.join(name));
    }
    let compiler = output(Command::new("rustc").arg("-vV").current_dir(repository()));
    for text in build_args.iter().copied().chain([compiler.as_str()]) {
        state.write_usize(text.len());
        state.write(text.as_bytes());
    }
    state
}

fn build_as(name: &str, sources: &Path, build_args: &[&str]) {
    // The build below has no network; this is what it needs of it.
    output(
        Command::new("cargo")
            .args(["fetch", "--quiet", "--locked"])
            .current_dir(sources),
    );
    let builder = build_stand_in();
    let sysroot = output(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(repository()),
    );
    let target = cache("target");
    forget_own_crate(&target);
    let mut command = buildah();
    command
        .args(["build", "--pull-never", "--isolation", "chroot"])
        .args(["--build-arg", &format!("BUILDER={builder}")])
        .args(["--tag", name]);
    for argument in build_args {
        command.args(["--build-arg", argument]);
    }
    for (here, there, options) in [
        (Path::new("/usr"), "/usr", ":ro"),
        (Path::new("/etc/alternatives"), "/etc/alternatives", ":ro"),
        (Path::new(&sysroot), "/toolchain", ":ro"),
        (&cargo_home().join("registry"), "/cargo/registry", ""),
        (&target, "/target", ""),
    ] {
        // Not every distribution has all of them.
        if here.exists() {
            command
                .arg("--volume")
                .arg(format!("{}:{there}{options}", here.display()));
        }
    }
    output(command.arg(sources));
    output(buildah().args(["rmi", "--prune"]));
}

/// Cargo tells by the time of a file whether it changed, which is no help between different sources: the project's own
/// crate is built anew each time, its dependencies are not.
fn forget_own_crate(target: &Path) {
    let folders = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten();
    for platform in folders(target) {
        for known in folders(&platform.path().join("release/.fingerprint")) {
            if known
                .file_name()
                .to_string_lossy()
                .starts_with("wfe-webhook-")
            {
                fs::remove_dir_all(known.path()).unwrap();
            }
        }
    }
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
