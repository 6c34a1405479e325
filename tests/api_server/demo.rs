//! What `make demo` shows.

use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::control_plane::{run, stderr, stdout};

#[test]
fn the_demo_shows_a_completed_write_a_refused_one_and_what_an_operator_sees() {
    let output = run(Command::new(env!("CARGO"))
        .args(["run", "--locked", "--quiet", "--example", "demo"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null()));
    let shown = stdout(&output);
    assert!(output.status.success(), "{shown}\n{}", stderr(&output));

    // In this order.
    let mut rest = shown.as_str();
    for expected in [
        "kube-apiserver listens on https://127.0.0.1:",
        "$ wfe-webhook generate registration --url https://localhost:",
        "workflowexecution.workflowexecution.kubernaut.ai/restart-cart patched\n",
        "TektonPipelineCreated=True PipelineCreated: PipelineRun restart-cart-run was created (derived by wfe-webhook)\n",
        "TektonPipelineRunning=True PipelineStarted: PipelineRun restart-cart-run started (derived by wfe-webhook)\n",
        "workflowexecution.workflowexecution.kubernaut.ai/restart-cart patched\n",
        "TektonPipelineComplete=True PipelineSucceeded: completed in 1m12s (derived by wfe-webhook)\n",
        "The WorkflowExecution \"restart-cart\" is invalid: status.conditions[0].type: Unsupported value: \"TektonPipelineCompleted\"",
        "[condition-unknown-type]\n",
        "The WorkflowExecution \"restart-cart\" is invalid: status.phase: Forbidden: ",
        "[phase-transition]\n",
        "$ kubectl describe",
        "Last Transition Time:  2026-11-20T10:01:12Z\n",
        "Type:                  TektonPipelineComplete\n",
        "workflowexecution.workflowexecution.kubernaut.ai/restart-cart condition met\n",
    ] {
        let Some(at) = rest.find(expected) else {
            panic!("{expected:?} does not come next in:\n{shown}");
        };
        rest = &rest[at + expected.len()..];
    }

    // It leaves nothing behind.
    let (_, address) = shown
        .split_once("kube-apiserver listens on https://")
        .unwrap();
    let address = address.split_whitespace().next().unwrap();
    assert!(
        TcpStream::connect(address).is_err(),
        "kube-apiserver still listens on {address}"
    );
}
