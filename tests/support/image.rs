//! The project's image, built from its own Dockerfile by buildah, once for each state of the sources.
//!
//! The builder that the Dockerfile names by default comes from a registry. Here a stand-in takes its place, which holds
//! nothing but the compiler, the linker and the fetched crates of this machine.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use recipe::Recipe;
use state::{context, state};

mod recipe;
mod state;

/// The sources that the tests themselves are part of.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What the tests tell the image about its origin, as a release does.
pub const ORIGIN: [(&str, &str); 4] = [
    ("VERSION", "0.0.0-test"),
    ("REVISION", "0000000000000000000000000000000000000000"),
    ("CREATED", "2026-01-01T00:00:00Z"),
    ("SOURCE", "https://example.com/wfe-webhook"),
];

/// The name of the image that the Dockerfile in `sources` builds, with further build arguments (`NAME=VALUE`).
///
/// The first caller builds it; every later one, also in other programs and later runs, gets the same image until
/// something changes that it is made of.
///
/// # Panics
///
/// When buildah is missing or the build fails.
pub fn build(sources: &Path, build_args: &[&str]) -> String {
    Recipe::new(sources, build_args).build()
}

/// The same image as [`build`]'s, made once more under another name.
pub fn build_again(sources: &Path) -> String {
    let recipe = Recipe {
        suffix: "-again",
        ..Recipe::new(sources, &[])
    };
    recipe.build()
}

/// The image for arm64. Its program is compiled quickly instead of well: it shows what is in it and that it runs.
pub fn build_for_arm64(sources: &Path) -> String {
    let recipe = Recipe {
        suffix: "-arm64",
        platform: Some("linux/arm64"),
        builder_variables: &[
            "CARGO_PROFILE_RELEASE_LTO=off",
            "CARGO_PROFILE_RELEASE_OPT_LEVEL=0",
            "CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16",
        ],
        target: "target-arm64",
        ..Recipe::new(sources, &[])
    };
    recipe.build()
}

/// The program that [`build`]'s image holds, built as its Dockerfile does, but without a container, from a copy of the
/// sources in another folder, with another home of cargo's.
pub fn program_built_elsewhere(sources: &Path) -> Vec<u8> {
    let folder = cache("elsewhere");
    let _lock = lock(&folder);
    let state = state(sources, &[]);
    let program = folder.join(&state);
    if !program.exists() {
        output(&mut fetch(sources));
        let copy = tempfile::tempdir().unwrap();
        output(
            Command::new("cp")
                .args(["--recursive", "--parents"])
                .args(context(sources))
                .arg(copy.path())
                .current_dir(sources),
        );
        let home = tempfile::tempdir().unwrap();
        symlink(cargo_home().join("registry"), home.path().join("registry")).unwrap();
        let target = folder.join("target");
        forget_own_crate(&target, &state);
        let built = home.path().join("wfe-webhook");
        output(
            Command::new(copy.path().join("release/build.sh"))
                .arg(native_architecture())
                .arg(&built)
                .env("PATH", path_with_toolchain())
                .env("CARGO_HOME", home.path())
                .env("CARGO_TARGET_DIR", &target)
                .env("CARGO_NET_OFFLINE", "true")
                .envs(origin("REVISION").map(|it| ("WFE_WEBHOOK_REVISION", it)))
                .envs(origin("CREATED").map(|it| ("WFE_WEBHOOK_CREATED", it))),
        );
        fs::rename(&built, &program)
            .or_else(|_| fs::copy(&built, &program).map(|_| ()))
            .unwrap();
    }
    fs::read(program).unwrap()
}

/// A value of [`ORIGIN`].
pub fn origin(name: &str) -> Option<&'static str> {
    let mut found = ORIGIN.into_iter().filter(|(known, _)| *known == name);
    found.next().map(|(_, value)| value)
}

/// This machine's, as the Dockerfile calls it.
pub fn native_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => panic!("there is no image for {other}"),
    }
}

/// Without rustup, which would ask for another home.
fn path_with_toolchain() -> OsString {
    let mut path = OsString::from(sysroot());
    path.push("/bin:");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

/// Writes an image to a file that container runtimes import (`ctr images import`), under the name that manifests use.
pub fn archive(image: &str, name: &str, file: &Path) {
    // buildah does not replace a file.
    let _ = fs::remove_file(file);
    let target = format!("docker-archive:{}:{name}", file.display());
    output(buildah().args(["push", "--quiet", image, &target]));
}

/// Writes an image to a file in OCI's format, as a release does, from which it is pushed to registries.
pub fn archive_for_registries(image: &str, file: &Path) {
    let target = format!("oci-archive:{}", file.display());
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

/// A command that fetches all crates.
fn fetch(sources: &Path) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(["fetch", "--quiet", "--locked"])
        .current_dir(sources);
    command
}

fn sysroot() -> String {
    output(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(repository()),
    )
}

/// Held until it is dropped.
fn lock(folder: &Path) -> File {
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    lock
}

fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cargo");
    let chosen = std::env::var_os("CARGO_HOME").filter(|folder| folder != OsStr::new(""));
    chosen.map_or_else(home, PathBuf::from)
}

/// Cargo tells by the time of a file whether it changed, which is no help between different sources: the project's own
/// crate is built anew for each state of them, its dependencies are not.
fn forget_own_crate(target: &Path, state: &str) {
    let built = target.join("built-of");
    if fs::read_to_string(&built).is_ok_and(|built| built == state) {
        return;
    }
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
    fs::create_dir_all(target).unwrap();
    fs::write(built, state).unwrap();
}
