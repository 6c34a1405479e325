//! Every way to install: what it gives while it is there, and what its removal leaves.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use test_support::control_plane::{run, stderr, stdout};
use test_support::guarded::{wait_until, wait_within};

use super::certificates::{put_certificate_by_hand, start_cert_manager};
use super::pods::{self, Pod};
use super::prometheus::Prometheus;
use super::scene::{RELEASE, Scene, conditions, running};

const PROGRAM: &str = env!("CARGO_BIN_EXE_wfe-webhook");

#[rstest]
#[case::self_managed("selfManaged")]
#[case::cert_manager("certManager")]
#[case::files("files")]
fn one_command_installs_and_one_removes(#[case] mode: &str) {
    let scene = Scene::new();
    let tls = format!("tls.mode={mode}");
    let mut values = vec![tls.as_str(), "server.logLevel=debug"];
    let ca;
    match mode {
        "certManager" => start_cert_manager(&scene),
        "files" => {
            ca = format!(
                "tls.files.caBundle={}",
                fs::read_to_string(put_certificate_by_hand(&scene)).unwrap()
            );
            values.push(&ca);
        }
        _ => {}
    }
    scene.install(&values);
    let pods = pods::settled(&scene, 2);
    assert_ne!(pods[0].node, pods[1].node, "both replicas are on one node");

    a_write_is_completed_and_another_refused(&scene);
    for pod in &pods {
        the_container_is_confined(pod);
        the_pod_has_a_token_only_to_manage_certificates(pod, mode == "selfManaged");
    }
    doctor_is_content(&scene);
    doctor_from_outside_is_content(&scene, &pods[0]);
    prometheus_finds_both_replicas(&scene);
    the_kubelet_sees_little_use(&scene, &pods);

    let writes = scene.writes();
    std::thread::sleep(Duration::from_secs(3));
    scene.helm("uninstall", &["--wait", "--timeout=120s"]);
    std::thread::sleep(Duration::from_secs(3));
    let counted = writes.stop();
    println!(
        "{mode}: the removal: {} writes, {} not completed",
        counted.written,
        counted.uncompleted.len()
    );
    assert!(
        counted.lost.is_empty(),
        "{mode}: {:?}",
        counted.lost.first()
    );
    assert_eq!(what_is_left(&scene), left_by(mode), "{mode}");
    assert!(pods::all(&scene).iter().all(|pod| pod.restarts == 0));
}

fn a_write_is_completed_and_another_refused(scene: &Scene) {
    scene.apply_execution("sample");
    let completed = scene.write_status("sample", &running());
    let types: Vec<Value> = conditions(&completed)
        .iter()
        .map(|condition| condition["type"].clone())
        .collect();
    assert_eq!(types, ["ExecutionCreated", "ExecutionRunning"]);
    let wrong = json!({"conditions": [{
        "type": "ExecutionRunnin",
        "status": "True",
        "reason": "ExecutionStarted",
        "message": "started",
        "lastTransitionTime": "2026-11-20T10:00:00Z",
    }]});
    let refused = stderr(&scene.write_status("sample", &wrong));
    assert!(refused.contains("[condition-unknown-type]"), "{refused}");
    scene.kubectl(&["delete", "workflowexecution", "sample"]);
}

/// What the kernel says of the process.
fn the_container_is_confined(pod: &Pod) {
    let pid = pod.process();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| {
        let mut lines = status.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(":"));
        value
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let none = "0000000000000000";
    for (name, expected) in [
        ("Uid", "65532 65532 65532 65532"),
        ("Gid", "65532 65532 65532 65532"),
        ("CapInh", none),
        ("CapPrm", none),
        ("CapEff", none),
        ("CapBnd", none),
        ("CapAmb", none),
        ("NoNewPrivs", "1"),
        // A filter, here the container runtime's default one.
        ("Seccomp", "2"),
    ] {
        assert_eq!(field(name), expected, "{name} of {}", pod.name);
    }
    let root = mounts(pid).into_iter().find(|(point, _)| point == "/");
    let (_, options) = root.expect("a container has a root");
    assert!(options.split(',').any(|option| option == "ro"), "{options}");
}

fn the_pod_has_a_token_only_to_manage_certificates(pod: &Pod, expected: bool) {
    let has_token = mounts(pod.process()).iter().any(|(point, _)| {
        point == "/run/secrets/kubernetes.io/serviceaccount"
            || point == "/var/run/secrets/kubernetes.io/serviceaccount"
    });
    assert_eq!(has_token, expected, "{}", pod.name);
}

/// Mount points of a process with their options.
fn mounts(pid: u32) -> Vec<(String, String)> {
    let text = fs::read_to_string(format!("/proc/{pid}/mountinfo")).unwrap();
    let fields = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    fields
        .map(|fields| (fields[4].to_owned(), fields[5].to_owned()))
        .collect()
}

/// In a pod, by `helm test`. The names that it looks up are served by hand: these clusters have no DNS.
fn doctor_is_content(scene: &Scene) {
    let address = scene.kubectl(&[
        "get",
        "service",
        RELEASE.name,
        "--namespace",
        RELEASE.namespace,
        "--output=jsonpath={.spec.clusterIP}",
    ]);
    let name = format!("{}.{}.svc", RELEASE.name, RELEASE.namespace);
    let mut dns = scene.cluster.command("dnsmasq");
    dns.args([
        "--keep-in-foreground",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
        "--pid-file=",
    ])
    .args([
        "--listen-address=172.31.0.1",
        "--bind-interfaces",
        "--address=/#/",
    ])
    .arg(format!("--address=/{name}/{address}"))
    .arg(format!("--address=/{name}.cluster.local/{address}"));
    scene.cluster.spawn("dnsmasq", &mut dns);
    let printed = scene.helm("test", &["--logs", "--timeout=60s"]);
    println!("{printed}");
    assert!(printed.contains("Phase:          Succeeded"), "{printed}");
}

/// From an operator's machine, through `kubectl port-forward`.
fn doctor_from_outside_is_content(scene: &Scene, pod: &Pod) {
    let mut forward = scene.cluster.kubectl();
    let mut forward = forward
        .args(["port-forward", "--namespace", RELEASE.namespace])
        .args([&format!("pod/{}", pod.name), ":8443"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // It ends when nobody reads what it prints.
    let mut printed = BufReader::new(forward.stdout.take().unwrap());
    printed.read_line(&mut line).unwrap();
    // "Forwarding from 127.0.0.1:PORT -> 8443"
    let address = line.split_whitespace().nth(2).unwrap_or_default();
    let output = run(scene
        .cluster
        .command(PROGRAM)
        .args(["doctor", "--address", address]));
    run(scene.cluster.command("pkill").args(["-f", "port-forward"]));
    forward.wait().unwrap();
    assert!(
        output.status.success(),
        "{line}{}{}",
        stdout(&output),
        stderr(&output)
    );
}

fn prometheus_finds_both_replicas(scene: &Scene) {
    let prometheus = Prometheus::start(scene);
    wait_until("two targets that are up", || {
        let up = prometheus.ask("sum(up{job=\"wfe-webhook\"})");
        (up[0]["value"][1] == "2").then_some(())
    });
}

/// What the node measures of each container.
fn the_kubelet_sees_little_use(scene: &Scene, pods: &[Pod]) {
    for pod in pods {
        let path = format!("/api/v1/nodes/{}/proxy/metrics/resource", pod.node);
        // A kubelet measures a new container some seconds after it has started it.
        let [memory, cpu] = wait_until("the kubelet's figures", || {
            let metrics = scene.kubectl(&["get", "--raw", &path]);
            let measured = |name: &str| -> Option<f64> {
                let mut lines = metrics.lines();
                let line = lines.find(|line| {
                    line.starts_with(&format!("{name}{{")) && line.contains(&pod.name)
                })?;
                line.split_whitespace().nth(1)?.parse().ok()
            };
            let memory = measured("container_memory_working_set_bytes")?;
            let cpu = measured("container_cpu_usage_seconds_total")?;
            (memory > 0.0).then_some([memory, cpu])
        });
        println!(
            "{}: {:.1} MiB, {cpu:.2} s of CPU",
            pod.name,
            memory / 1024.0 / 1024.0
        );
        assert!(
            memory < 32.0 * 1024.0 * 1024.0,
            "more memory than the chart requests: {memory}"
        );
    }
}

/// Kinds and names in the namespace and of the cluster that have the release's name.
fn what_is_left(scene: &Scene) -> Vec<String> {
    let namespaced = "deployments,replicasets,pods,services,secrets,configmaps,serviceaccounts,roles,rolebindings,poddisruptionbudgets";
    let of_the_cluster = "mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings";
    wait_within(Duration::from_secs(90), "the end of all pods", || {
        pods::all(scene).is_empty().then_some(())
    });
    let mut names: Vec<String> = [
        vec![
            "get",
            namespaced,
            "--namespace",
            RELEASE.namespace,
            "--output=name",
        ],
        vec!["get", of_the_cluster, "--output=name"],
    ]
    .iter()
    .flat_map(|arguments| {
        let names = scene.kubectl(arguments);
        names.lines().map(str::to_owned).collect::<Vec<_>>()
    })
    .filter(|name| name.contains("wfe-webhook"))
    .collect();
    names.sort();
    names
}

/// What `docs/install.md` says that a removal leaves.
fn left_by(mode: &str) -> &'static [&'static str] {
    match mode {
        "selfManaged" => &["secret/wfe-webhook-ca"],
        "certManager" => &["secret/wfe-webhook-ca", "secret/wfe-webhook-tls"],
        _ => &["secret/wfe-webhook-tls"],
    }
}
