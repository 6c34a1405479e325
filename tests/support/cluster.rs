//! A real cluster: kubelets, `containerd`, `kube-proxy`, controller manager and scheduler around `etcd` and `kube-apiserver`,
//! all in mount, network and process namespaces of their own. Its programs are those of `tests/control-plane/build.sh`.
//!
//! Node 1 also has the control plane. Pods have addresses in 10.244.N.0/24 and find Services by `ClusterIP`.

mod cgroups;
mod images;
mod node;
mod pki;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use node::Node;
use pki::Pki;

use crate::control_plane::{binary, node_program, run, stderr, stdout};
use crate::guarded::Guarded;

pub use node::ProxyMode;

/// The address of a node in the cluster's own network; pods and API servers reach it.
const NODE_NETWORK: &str = "172.31.0";
const API_SERVER: &str = "https://172.31.0.1:6443";
const SERVICE_NETWORK: &str = "10.96.0.0/16";

/// What a cluster is made of.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// 1 or 2.
    pub nodes: usize,
    /// How kube-proxy leads connections to pods.
    pub proxy_mode: ProxyMode,
    /// Further flags of the API server.
    pub api_server: Vec<String>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            nodes: 2,
            proxy_mode: ProxyMode::Iptables,
            api_server: Vec::new(),
        }
    }
}

/// A running cluster; dropping it, or the end of the process, ends it and removes all that it left.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    pki: Pki,
    options: ClusterOptions,
    /// The first process of the namespaces: all others end with it.
    holder: Guarded,
    processes: Mutex<Vec<Process>>,
    /// Two clusters at once would take each other's time.
    _only_one: MutexGuard<'static, ()>,
}

/// What runs in the cluster; it ends with the cluster's namespaces, and here is only waited for.
#[derive(Debug)]
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Cluster {
    /// Starts one with two nodes and waits until they are ready.
    pub fn start() -> Self {
        Self::start_with(ClusterOptions::default())
    }

    /// Starts a cluster and waits until its nodes are ready.
    ///
    /// # Panics
    ///
    /// When this machine cannot run one; the message says what is missing.
    pub fn start_with(options: ClusterOptions) -> Self {
        static ONLY_ONE: Mutex<()> = Mutex::new(());
        // A test that failed with a cluster has ended it.
        let only_one = ONLY_ONE.lock().unwrap_or_else(PoisonError::into_inner);
        require_root();
        let directory = tempfile::Builder::new()
            .prefix("wfe-webhook-cluster-")
            .tempdir()
            .expect("a temporary directory");
        let pki = Pki::create(directory.path().join("pki"));
        let nodes: Vec<Node> = (1..=options.nodes)
            .map(|number| Node::new(number, directory.path()))
            .collect();
        let groups: Vec<String> = nodes.iter().map(Node::cgroup).collect();
        fs::write(directory.path().join("cleanup"), cgroups::removal(&groups))
            .expect("a file in a temporary directory");
        for group in &groups {
            cgroups::create(group);
        }
        let mut unshare = Command::new("unshare");
        unshare
            .args([
                "--mount",
                "--net",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
            ])
            .args(["tini", "--", "sleep", "infinity"]);
        let holder = Guarded::spawn("cluster", &unshare, directory);
        let mut cluster = Self {
            nodes,
            pki,
            options,
            holder,
            processes: Mutex::default(),
            _only_one: only_one,
        };
        cluster.nodes[0].enter(holder_pid(&cluster.holder));
        cluster.build_network();
        images::write_pause(&cluster.pause_archive());
        cluster.start_control_plane();
        for index in 0..cluster.nodes.len() {
            cluster.start_node(index);
        }
        cluster.wait_for_nodes();
        cluster
    }

    /// A command on node 1, as the cluster's administrator where it talks to the API server.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.nodes[0].command(program.as_ref());
        command
            .env("KUBECONFIG", self.kubeconfig())
            // No caches and no preferences of the user that runs the tests.
            .env("HOME", self.directory())
            .stdin(Stdio::null());
        command
    }

    /// Another command, with its arguments and environment, as [`Cluster::command`].
    pub fn inside(&self, command: &Command) -> Command {
        let mut inside = self.command(command.get_program());
        inside.args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(key, value),
                None => inside.env_remove(key),
            };
        }
        inside.env("KUBECONFIG", self.kubeconfig());
        inside
    }

    /// `kubectl` as the administrator.
    pub fn kubectl(&self) -> Command {
        self.command(binary("kubectl"))
    }

    /// What `kubectl ARGUMENTS` prints.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub fn kubectl_prints(&self, arguments: &[&str]) -> String {
        let output = run(self.kubectl().args(arguments));
        assert!(
            output.status.success(),
            "kubectl {arguments:?}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        stdout(&output)
    }

    /// Applies manifests (YAML or JSON, several documents).
    ///
    /// # Panics
    ///
    /// When the API server refuses one.
    pub fn apply(&self, manifests: &str) {
        let file = tempfile::NamedTempFile::new_in(self.directory()).expect("a temporary file");
        fs::write(file.path(), manifests).expect("a temporary file");
        let path = file.path().display().to_string();
        self.kubectl_prints(&["apply", "--server-side", "--validate=strict", "-f", &path]);
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.pki.file("admin.kubeconfig")
    }

    /// A folder that is removed with the cluster.
    pub fn directory(&self) -> &Path {
        self.holder.directory()
    }

    /// Starts a program in the cluster's namespaces, on node 1; it ends with the cluster.
    pub fn spawn(&self, name: &str, command: &mut Command) {
        let log = File::create(self.log_file(name)).expect("a log file");
        let child = command
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let mut processes = self
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        processes.push(Process(child));
    }

    /// Makes an image known to every node.
    pub fn import(&self, archive: &Path) {
        for node in &self.nodes {
            node.import(archive);
        }
    }

    /// Takes node 2 off the network, or puts it on it again.
    pub fn cut_off_node_2(&self, is_cut_off: bool) {
        let state = if is_cut_off { "down" } else { "up" };
        self.on_node_1(&["ip", "link", "set", "node2", state]);
    }

    fn pause_archive(&self) -> PathBuf {
        self.directory().join("pause.tar")
    }

    fn log_file(&self, name: &str) -> PathBuf {
        self.directory().join(format!("{name}.log"))
    }

    fn on_node_1(&self, command: &[&str]) {
        self.nodes[0].run(command);
    }

    /// The nodes' common network is a bridge on node 1.
    fn build_network(&self) {
        self.nodes[0].prepare();
        for command in [
            "ip link set lo up",
            "ip link add nodes type bridge",
            "ip address add 172.31.0.1/24 dev nodes",
            "ip link set nodes up",
            // It leads nowhere, but without a default route no ClusterIP is ever looked at.
            "ip route add default via 172.31.0.254 dev nodes",
        ] {
            self.on_node_1(&command.split(' ').collect::<Vec<_>>());
        }
    }

    fn start_control_plane(&mut self) {
        let pki = &self.pki;
        pki.sign(
            "kube-apiserver",
            "kube-apiserver",
            None,
            &[
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "127.0.0.1",
                "172.31.0.1",
                "10.96.0.1",
            ],
        );
        pki.client("kubelet-client", "kube-apiserver", Some("system:masters"));
        pki.client("admin", "admin", Some("system:masters"));
        pki.client(
            "kube-controller-manager",
            "system:kube-controller-manager",
            None,
        );
        pki.client("kube-scheduler", "system:kube-scheduler", None);
        pki.client("kube-proxy", "system:kube-proxy", None);

        let mut etcd = self.command(binary("etcd"));
        etcd.arg("--data-dir")
            .arg(self.directory().join("etcd"))
            .args(["--listen-client-urls", "http://127.0.0.1:2379"])
            .args(["--advertise-client-urls", "http://127.0.0.1:2379"])
            .args(["--listen-peer-urls", "http://127.0.0.1:2380"])
            .args(["--unsafe-no-fsync", "--log-level", "warn"]);
        self.spawn("etcd", &mut etcd);

        let mut api_server = self.command(binary("kube-apiserver"));
        for (flag, file) in [
            ("--tls-cert-file", "kube-apiserver.crt"),
            ("--tls-private-key-file", "kube-apiserver.key"),
            ("--client-ca-file", "ca.crt"),
            ("--kubelet-certificate-authority", "ca.crt"),
            ("--kubelet-client-certificate", "kubelet-client.crt"),
            ("--kubelet-client-key", "kubelet-client.key"),
            ("--service-account-key-file", "service-accounts.pub"),
            ("--service-account-signing-key-file", "service-accounts.key"),
        ] {
            api_server.arg(flag).arg(pki.file(file));
        }
        api_server
            .args(["--etcd-servers", "http://127.0.0.1:2379"])
            .args(["--advertise-address", "172.31.0.1", "--secure-port", "6443"])
            .args(["--kubelet-preferred-address-types", "InternalIP"])
            .args(["--authorization-mode", "Node,RBAC"])
            .args(["--enable-admission-plugins", "NodeRestriction"])
            .args(["--service-account-issuer", "https://kubernetes.default.svc"])
            .args(["--service-cluster-ip-range", SERVICE_NETWORK])
            .arg("--allow-privileged")
            .args(&self.options.api_server);
        self.spawn("kube-apiserver", &mut api_server);
        self.wait_until("the API server", || {
            let output = run(self.kubectl().args(["get", "--raw", "/readyz"]));
            output.status.success().then_some(())
        });

        let mut controllers = self.command(node_program("kube-controller-manager"));
        controllers
            .arg("--kubeconfig")
            .arg(pki.file("kube-controller-manager.kubeconfig"))
            .arg("--service-account-private-key-file")
            .arg(pki.file("service-accounts.key"))
            .arg("--root-ca-file")
            .arg(pki.file("ca.crt"))
            .args(["--use-service-account-credentials", "--leader-elect=false"])
            .args(["--bind-address", "127.0.0.1"])
            // A node that is cut off is noticed within a test's patience.
            .args([
                "--node-monitor-grace-period",
                "20s",
                "--node-monitor-period",
                "2s",
            ]);
        self.spawn("kube-controller-manager", &mut controllers);
        let mut scheduler = self.command(node_program("kube-scheduler"));
        scheduler
            .arg("--kubeconfig")
            .arg(pki.file("kube-scheduler.kubeconfig"))
            .args(["--leader-elect=false", "--bind-address", "127.0.0.1"]);
        self.spawn("kube-scheduler", &mut scheduler);
    }

    fn start_node(&mut self, index: usize) {
        if index > 0 {
            self.join_network(index);
        }
        let node = &self.nodes[index];
        let name = node.name();
        let address = node.address();
        self.pki.sign(
            &name,
            &format!("system:node:{name}"),
            Some("system:nodes"),
            &[&name, &address],
        );
        self.pki.kubeconfig(&name);
        node.write_configuration(&self.pki, self.options.proxy_mode);
        self.spawn(&format!("containerd-{name}"), &mut node.containerd());
        self.wait_until("containerd", || {
            let version = run(node.command(Path::new("ctr")).arg("version"));
            version.status.success().then_some(())
        });
        node.import(&self.pause_archive());
        self.spawn(&format!("kubelet-{name}"), &mut node.kubelet(&self.pki));
        self.spawn(&format!("kube-proxy-{name}"), &mut node.kube_proxy());
    }

    /// Gives a node after the first one namespaces below the first one's, and a cable to its bridge.
    fn join_network(&mut self, index: usize) {
        let mut unshare = self.command("unshare");
        unshare.args(["--mount", "--net", "--fork", "--kill-child"]);
        unshare.args(["tini", "-s", "--", "sleep", "infinity"]);
        let directory = tempfile::tempdir().expect("a temporary directory");
        let holder = Guarded::spawn(&format!("node {}", index + 1), &unshare, directory);
        let pid = holder_pid(&holder);
        self.nodes[index].hold(holder, pid);
        self.nodes[index].prepare();

        let node = &self.nodes[index];
        let (name, address, pods) = (node.name(), node.address(), node.pod_network());
        let pid = pid.to_string();
        // This namespace sees other process ids than the machine, so the cable is laid from outside.
        let cable = run(Command::new("nsenter")
            .args(["--net", "--target", &self.nodes[0].pid().to_string()])
            .args([
                "ip", "link", "add", &name, "type", "veth", "peer", "name", "eth0", "netns", &pid,
            ]));
        assert!(cable.status.success(), "{}", stderr(&cable));
        self.on_node_1(&["ip", "link", "set", &name, "master", "nodes", "up"]);
        self.on_node_1(&["ip", "route", "add", &pods, "via", &address]);
        let first_pods = self.nodes[0].pod_network();
        for command in [
            "ip link set lo up".to_owned(),
            format!("ip address add {address}/24 dev eth0"),
            "ip link set eth0 up".to_owned(),
            format!("ip route add default via {NODE_NETWORK}.1"),
            format!("ip route add {first_pods} via {NODE_NETWORK}.1"),
        ] {
            node.run(&command.split(' ').collect::<Vec<_>>());
        }
    }

    fn wait_for_nodes(&self) {
        self.wait_until("ready nodes", || {
            let output = run(self.kubectl().args(["get", "nodes", "--no-headers"]));
            let ready = stdout(&output)
                .lines()
                .filter(|line| line.split_whitespace().nth(1) == Some("Ready"))
                .count();
            (ready == self.nodes.len()).then_some(())
        });
        // The kubelet takes no pod before.
        self.wait_until("the default service account", || {
            let account = run(self.kubectl().args(["get", "serviceaccount", "default"]));
            account.status.success().then_some(())
        });
    }

    /// Waits for something of the cluster; where it does not come, what the programs printed last is shown.
    fn wait_until<T>(&self, what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
        let deadline = std::time::Instant::now() + crate::guarded::PATIENCE;
        loop {
            if let Some(value) = ready() {
                return value;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "waited too long for {what}; the cluster's logs end with:\n{}",
                self.log_tails()
            );
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }

    fn log_tails(&self) -> String {
        let entries = fs::read_dir(self.directory()).into_iter().flatten();
        let files = entries.flatten().map(|entry| entry.path());
        let logs = files.filter(|file| file.extension().is_some_and(|end| end == "log"));
        let tails = logs.map(|file| {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let tail = &lines[lines.len().saturating_sub(5)..];
            format!("{}:\n{}", file.display(), tail.join("\n"))
        });
        tails.collect::<Vec<_>>().join("\n")
    }
}

/// Fails where a cluster cannot run, and says why.
fn require_root() {
    let user = stdout(&run(Command::new("id").arg("-u")));
    assert_eq!(
        user.trim(),
        "0",
        "a real cluster needs root, since it has kubelets; WFE_WEBHOOK_NO_NODES=1 makes `make test` leave these tests out"
    );
}

/// The process id of `tini` below a holder's program.
fn holder_pid(holder: &Guarded) -> u32 {
    holder.wait_until("its first process", || {
        let mut pid = holder.pid();
        loop {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
            if name.trim() == "tini" {
                return Some(pid);
            }
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
            pid = children.split_whitespace().next()?.parse().ok()?;
        }
    })
}
