//! Go's HTTP client with the settings of a kube-apiserver: `client/`, built once and run as a process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::reviews::{Review, condition};

/// What became of the calls of one client.
#[derive(Debug, Deserialize)]
pub struct Report {
    /// Answers by status.
    pub answered: BTreeMap<String, u64>,
    /// Calls without an answer by error.
    pub lost: BTreeMap<String, u64>,
    /// Answers by their `Retry-After`.
    pub retry_after: BTreeMap<String, u64>,
    /// Calls on a connection that had been used before.
    pub reused: u64,
    /// For how long it called.
    pub seconds: f64,
    /// Half of all answers but 429 came within this time.
    pub p50_ms: f64,
    /// All answers but 429 came within this time, save one of a hundred.
    pub p99_ms: f64,
    /// The same for 429.
    pub shed_p50_ms: f64,
    /// The same for 429.
    pub shed_p99_ms: f64,
    /// After this time calls were fast for the first time, many in a row; see [`Pool::load_until_settled`].
    pub settled_ms: Option<f64>,
}

impl Report {
    /// Answers with `status`.
    pub fn of(&self, status: &str) -> u64 {
        self.answered.get(status).copied().unwrap_or(0)
    }

    /// Asserts that every call was answered, and by 200.
    #[track_caller]
    pub fn assert_all_answered(&self) {
        assert!(self.lost.is_empty(), "{self:?}");
        assert!(self.of("200") > 0, "{self:?}");
        assert_eq!(self.answered.len(), 1, "{self:?}");
    }

    /// Answers 200 a second.
    #[allow(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn rate(&self) -> f64 {
        self.of("200") as f64 / self.seconds
    }

    /// Answers a second, whatever they say.
    #[allow(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn offered(&self) -> f64 {
        self.answered.values().sum::<u64>() as f64 / self.seconds
    }
}

/// A running client; it ends when it is told to, or with this process.
#[derive(Debug)]
pub struct Running {
    process: Child,
    output: BufReader<ChildStdout>,
    _body: Option<NamedTempFile>,
}

impl Running {
    fn start(arguments: &[&str], body: Option<NamedTempFile>) -> Self {
        let mut process = Command::new(&*PROGRAM)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client starts");
        let mut output = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("the client speaks");
        assert_eq!(line, "begun\n");
        Self {
            process,
            output,
            _body: body,
        }
    }

    /// Lets it come to its end by itself.
    pub fn wait(mut self) -> String {
        let mut report = String::new();
        self.output
            .read_to_string(&mut report)
            .expect("the client reports");
        report
    }

    /// Tells it to stop, and waits for the calls that are under way.
    pub fn stop(mut self) -> String {
        drop(self.process.stdin.take());
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A pool of connections to one address, and what to call.
#[derive(Clone, Debug)]
pub struct Pool {
    url: String,
    ca: PathBuf,
    body: String,
}

impl Pool {
    /// Calls `/validate` at a port of this machine with a small review.
    pub fn new(port: u16, ca: &Path) -> Self {
        let review = Review::tekton().status(json!({"phase": "Pending"}));
        Self {
            url: format!("https://localhost:{port}/validate?timeout=30s"),
            ca: ca.to_owned(),
            body: review.value().to_string(),
        }
    }

    /// The same with a review that is dearer to judge than to send: each condition is misspelled, and a suggestion is
    /// looked for.
    pub fn with_a_dear_review(mut self) -> Self {
        let misspelled = |index| {
            let condition_type = format!("TektonPipelineCreeated{index}");
            condition(&condition_type, "True", "PipelineCreated")
        };
        let conditions: Vec<_> = (0..500).map(misspelled).collect();
        let status = json!({"phase": "Pending", "conditions": conditions});
        self.body = Review::tekton().status(status).value().to_string();
        self
    }

    /// The same with a review of about `bytes`.
    pub fn with_body_of(mut self, bytes: usize) -> Self {
        self.body.push_str(&" ".repeat(bytes));
        self
    }

    /// Calls at a constant rate until it is stopped; at 0, as fast as `workers` can.
    pub fn load(&self, rate: f64, workers: usize) -> Load {
        self.load_until_settled(rate, workers, 0.0)
    }

    /// The same, and takes note of when calls have become as fast as this.
    pub fn load_until_settled(&self, rate: f64, workers: usize, within_ms: f64) -> Load {
        let rate = rate.to_string();
        let workers = workers.to_string();
        let within = format!("{within_ms}ms");
        let arguments = ["-rate", &rate, "-workers", &workers];
        Load(self.run(
            "load",
            &[&arguments[..], &["-settled-within", &within]].concat(),
        ))
    }

    /// Makes 25 calls at once, `rounds` times with a `gap` between; an idle connection is closed after `idle_timeout`,
    /// or never at `0s`.
    pub fn bursts(&self, rounds: usize, gap: &str, idle_timeout: &str) -> Report {
        let rounds = rounds.to_string();
        let arguments = [
            "-rounds",
            &rounds,
            "-gap",
            gap,
            "-idle-timeout",
            idle_timeout,
        ];
        parsed(&self.run("bursts", &arguments).wait())
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Running {
        let body = NamedTempFile::new().expect("a temporary file");
        std::fs::write(body.path(), &self.body).expect("the file can be written");
        let path = body.path().to_str().expect("the path is text").to_owned();
        let ca = self.ca.to_str().expect("the path is text");
        let mut all = vec![command, "-url", &self.url, "-ca", ca, "-body", &path];
        all.extend_from_slice(arguments);
        Running::start(&all, Some(body))
    }
}

/// Calls that go on, the first of which is answered.
#[derive(Debug)]
pub struct Load(Running);

impl Load {
    /// Stops, and tells what became of the calls.
    pub fn stop(self) -> Report {
        parsed(&self.0.stop())
    }
}

/// As many TCP connections as wanted on which nothing is said, until it is dropped.
pub fn hold(port: u16, connections: usize) -> Running {
    let address = format!("127.0.0.1:{port}");
    let connections = connections.to_string();
    let arguments = ["hold", "-address", &address, "-connections", &connections];
    Running::start(&arguments, None)
}

fn parsed(report: &str) -> Report {
    serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report:?}"))
}

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reliability/client");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reliability-client");
    let built = Command::new("go")
        .args(["build", "-trimpath", "-buildvcs=false", "-o"])
        .arg(&program)
        .arg(".")
        .env("CGO_ENABLED", "0")
        .current_dir(source)
        .output()
        .expect("these tests call through Go's HTTP client, and `go` is not in PATH: install Go 1.22 or newer");
    assert!(
        built.status.success(),
        "the client cannot be built: {}",
        String::from_utf8_lossy(&built.stderr)
    );
    program
});
