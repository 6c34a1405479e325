//! A cluster with kubernaut's definitions and the webhook's image, and releases of the chart in it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use test_support::cluster::{Cluster, ClusterOptions};
use test_support::control_plane::{run, stderr, stdout};
use test_support::guarded::wait_until;
use test_support::helm::{self, Release};
use test_support::image;

use super::writes::Writes;

/// The release that most tests install.
pub const RELEASE: Release = Release {
    name: "wfe-webhook",
    namespace: "wfe-webhook",
};

/// Where the image is for the nodes, which have been given it.
const REPOSITORY: &str = "localhost/wfe-webhook";

const CRD: &str = include_str!("../../fixtures/crd-kubernaut.ai.yaml");

/// The failure policy under which a mistake costs most.
const FAIL: &str = "webhooks.validating.failurePolicy=Fail";

/// A cluster, ready for the chart.
pub struct Scene {
    pub cluster: Cluster,
}

impl Scene {
    /// A cluster of two nodes.
    pub fn new() -> Self {
        Self::with(ClusterOptions::default())
    }

    /// The same with other options.
    pub fn with(options: ClusterOptions) -> Self {
        // Before the cluster, as it takes minutes the first time.
        let image = image::build(image::repository(), &[]);
        let scene = Self {
            cluster: Cluster::start_with(options),
        };
        scene.import(&image, env!("CARGO_PKG_VERSION"));
        scene.cluster.apply(CRD);
        scene.kubectl(&[
            "wait",
            "--for=condition=Established",
            "crd/workflowexecutions.kubernaut.ai",
        ]);
        // What the chart promises of its pods is enforced.
        scene.cluster.apply(
            &json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {
                    "name": RELEASE.namespace,
                    "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
                },
            })
            .to_string(),
        );
        scene
    }

    /// Gives the nodes an image under a tag in [`REPOSITORY`].
    pub fn import(&self, image: &str, tag: &str) {
        let file = self.cluster.directory().join(format!("image-{tag}.tar"));
        image::archive(image, &format!("{REPOSITORY}:{tag}"), &file);
        self.cluster.import(&file);
    }

    /// One with a release of default values but `Fail`, which has completed a write.
    pub fn installed() -> Self {
        let scene = Self::new();
        scene.install(&[]);
        scene
    }

    /// What `kubectl` prints.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        self.cluster.kubectl_prints(arguments)
    }

    /// An object as the API server has it.
    pub fn get(&self, arguments: &[&str]) -> Value {
        let text = self.kubectl(&[&["get", "--output=json"], arguments].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// Installs this chart under `Fail` with further `--set` values, or upgrades to it; then writes are completed.
    pub fn install(&self, values: &[&str]) {
        self.install_chart(&helm::chart(), values);
    }

    /// The same with another chart.
    pub fn install_chart(&self, chart: &Path, values: &[&str]) {
        let output = self.try_install(chart, values, "180s");
        assert!(output.status.success(), "{}", stderr(&output));
        self.wait_for_completion();
    }

    /// `helm upgrade --install --wait`, whatever comes of it within `timeout`.
    pub fn try_install(&self, chart: &Path, values: &[&str], timeout: &str) -> Output {
        let mut command = RELEASE.install(&self.cluster.kubeconfig(), chart);
        command.args(["--timeout", timeout, "--set", FAIL]);
        command.args(["--set", &format!("image.repository={REPOSITORY}")]);
        for value in values {
            command.args(["--set", value]);
        }
        run(&mut self.cluster.inside(&command))
    }

    /// `helm VERB` of the release with further arguments.
    pub fn helm(&self, verb: &str, arguments: &[&str]) -> String {
        let mut command: Command = RELEASE.command(&self.cluster.kubeconfig(), verb);
        command.args(arguments);
        let output = run(&mut self.cluster.inside(&command));
        assert!(
            output.status.success(),
            "helm {verb}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        stdout(&output)
    }

    /// Starts writes at a steady rate.
    pub fn writes(&self) -> Writes<'_> {
        Writes::start(&self.cluster)
    }

    /// Waits until a write of a Running status comes back with conditions.
    pub fn wait_for_completion(&self) {
        self.apply_execution("probe");
        wait_until("a completed write", || {
            let written = self.write_status("probe", &running());
            (written.status.success() && conditions(&written).len() == 2).then_some(())
        });
        self.kubectl(&["delete", "workflowexecution", "probe"]);
    }

    /// Creates a WorkflowExecution in the namespace `default`.
    pub fn apply_execution(&self, name: &str) {
        self.cluster.apply(
            &json!({
                "apiVersion": "kubernaut.ai/v1alpha1",
                "kind": "WorkflowExecution",
                "metadata": {"name": name, "namespace": "default"},
                "spec": {
                    "workflowRef": {"workflowId": "restart"},
                    "targetResource": "payments/deployment/api",
                },
            })
            .to_string(),
        );
    }

    /// Merges a status into a WorkflowExecution; prints the object.
    pub fn write_status(&self, name: &str, status: &Value) -> Output {
        let patch = json!({ "status": status }).to_string();
        run(self.cluster.kubectl().args([
            "patch",
            "workflowexecution",
            name,
            "--subresource=status",
            "--type=merge",
            "--output=json",
            "--patch",
            &patch,
        ]))
    }
}

/// A status that implies two conditions.
pub fn running() -> Value {
    json!({
        "phase": "Running",
        "startTime": "2026-11-20T10:00:00Z",
        "executionRef": {"name": "run-1"},
    })
}

/// The conditions of an object that `kubectl` printed.
pub fn conditions(output: &Output) -> Vec<Value> {
    let object: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    object["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}
