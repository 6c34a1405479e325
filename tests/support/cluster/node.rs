//! A node: containerd, kubelet and kube-proxy in namespaces of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::NODE_NETWORK;
use super::pki::Pki;
use crate::control_plane::{node_program, run, stderr, stdout};
use crate::guarded::Guarded;

/// How kube-proxy leads connections to pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyMode {
    /// By rules of iptables, the default.
    Iptables,
    /// By rules of nftables.
    Nftables,
}

/// One node.
#[derive(Debug)]
pub(super) struct Node {
    number: usize,
    folder: PathBuf,
    cgroup: String,
    pid: u32,
    /// What ends the node, dropped with it; node 1 is held by the cluster itself.
    holder: Option<Guarded>,
}

impl Node {
    /// One that runs nothing yet.
    pub(super) fn new(number: usize, cluster: &Path) -> Self {
        let folder = cluster.join(format!("node{number}"));
        fs::create_dir_all(&folder).expect("a folder for a node");
        Self {
            number,
            folder,
            cgroup: format!("wfe-webhook-{}-node{number}", std::process::id()),
            pid: 0,
            holder: None,
        }
    }

    pub(super) fn name(&self) -> String {
        format!("node{}", self.number)
    }

    pub(super) fn address(&self) -> String {
        format!("{NODE_NETWORK}.{}", self.number)
    }

    pub(super) fn pod_network(&self) -> String {
        format!("10.244.{}.0/24", self.number)
    }

    /// The control group that is the root of the kubelet's.
    pub(super) fn cgroup(&self) -> String {
        self.cgroup.clone()
    }

    /// A process in the node's namespaces.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Uses the namespaces of this process.
    pub(super) fn enter(&mut self, pid: u32) {
        self.pid = pid;
    }

    /// The same, of a process that is ended with the node.
    pub(super) fn hold(&mut self, holder: Guarded, pid: u32) {
        self.holder = Some(holder);
        self.pid = pid;
    }

    /// A command in the node's namespaces.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--mount", "--net", "--pid", "--target"])
            .arg(self.pid.to_string())
            .arg("--")
            .arg(program);
        command
    }

    /// Runs one that has to succeed.
    pub(super) fn run(&self, command: &[&str]) {
        let output = run(self.command(Path::new(command[0])).args(&command[1..]));
        assert!(
            output.status.success(),
            "{command:?}: {}{}",
            stdout(&output),
            stderr(&output)
        );
    }

    /// Gives the node its mounts and settings.
    pub(super) fn prepare(&self) {
        let folder = self.folder.display().to_string();
        self.run(&["sh", "-c", include_str!("node.sh"), "node.sh", &folder]);
    }

    pub(super) fn import(&self, archive: &Path) {
        let archive = archive.display().to_string();
        self.run(&["ctr", "--namespace", "k8s.io", "images", "import", &archive]);
    }

    pub(super) fn write_configuration(&self, pki: &Pki, proxy_mode: ProxyMode) {
        self.run(&[
            "sh",
            "-c",
            "cat >/etc/cni/net.d/10-pods.conflist <<END\n$0\nEND",
            &self.pods_network_configuration(),
        ]);
        self.write("containerd.toml", CONTAINERD);
        let name = self.name();
        let file = |extension: &str| pki.file(&format!("{name}.{extension}"));
        self.write(
            "kubelet.yaml",
            &json!({
                "apiVersion": "kubelet.config.k8s.io/v1beta1",
                "kind": "KubeletConfiguration",
                "failCgroupV1": false,
                "cgroupDriver": "cgroupfs",
                "cgroupRoot": format!("/{}", self.cgroup),
                "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
                "authentication": {
                    "anonymous": {"enabled": false},
                    "webhook": {"enabled": true},
                    "x509": {"clientCAFile": pki.file("ca.crt")},
                },
                "authorization": {"mode": "Webhook"},
                "tlsCertFile": file("crt"),
                "tlsPrivateKeyFile": file("key"),
                // A name server that a test may start on node 1.
                "clusterDNS": [format!("{NODE_NETWORK}.1")],
                "clusterDomain": "cluster.local",
                "resolvConf": "",
                // Limits of the machine that root cannot raise in every place where tests run.
                "oomScoreAdj": 0,
                "maxOpenFiles": 20_000,
                "failSwapOn": false,
                "evictionHard": {
                    "memory.available": "100Mi",
                    "nodefs.available": "1%",
                    "imagefs.available": "1%",
                },
                "imageGCHighThresholdPercent": 100,
                "imageGCLowThresholdPercent": 99,
                "nodeStatusUpdateFrequency": "4s",
            })
            .to_string(),
        );
        self.write(
            "kube-proxy.yaml",
            &json!({
                "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
                "kind": "KubeProxyConfiguration",
                "mode": match proxy_mode {
                    ProxyMode::Iptables => "iptables",
                    ProxyMode::Nftables => "nftables",
                },
                "clusterCIDR": "10.244.0.0/16",
                "hostnameOverride": name,
                "clientConnection": {"kubeconfig": pki.file("kube-proxy.kubeconfig")},
                // It would change settings of the whole machine.
                "conntrack": {
                    "maxPerCore": 0,
                    "min": 0,
                    "tcpEstablishedTimeout": "0s",
                    "tcpCloseWaitTimeout": "0s",
                },
            })
            .to_string(),
        );
    }

    pub(super) fn containerd(&self) -> Command {
        let mut command = self.command(Path::new("containerd"));
        command
            .arg("--config")
            .arg(self.folder.join("containerd.toml"));
        command
    }

    pub(super) fn kubelet(&self, pki: &Pki) -> Command {
        let name = self.name();
        let mut command = self.command(&node_program("kubelet"));
        command
            .arg("--config")
            .arg(self.folder.join("kubelet.yaml"))
            .arg("--kubeconfig")
            .arg(pki.file(&format!("{name}.kubeconfig")))
            .args(["--hostname-override", &name])
            .args(["--node-ip", &self.address()])
            .args(["--root-dir", "/var/lib/kubelet"]);
        command
    }

    pub(super) fn kube_proxy(&self) -> Command {
        let mut command = self.command(&node_program("kube-proxy"));
        command
            .arg("--config")
            .arg(self.folder.join("kube-proxy.yaml"));
        command
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).expect("a file in a temporary directory");
    }

    fn pods_network_configuration(&self) -> String {
        json!({
            "cniVersion": "1.0.0",
            "name": "pods",
            "plugins": [{
                "type": "bridge",
                "bridge": "pods",
                "isGateway": true,
                "ipMasq": false,
                "hairpinMode": true,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": self.pod_network()}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }],
        })
        .to_string()
    }
}

const CONTAINERD: &str = r#"
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
"#;
