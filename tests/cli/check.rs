//! `check`: what it says of documents, and how it ends.

mod cluster;
mod documents;
mod fields;
mod fix;
mod folders;
mod outputs;
mod places;
mod reviews;
mod robustness;
mod stored;
mod unusable;

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ended, run_in, run_with_input};

/// Files in a folder of their own.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let file = self.0.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Runs `check` in the folder.
    fn check(&self, args: &[&str]) -> Ended {
        run_in(self.0.path(), &[&["check"], args].concat(), b"")
    }
}

/// Runs `check` on one document at standard input.
fn check(args: &[&str], document: impl AsRef<[u8]>) -> Ended {
    run_with_input(&[&["check", "-"], args].concat(), document.as_ref())
}

/// What `check` finds in one document, without the places in it.
fn found(args: &[&str], document: impl AsRef<[u8]>) -> (i32, Value) {
    let ended = check(&[&["--output", "json"], args].concat(), document);
    let mut report: Value = serde_json::from_str(&ended.stdout).unwrap();
    for object in report["objects"].as_array_mut().unwrap() {
        for finding in object["findings"].as_array_mut().unwrap() {
            for place in ["line", "column", "endColumn"] {
                finding.as_object_mut().unwrap().remove(place);
            }
        }
    }
    (ended.code, report)
}

/// A WorkflowExecution of `tekton` with the given lines of YAML as its status.
fn object(name: &str, status: &str) -> String {
    let status = status.trim().replace('\n', "\n  ");
    format!(
        "\
apiVersion: workflowexecution.kubernaut.ai/v1alpha1
kind: WorkflowExecution
metadata:
  name: {name}
  namespace: payments
  generation: 1
status:
  {status}
"
    )
}

const RUNNING: &str = "phase: Running\nstartTime: 2026-11-23T10:00:00Z";

const COMPLETED: &str = "\
phase: Completed
startTime: 2026-11-23T10:00:00Z
completionTime: 2026-11-23T10:01:12Z";

/// Two faults.
const FAULTY: &str = "\
phase: Running
startTime: 2026-11-23T10:00:00Z
conditions:
- type: TektonPipelineCreated
  status: \"True\"
  reason: PipelineCreated
  message: \"\"
  lastTransitionTime: 2026-11-23T10:00:00Z
- type: TektonPipelineCompleted
  status: \"True\"
  reason: PipelineSucceeded
  message: done
  lastTransitionTime: 2026-11-23T10:00:00Z
- type: ResourceLocked
  status: \"True\"
  reason: ResourceBusy
  message: busy
  lastTransitionTime: 2026-11-23T10:00:00Z";
