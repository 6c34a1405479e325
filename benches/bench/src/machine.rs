//! The machine and the versions.

use std::path::Path;
use std::process::Command;

/// Lines of a list.
pub fn describe() -> Vec<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_default();
        line.split_once(':')
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned()
    };
    let cores = value(&run("lscpu", &[]), "CPU(s)");
    let model = value(&read("/proc/cpuinfo"), "model name");
    let kernel = read("/proc/sys/kernel/osrelease");
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let memory = memory.trim_end_matches(" kB").parse::<u64>().unwrap_or(0) >> 20;
    let version = |lock: &str, name: &str| {
        let at = lock
            .find(&format!("name = \"{name}\"\nversion = \""))
            .unwrap_or(0);
        lock[at..].split('"').nth(3).unwrap_or("unknown").to_owned()
    };
    let lock = include_str!("../../Cargo.lock");
    let go_mod = include_str!("../../peers/controller-runtime/go.mod");
    let controller_runtime = go_mod
        .split("sigs.k8s.io/controller-runtime ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    vec![
        format!(
            "Machine: {cores} cores, {model}, {memory} GiB of memory, Linux {}",
            kernel.trim()
        ),
        format!(
            "Compilers: {}; {}",
            run("rustc", &["--version"]),
            run("go", &["version"])
        ),
        format!(
            "Libraries: axum {}, hyper {}, rustls {}, tokio {}, kube {}, controller-runtime {}",
            version(lock, "axum"),
            version(lock, "hyper"),
            version(lock, "rustls"),
            version(lock, "tokio"),
            version(lock, "kube"),
            controller_runtime
                .unwrap_or("unknown")
                .trim_start_matches('v'),
        ),
        format!(
            "Callgrind: {}; API server: {}",
            run("valgrind", &["--version"]),
            kubernetes()
        ),
        format!(
            "Commit: {}",
            run(
                "git",
                &[
                    "-C",
                    env!("CARGO_MANIFEST_DIR"),
                    "describe",
                    "--always",
                    "--dirty"
                ]
            )
        ),
    ]
}

/// The average number of processes that ran or waited for a core over the last minute.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn kubernetes() -> String {
    let folder = std::env::var_os("KUBEBUILDER_ASSETS").unwrap_or_default();
    let program = Path::new(&folder).join("kube-apiserver");
    run(&program.to_string_lossy(), &["--version"])
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().trim().to_owned()
}
