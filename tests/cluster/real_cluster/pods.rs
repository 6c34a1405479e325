//! The webhook's pods, and their processes as this machine sees them.

use std::fs;

use serde_json::Value;
use test_support::control_plane::{run, stderr, stdout};
use test_support::guarded::wait_within;

use super::scene::{RELEASE, Scene};

/// Longer than a replica takes to end, with its drain, and a busy machine to notice.
const END: std::time::Duration = std::time::Duration::from_secs(120);

/// A pod of the webhook.
#[derive(Clone, Debug)]
pub struct Pod {
    pub name: String,
    pub uid: String,
    pub node: String,
    pub address: String,
    pub restarts: u64,
}

/// All pods of the Deployment, those that are about to end included.
pub fn all(scene: &Scene) -> Vec<Pod> {
    let selector = "--selector=app.kubernetes.io/name=wfe-webhook,!job";
    let list = scene.get(&["pods", "--namespace", RELEASE.namespace, selector]);
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let text = |item: &Value, pointer: &str| {
        let value = item.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    items
        .iter()
        .filter(|item| {
            item.pointer("/metadata/ownerReferences/0/kind") == Some(&"ReplicaSet".into())
        })
        .map(|item| Pod {
            name: text(item, "/metadata/name"),
            uid: text(item, "/metadata/uid"),
            node: text(item, "/spec/nodeName"),
            address: text(item, "/status/podIP"),
            restarts: item["status"]["containerStatuses"][0]["restartCount"]
                .as_u64()
                .unwrap_or_default(),
        })
        .collect()
}

/// Waits until there are exactly so many pods and all are ready.
pub fn settled(scene: &Scene, count: usize) -> Vec<Pod> {
    wait_within(END, "no pod but ready ones", || {
        let ready = scene.kubectl(&[
            "get",
            "deployment",
            RELEASE.name,
            "--namespace",
            RELEASE.namespace,
            "--output=jsonpath={.status.readyReplicas}",
        ]);
        let pods = all(scene);
        (ready == count.to_string() && pods.len() == count).then_some(pods)
    })
}

/// The pod that answers most of the writes that go on: an API server keeps its connections, and they need not be spread.
pub fn busiest(scene: &Scene) -> Pod {
    let count = |pod: &Pod| {
        let url = format!("http://{}:8080/metrics", pod.address);
        let metrics = stdout(&run(scene.cluster.command("curl").args(["--silent", &url])));
        let reviews = metrics
            .lines()
            .filter(|line| line.starts_with("wfe_webhook_admission_requests_total{"));
        reviews
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum::<f64>()
    };
    let pods = settled(scene, 2);
    let before: Vec<f64> = pods.iter().map(count).collect();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let answered = |index: usize| count(&pods[index]) - before[index];
    let shares = [answered(0), answered(1)];
    println!("reviews within 2 s: {shares:?}");
    let busiest = usize::from(shares[1] > shares[0]);
    assert!(shares[busiest] > 0.0, "no replica answers a write");
    pods[busiest].clone()
}

impl Pod {
    /// The id of the webhook's process on this machine.
    pub fn process(&self) -> u32 {
        let of_pod = |pid: &u32| {
            let group = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            group.contains(&self.uid) && name.trim() == "wfe-webhook"
        };
        let mut processes = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        processes
            .find(of_pod)
            .unwrap_or_else(|| panic!("{self:?} has no process"))
    }

    /// Sends its process a signal, such as `KILL`.
    pub fn signal(&self, signal: &str) {
        let pid = self.process().to_string();
        let output = run(std::process::Command::new("kill").args(["-s", signal, &pid]));
        assert!(output.status.success(), "{}", stderr(&output));
    }
}
