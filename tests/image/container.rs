//! A container of the image under test.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use test_support::guarded::Guarded;
use test_support::image::{buildah, output};

use crate::image;

/// A container; dropping it removes it.
pub struct Container(String);

impl Container {
    pub fn new() -> Self {
        Self::of(image())
    }

    /// A container of another image.
    pub fn of(image: &str) -> Self {
        Self(output(buildah().args(["from", "--pull-never", image])))
    }

    /// The image's program.
    pub fn program(&self) -> PathBuf {
        Path::new(&self.root()).join("wfe-webhook")
    }

    /// The folder that its root is mounted at.
    pub fn root(&self) -> String {
        output(buildah().args(["mount", &self.0]))
    }

    /// A command that runs `arguments` in it with a real runtime, as the image's user.
    fn run(&self, options: &[&str], arguments: &[String]) -> Command {
        let mut command = buildah();
        command
            .args(["run", "--runtime", "runc", "--isolation", "oci"])
            .args(options)
            .args([&self.0, "--"])
            .args(arguments);
        command
    }

    /// Runs what the image runs by default, in a network of its own.
    pub fn run_by_default(&self) -> Output {
        let config = config();
        let arguments = [strings(&config["Entrypoint"]), strings(&config["Cmd"])].concat();
        self.run(&["--network", "none"], &arguments)
            .output()
            .unwrap()
    }

    /// Serves on free ports of the host's loopback, with `here` mounted at `there`.
    pub fn serve(&self, arguments: &[&str], here: &Path, there: &str) -> Serving {
        let volume = format!("{}:{there}", here.display());
        let ports = [
            "--listen=127.0.0.1:0",
            "--admin-listen=127.0.0.1:0",
            "--drain-delay=0s",
        ];
        let arguments: Vec<String> = strings(&config()["Entrypoint"])
            .into_iter()
            .chain(
                ["serve"]
                    .iter()
                    .chain(&ports)
                    .chain(arguments)
                    .map(ToString::to_string),
            )
            .collect();
        let command = self.run(&["--network", "host", "--volume", &volume], &arguments);
        let folder = tempfile::tempdir().unwrap();
        let process = Guarded::spawn("buildah run", &command, folder);
        let addresses = process.wait_until("it logs where it listens", || {
            let log = process.log();
            Some((
                address_after(&log, "webhooks=https://")?,
                address_after(&log, "admin=http://")?,
            ))
        });
        Serving {
            process,
            webhook: addresses.0,
            admin: addresses.1,
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = buildah().args(["rm", &self.0]).output();
    }
}

/// The image's configuration, as the OCI image specification names its fields.
pub fn config() -> Value {
    inspect(image())["OCIv1"]["config"].take()
}

/// What buildah knows of an image.
pub fn inspect(image: &str) -> Value {
    let inspected = output(buildah().args(["inspect", "--type", "image", image]));
    serde_json::from_str(&inspected).unwrap()
}

pub fn strings(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).unwrap()
}

/// A server in a container; dropping it ends it.
pub struct Serving {
    pub process: Guarded,
    pub webhook: SocketAddr,
    pub admin: SocketAddr,
}

impl Serving {
    /// The server's own process, which the runtime started.
    pub fn pid(&self) -> u32 {
        let processes = fs::read_dir("/proc").unwrap();
        let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut servers = pids.filter(|pid| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            command.starts_with(b"/wfe-webhook\0serve\0") && self.started(*pid)
        });
        servers.next().expect("the server is running")
    }

    fn started(&self, pid: u32) -> bool {
        let mut pid = pid;
        while pid > 1 && pid != self.process.pid() {
            pid = status_field(pid, "PPid:").parse().unwrap();
        }
        pid == self.process.pid()
    }

    /// Sends SIGTERM to the server, as a kubelet does, and returns the exit code.
    pub fn terminate(self) -> i32 {
        output(Command::new("kill").args(["-TERM", &self.pid().to_string()]));
        self.process.wait()
    }
}

/// A field of a process's status, empty when the process is gone.
pub fn status_field(pid: u32, field: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.unwrap_or("0").trim().to_owned()
}

fn address_after(log: &str, mark: &str) -> Option<SocketAddr> {
    let rest = log.split_once(mark)?.1;
    rest.split_whitespace().next()?.parse().ok()
}
