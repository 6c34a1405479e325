//! The real Prometheus in a cluster. Debian builds it without discovery in Kubernetes: the targets are what that would find
//! for the port `admin` of the Service.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use test_support::control_plane::{run, stderr, stdout};

use super::scene::{RELEASE, Scene};

/// A Prometheus that scrapes the replicas.
pub struct Prometheus<'a> {
    scene: &'a Scene,
    targets: PathBuf,
}

impl<'a> Prometheus<'a> {
    /// Starts it on node 1; it ends with the cluster.
    pub fn start(scene: &'a Scene) -> Self {
        let directory = scene.cluster.directory();
        let prometheus = Self {
            scene,
            targets: directory.join("targets.json"),
        };
        prometheus.find_replicas();
        let configuration = directory.join("prometheus.yaml");
        let job = json!({"scrape_configs": [{
            "job_name": "wfe-webhook",
            "scrape_interval": "1s",
            "file_sd_configs": [{"files": [prometheus.targets]}],
        }]});
        fs::write(&configuration, job.to_string()).unwrap();
        let mut command = scene.cluster.command("prometheus");
        command
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.join("prometheus").display()
            ))
            .arg("--web.listen-address=127.0.0.1:9090");
        scene.cluster.spawn("prometheus", &mut command);
        prometheus
    }

    /// Scrapes the replicas that there are now.
    pub fn find_replicas(&self) {
        let slices = self.scene.get(&[
            "endpointslices",
            "--namespace",
            RELEASE.namespace,
            "--selector=kubernetes.io/service-name=wfe-webhook",
        ]);
        let slice = &slices["items"][0];
        let ports = slice["ports"].as_array().unwrap();
        let admin = ports.iter().find(|port| port["name"] == "admin").unwrap();
        let endpoints = slice["endpoints"].as_array().unwrap();
        let addresses = endpoints
            .iter()
            .map(|it| it["addresses"][0].as_str().unwrap());
        let targets: Vec<_> = addresses
            .map(|address| format!("{address}:{}", admin["port"]))
            .collect();
        // It reads the file as soon as it changes, so a part of it must not be there.
        let new = self.targets.with_extension("new");
        fs::write(&new, json!([{"targets": targets}]).to_string()).unwrap();
        fs::rename(new, &self.targets).unwrap();
    }

    /// The series that a query gives; null while it does not answer.
    pub fn ask(&self, query: &str) -> Value {
        let mut curl = self.scene.cluster.command("curl");
        let output = run(curl
            .args(["--silent", "--get", "--data-urlencode"])
            .arg(format!("query={query}"))
            .arg("http://127.0.0.1:9090/api/v1/query"));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        assert_ne!(
            answer["status"],
            "error",
            "{query}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        answer["data"]["result"].clone()
    }
}
