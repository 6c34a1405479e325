//! Helm: `$HELM_BIN`, else built by `tests/helm/build.sh`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::control_plane::{run, stderr, stdout};

/// The chart of this repository.
pub fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/chart/wfe-webhook")
}

/// The program's file.
///
/// # Panics
///
/// When it is neither there nor can be built.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(file) = std::env::var_os("HELM_BIN").filter(|file| !file.is_empty()) {
            let file = PathBuf::from(file);
            assert!(
                file.is_file(),
                "HELM_BIN is set to {}, which does not exist",
                file.display()
            );
            return file;
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../helm");
        let output = run(Command::new(folder.join("build.sh")).stdin(Stdio::null()));
        assert!(
            output.status.success(),
            "tests/helm/build.sh failed:\n{}",
            stderr(&output)
        );
        folder.join(".cache/bin/helm")
    })
}

/// `helm`, without settings of the user that runs the tests and without a cluster.
pub fn helm() -> Command {
    let home = std::env::temp_dir().join("wfe-webhook-helm");
    let mut command = Command::new(binary());
    command
        .env("HELM_CACHE_HOME", home.join("cache"))
        .env("HELM_CONFIG_HOME", home.join("config"))
        .env("HELM_DATA_HOME", home.join("data"))
        .env("KUBECONFIG", "/dev/null")
        .stdin(Stdio::null());
    command
}

/// `helm lint --strict` of the chart.
pub fn lint(arguments: &[&str]) -> Output {
    run(helm()
        .args(["lint", "--strict"])
        .arg(chart())
        .args(arguments))
}

/// A release by name and namespace.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    pub name: &'a str,
    pub namespace: &'a str,
}

impl Release<'_> {
    /// What the chart renders, the objects of `helm test` included unless `--skip-tests` is among the arguments; or what Helm
    /// says is wrong.
    pub fn template(self, arguments: &[&str]) -> Result<String, String> {
        let mut command = helm();
        command.args(["template", self.name]).arg(chart());
        let output = run(self.in_namespace(&mut command).args(arguments));
        if output.status.success() {
            Ok(stdout(&output))
        } else {
            Err(stderr(&output))
        }
    }

    /// `helm upgrade --install --wait` of a chart into the cluster of a kubeconfig. Further arguments can be added.
    pub fn install(self, kubeconfig: &Path, chart: &Path) -> Command {
        let mut command = helm();
        command
            .env("KUBECONFIG", kubeconfig)
            .args(["upgrade", "--install", "--create-namespace", "--wait"])
            .arg(self.name)
            .arg(chart);
        self.in_namespace(&mut command);
        command
    }

    /// `helm VERB` of the release, such as `test`, `rollback` or `uninstall`.
    pub fn command(self, kubeconfig: &Path, verb: &str) -> Command {
        let mut command = helm();
        command
            .env("KUBECONFIG", kubeconfig)
            .args([verb, self.name]);
        self.in_namespace(&mut command);
        command
    }

    fn in_namespace(self, command: &mut Command) -> &mut Command {
        command.args(["--namespace", self.namespace])
    }
}
