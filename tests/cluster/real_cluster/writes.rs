//! Status writes at a steady rate, and what became of them.

use std::process::{Child, Command, Stdio};

use serde::Deserialize;
use test_support::cluster::Cluster;
use test_support::control_plane::{node_program, run};

/// How many writes a second there are.
pub const RATE: u32 = 50;

/// What `status-writer` counted.
#[derive(Debug, Deserialize)]
pub struct Counted {
    /// Writes that were stored.
    pub written: usize,
    /// When those of them were sent that nobody completed.
    pub uncompleted: Vec<String>,
    /// Writes that were refused or not answered.
    pub lost: Vec<Lost>,
    /// How long the slowest write took, in milliseconds.
    pub slowest_ms: u64,
}

/// A write that was refused or not answered.
#[derive(Debug, Deserialize)]
pub struct Lost {
    /// When it was sent.
    pub at: String,
    /// What the client was told.
    pub error: String,
}

impl Counted {
    /// Nothing was lost, and every write that passed was completed.
    pub fn expect_nothing_lost(&self, during: &str) {
        println!(
            "{during}: {} writes, slowest {} ms",
            self.written, self.slowest_ms
        );
        assert!(self.written > 0, "{during}: nothing was written");
        assert!(
            self.lost.is_empty() && self.uncompleted.is_empty(),
            "{during}: {} of {} writes were lost, the first: {:?}; not completed were those of {:?}",
            self.lost.len(),
            self.written + self.lost.len(),
            self.lost.first(),
            self.uncompleted
        );
    }

    /// At most so many writes were lost, each of them as `error` says.
    pub fn expect_lost_at_most(&self, most: usize, error: &[&str], during: &str) {
        println!(
            "{during}: {} writes, {} lost from {} to {}, {} not completed, slowest {} ms",
            self.written,
            self.lost.len(),
            self.lost.first().map_or("-", |lost| &lost.at),
            self.lost.last().map_or("-", |lost| &lost.at),
            self.uncompleted.len(),
            self.slowest_ms
        );
        assert!(self.written > 0, "{during}: nothing was written");
        assert!(
            self.lost.len() <= most,
            "{during}: {} writes were lost, not at most {most}; the first: {:?}, the last: {:?}",
            self.lost.len(),
            self.lost.first(),
            self.lost.last()
        );
        for lost in &self.lost {
            assert!(
                error.iter().any(|error| lost.error.contains(error)),
                "{during}: lost by another error than {error:?}: {lost:?}"
            );
        }
    }
}

/// A running `status-writer`.
#[derive(Debug)]
pub struct Writes<'a> {
    cluster: &'a Cluster,
    child: Option<Child>,
}

impl<'a> Writes<'a> {
    /// Starts to write into the namespace `default`.
    pub fn start(cluster: &'a Cluster) -> Self {
        let mut command = cluster.command(node_program("status-writer"));
        let child = command
            .arg("-kubeconfig")
            .arg(cluster.kubeconfig())
            .args(["-rate", &RATE.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("status-writer starts");
        Self {
            cluster,
            child: Some(child),
        }
    }

    /// Ends it and returns what it counted.
    pub fn stop(mut self) -> Counted {
        let child = self.child.take().expect("it is stopped once");
        self.end();
        let output = child.wait_with_output().expect("status-writer ends");
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("status-writer printed no result ({error}): {text}"))
    }

    /// The signal has to come from inside, where `nsenter` has forked.
    fn end(&self) {
        let mut command: Command = self.cluster.command("pkill");
        run(command.args(["-TERM", "-x", "status-writer"]));
    }
}

impl Drop for Writes<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            self.end();
            let _ = child.wait();
        }
    }
}
