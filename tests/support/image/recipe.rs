//! How an image is built, and the stand-in for the builder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::state::state;
use super::{
    ORIGIN, buildah, cache, cache_root, cargo_home, fetch, forget_own_crate, lock,
    native_architecture, output, sysroot,
};

/// When everything in the image was made: seconds since 1970, [`ORIGIN`]'s time.
const TIMESTAMP: &str = "1767225600";

/// How an image is built.
pub(super) struct Recipe<'a> {
    pub(super) sources: &'a Path,
    pub(super) build_args: &'a [&'a str],
    /// What the image is made of, in short. With the suffix it is the image's tag.
    pub(super) state: String,
    pub(super) suffix: &'a str,
    /// None for this machine's.
    pub(super) platform: Option<&'a str>,
    /// Environment of the stage that compiles.
    pub(super) builder_variables: &'a [&'a str],
    /// The folder of the cache that crates are compiled in.
    pub(super) target: &'a str,
}

impl<'a> Recipe<'a> {
    pub(super) fn new(sources: &'a Path, build_args: &'a [&'a str]) -> Self {
        Self {
            sources,
            build_args,
            state: state(sources, build_args),
            suffix: "",
            platform: None,
            builder_variables: &[],
            target: "target",
        }
    }

    /// Builds the image if there is none with this tag, and returns its name.
    pub(super) fn build(&self) -> String {
        // Two builds at once would fight for the cores, and may be of the same image.
        let _lock = lock(&cache_root());
        let name = format!("localhost/wfe-webhook:{}{}", self.state, self.suffix);
        let mut found = buildah();
        found.args(["inspect", "--type", "image", &name]);
        if !found.output().is_ok_and(|output| output.status.success()) {
            self.build_as(&name);
        }
        name
    }

    fn build_as(&self, name: &str) {
        // The build below has no network; this is what it needs of it.
        output(&mut fetch(self.sources));
        let builder = build_stand_in(self.builder_variables);
        let target = cache(self.target);
        forget_own_crate(&target, &self.state);
        let mut command = buildah();
        command
            .args(["build", "--pull-never", "--isolation", "chroot"])
            .args(["--timestamp", TIMESTAMP])
            .args(["--build-arg", &format!("BUILDER={builder}")])
            .args(["--tag", name]);
        if let Some(platform) = self.platform {
            let native = format!("BUILDPLATFORM=linux/{}", native_architecture());
            command.args(["--platform", platform]);
            // Later versions of buildah than Debian 12's know it by themselves, as BuildKit does.
            command.args(["--build-arg", &native]);
        }
        let origin = ORIGIN.map(|(name, value)| format!("{name}={value}"));
        let origin = origin.iter().map(String::as_str);
        for argument in origin.chain(self.build_args.iter().copied()) {
            command.args(["--build-arg", argument]);
        }
        for (here, there, options) in [
            (Path::new("/usr"), "/usr", ":ro"),
            (Path::new("/etc/alternatives"), "/etc/alternatives", ":ro"),
            (Path::new(&sysroot()), "/toolchain", ":ro"),
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
        output(command.arg(self.sources));
        output(buildah().args(["rmi", "--prune"]));
    }
}

/// Builds the image that takes the place of the default builder: no more than links into `/usr`, which is mounted.
fn build_stand_in(variables: &[&str]) -> &'static str {
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
    let its_own = [
        "PATH=/toolchain/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "CARGO_HOME=/cargo",
        "CARGO_NET_OFFLINE=true",
    ];
    for variable in its_own.iter().chain(variables) {
        output(buildah().args(["config", "--env", variable, &container]));
    }
    output(buildah().args(["commit", "--quiet", "--rm", &container, BUILDER]));
    BUILDER
}
