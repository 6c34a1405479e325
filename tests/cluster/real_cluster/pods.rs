//! The webhook's pods, and their processes as this machine sees them.

use std::fs;

use serde_json::Value;
use test_support::control_plane::{run, stderr};
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
