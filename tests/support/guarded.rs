//! A program that cannot outlive the process that started it, however that process ends.
//!
//! A small shell, the guardian, stands between the two. It reads from a pipe that only this process holds open, so it
//! notices a panic, `kill -9` and Ctrl-C alike, ends the program and removes its scratch directory.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything that a test waits for may take on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// `$0` is the name that `ps` shows, `$1` the scratch directory, the rest the program. A line on stdin is a signal's name.
/// In the end the program is killed: nothing of it is kept, and a kube-apiserver without its etcd takes long to stop.
const GUARDIAN: &str = r#"
dir=$1
shift
exec 3<&0 </dev/null
"$@" >"$dir/log" 2>&1 3<&- &
program=$!
echo "$program"
exec >&-
{
    while read -r signal <&3; do kill -"$signal" "$program"; done
    [ -e "$dir/exit" ] || kill -KILL "$program"
} 2>/dev/null &
reader=$!
wait "$program"
echo $? >"$dir/exit.new"
mv "$dir/exit.new" "$dir/exit"
wait "$reader"
[ ! -e "$dir/cleanup" ] || sh "$dir/cleanup"
rm -rf "$dir"
"#;

/// A running program with a scratch directory and a log of its own.
#[derive(Debug)]
pub struct Guarded {
    name: String,
    guardian: Child,
    pid: u32,
    directory: PathBuf,
}

impl Guarded {
    /// Starts `command` (its program, arguments and environment) with stdin closed, and stdout and stderr in
    /// [`Guarded::log`]. When the program has ended, the shell script `cleanup` in `directory` is run, if it is there, and
    /// `directory` is removed.
    pub fn spawn(name: &str, command: &Command, directory: TempDir) -> Self {
        let mut guardian = Command::new("sh");
        guardian
            .args(["-c", GUARDIAN, &format!("guardian of {name}")])
            .arg(directory.path())
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C goes to the whole foreground group; the guardian must live to clean up.
            .process_group(0);
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => guardian.env(key, value),
                None => guardian.env_remove(key),
            };
        }
        let mut guardian = guardian
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start a guardian for {name}: {error}"));
        // From here on the guardian owns the directory.
        let directory = directory.keep();
        let mut pid = String::new();
        BufReader::new(guardian.stdout.take().expect("stdout is piped"))
            .read_line(&mut pid)
            .expect("the guardian prints the pid");
        let pid = pid
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("the guardian of {name} did not print a pid: {pid:?}"));
        Self {
            name: name.to_owned(),
            guardian,
            pid,
            directory,
        }
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The program's scratch directory; it is removed with the program.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What the program has printed so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.directory.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The exit code when the program has ended, 128 and the signal's number after a signal.
    pub fn exit_code(&self) -> Option<i32> {
        let code = std::fs::read_to_string(self.directory.join("exit")).ok()?;
        Some(code.trim().parse().expect("the guardian writes a number"))
    }

    /// Sends a signal, for example `TERM` or `KILL`.
    pub fn signal(&mut self, name: &str) {
        let stdin = self.guardian.stdin.as_mut().expect("stdin is piped");
        writeln!(stdin, "{name}").expect("the guardian reads signals");
    }

    /// Waits until the program has ended by itself or by a signal, and returns the exit code.
    pub fn wait(&self) -> i32 {
        wait_until(&format!("the end of {}", self.name), || self.exit_code())
    }

    /// Waits until `ready` returns something.
    ///
    /// # Panics
    ///
    /// When the program ends before that, or [`PATIENCE`] does; the message has the end of the program's log.
    pub fn wait_until<T>(&self, what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(value) = ready() {
                return value;
            }
            if let Some(code) = self.exit_code() {
                panic!(
                    "{} ended with {code} before {what}; its log ends with:\n{}",
                    self.name,
                    self.log_tail()
                );
            }
            assert!(
                Instant::now() < deadline,
                "{} took too long: {what}; its log ends with:\n{}",
                self.name,
                self.log_tail()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Guarded {
    /// Kills the program and waits for that.
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}

/// Polls until `ready` returns something.
///
/// # Panics
///
/// When that takes longer than [`PATIENCE`].
pub fn wait_until<T>(what: &str, ready: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, ready)
}

/// The same, for what is promised within a time.
///
/// # Panics
///
/// When that takes longer.
pub fn wait_within<T>(time: Duration, what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + time;
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
