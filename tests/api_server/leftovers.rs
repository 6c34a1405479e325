//! Nothing that the tests start survives them.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::control_plane::ControlPlane;
use crate::control_plane::guarded::{Guarded, wait_until};

/// Set in the copies of this test program that these tests start.
const HOLD: &str = "WFE_WEBHOOK_TEST_HOLD";

/// Starts this very test again in a process of its own, which takes something and says, in one line, what: process ids
/// and directories.
fn start_holder(test: &str, what: &str) -> (Child, Vec<u32>, Vec<PathBuf>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(HOLD, what)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let line = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| line.unwrap())
        .find_map(|line| line.split_once("holding ").map(|(_, held)| held.to_owned()))
        .expect("the holder says what it holds");
    let (directories, pids): (Vec<&str>, Vec<&str>) = line
        .split_whitespace()
        .partition(|word| word.starts_with('/'));
    let pids = pids.iter().map(|pid| pid.parse().unwrap()).collect();
    (child, pids, directories.iter().map(PathBuf::from).collect())
}

fn hold(processes: &[&Guarded]) {
    let held: Vec<String> = processes
        .iter()
        .flat_map(|process| {
            [
                process.pid().to_string(),
                process.directory().display().to_string(),
            ]
        })
        .collect();
    println!("holding {}", held.join(" "));
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

fn assert_gone(pids: &[u32], directories: &[PathBuf]) {
    wait_until("the end of the held processes", || {
        (!pids.iter().any(|&pid| is_running(pid))).then_some(())
    });
    wait_until("the removal of their directories", || {
        (!directories.iter().any(|directory| directory.exists())).then_some(())
    });
}

fn sleeper() -> Guarded {
    let mut command = Command::new("sleep");
    command.arg("3600");
    Guarded::spawn("sleep", &command, tempfile::tempdir().unwrap())
}

#[test]
fn a_control_plane_does_not_outlive_a_killed_process() {
    if std::env::var_os(HOLD).is_some() {
        let plane = ControlPlane::start();
        hold(&plane.processes());
        loop {
            std::thread::park();
        }
    }
    let (mut holder, pids, directories) = start_holder(
        "leftovers::a_control_plane_does_not_outlive_a_killed_process",
        "until killed",
    );
    assert_eq!(pids.len(), 2, "etcd and kube-apiserver");
    assert!(pids.iter().all(|&pid| is_running(pid)));
    assert!(directories.iter().all(|directory| directory.exists()));
    // SIGKILL: the process gets no chance to clean up.
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_gone(&pids, &directories);
}

#[test]
fn a_program_does_not_outlive_ctrl_c_or_a_panic() {
    let test = "leftovers::a_program_does_not_outlive_ctrl_c_or_a_panic";
    if let Some(what) = std::env::var_os(HOLD) {
        let sleeper = sleeper();
        hold(&[&sleeper]);
        assert!(what != "panic", "on purpose");
        loop {
            std::thread::park();
        }
    }

    let (mut holder, pids, directories) = start_holder(test, "until interrupted");
    assert!(pids.iter().all(|&pid| is_running(pid)));
    // As a terminal does: SIGINT to the whole foreground group.
    let group = format!("-{}", holder.id());
    assert!(
        Command::new("kill")
            .args(["-INT", "--", &group])
            .status()
            .unwrap()
            .success()
    );
    holder.wait().unwrap();
    assert_gone(&pids, &directories);

    let (mut holder, pids, directories) = start_holder(test, "panic");
    assert!(!holder.wait().unwrap().success());
    assert_gone(&pids, &directories);
}

#[test]
fn a_dropped_program_is_ended_and_its_exit_code_is_known() {
    let mut sleeper = sleeper();
    let (pid, directory) = (sleeper.pid(), sleeper.directory().to_owned());
    assert_eq!(sleeper.exit_code(), None);
    sleeper.signal("KILL");
    assert_eq!(sleeper.wait(), 128 + 9);
    assert!(directory.exists(), "a log stays readable until the drop");
    drop(sleeper);
    assert!(!is_running(pid) && !directory.exists());
}
