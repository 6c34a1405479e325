//! The webhook at work behind a real API server: a write completed, a write refused, and what an operator sees.
//!
//! `make demo` runs it. With `--keep` (`make demo ARGS='-- --keep'`) the control plane stays up until Ctrl-C.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a demonstration that cannot go on ends with a message"
)]

use std::process::{Command, ExitCode};

use clap::Parser;
use test_support::control_plane::{self, ControlPlane, run, stderr, stdout};
use test_support::guarded::wait_until;
use test_support::webhook_server::WebhookServer;
use wfe_webhook::cli::{self, Cli};

const CRD: &str = include_str!("../tests/fixtures/crd-workflowexecution.kubernaut.ai.yaml");

const OBJECT: &str = "\
apiVersion: workflowexecution.kubernaut.ai/v1alpha1
kind: WorkflowExecution
metadata:
  name: restart-cart
  namespace: default
spec:
  targetResource: shop/Deployment/cart
  workflowRef:
    workflowId: restart-pod
";

const STARTED: &str = r#"{"status":{"phase":"Running","startTime":"2026-11-20T10:00:00Z","pipelineRunRef":{"name":"restart-cart-run"}}}"#;
const ENDED: &str = r#"{"status":{"phase":"Completed","completionTime":"2026-11-20T10:01:12Z","duration":"1m12s"}}"#;
const BROKEN: &str = r#"{"status":{"conditions":[{"type":"TektonPipelineCompleted","status":"True","reason":"PipelineSucceeded","message":"done","lastTransitionTime":"2026-11-20T10:01:12Z"}]}}"#;
const BACK: &str = r#"{"status":{"phase":"Running"}}"#;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        // The demo is its own wfe-webhook, so that there is nothing else to build.
        Some("serve" | "generate") => cli::run(Cli::parse()).expect("the command of wfe-webhook"),
        None => {
            demonstrate(false);
            ExitCode::SUCCESS
        }
        Some("--keep") => {
            demonstrate(true);
            ExitCode::SUCCESS
        }
        Some(other) => {
            eprintln!(
                "error: unknown argument {other:?}; allowed is --keep, to leave the control plane up"
            );
            ExitCode::from(cli::EXIT_USAGE)
        }
    }
}

fn demonstrate(keep: bool) {
    step("Starting etcd and kube-apiserver");
    let plane = ControlPlane::start();
    println!("kube-apiserver listens on {}", plane.url());
    plane.apply(CRD);
    let established = [
        "wait",
        "--for=condition=Established",
        "crd",
        "--all",
        "--timeout=90s",
    ];
    assert!(run(plane.kubectl().args(established)).status.success());
    plane.apply(OBJECT);

    step("Starting wfe-webhook and registering it with what it generates");
    let server = WebhookServer::start(&wfe_webhook("serve"), &[]);
    let url = format!("https://localhost:{}", server.port());
    println!(
        "$ wfe-webhook generate registration --url {url} --ca {} | kubectl apply -f -",
        server.ca().display()
    );
    let registration = run(wfe_webhook("generate")
        .args(["registration", "--url", &url, "--ca"])
        .arg(server.ca()));
    assert!(registration.status.success(), "{}", stderr(&registration));
    plane.apply(&stdout(&registration));
    wait_until_called(&plane);

    step("A controller starts a run and writes no condition: they are completed");
    kubectl(&plane, &patch(STARTED));
    show_conditions(&plane);

    step("The run ends, still without conditions from its controller");
    kubectl(&plane, &patch(ENDED));
    show_conditions(&plane);

    step("A condition type that does not exist is refused");
    kubectl(&plane, &patch(BROKEN));

    step("So is a way back from an end");
    kubectl(&plane, &patch(BACK));

    step("What an operator sees");
    kubectl(&plane, &["describe", "wfe", "restart-cart"]);
    kubectl(
        &plane,
        &[
            "wait",
            "--for=condition=TektonPipelineComplete",
            "wfe/restart-cart",
        ],
    );

    if keep {
        step("Try it yourself; Ctrl-C ends it");
        println!(
            "export KUBECONFIG={}",
            plane.kubeconfig(control_plane::ADMIN).display()
        );
        println!(
            "export PATH={}:$PATH",
            control_plane::binary("kubectl").parent().unwrap().display()
        );
        println!("kubectl get wfe restart-cart -o yaml");
        loop {
            std::thread::park();
        }
    }
    drop(server);
    drop(plane);
    step("Done; everything is stopped and removed");
}

/// This program as `wfe-webhook COMMAND`.
fn wfe_webhook(command: &str) -> Command {
    let mut program = Command::new(std::env::current_exe().expect("a running program has a path"));
    program.arg(command);
    program
}

fn patch(status: &str) -> [&str; 8] {
    [
        "patch",
        "wfe",
        "restart-cart",
        "--subresource=status",
        "--type",
        "merge",
        "-p",
        status,
    ]
}

/// A registration takes a few milliseconds to work: a dry run that comes back completed shows that it does.
fn wait_until_called(plane: &ControlPlane) {
    wait_until("a call of the webhook", || {
        let output =
            run(plane
                .kubectl()
                .args(patch(STARTED))
                .args(["--dry-run=server", "-o", "json"]));
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
            .contains("TektonPipelineRunning")
            .then_some(())
    });
}

fn step(title: &str) {
    println!("\n# {title}");
}

/// Shows a command and what it prints, whether it succeeds or not.
fn kubectl(plane: &ControlPlane, arguments: &[&str]) {
    let shown: Vec<String> = arguments
        .iter()
        .map(|argument| {
            if argument.starts_with('{') {
                format!("'{argument}'")
            } else {
                (*argument).to_owned()
            }
        })
        .collect();
    println!("$ kubectl {}", shown.join(" "));
    let output = run(plane.kubectl().args(arguments));
    print!("{}{}", stdout(&output), stderr(&output));
}

fn show_conditions(plane: &ControlPlane) {
    let columns = r#"jsonpath={range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\n"}{end}"#;
    println!("The stored conditions:");
    let output = run(plane
        .kubectl()
        .args(["get", "wfe", "restart-cart", "-o", columns]));
    print!("{}{}", stdout(&output), stderr(&output));
}
