//! `deploy/client-certificates`: an API server that reads it shows the webhook a certificate.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::by_hand::{block_with, run_block};
use crate::control_plane::guarded::wait_until;
use crate::control_plane::webhook_server::WebhookServer;
use crate::control_plane::{ControlPlane, run, stderr, stdout};
use crate::rendered::folder;

const CRD: &str = include_str!("../fixtures/crd-workflowexecution.kubernaut.ai.yaml");

/// The name that an API server calls.
const NAME: &str = "wfe-webhook.wfe-webhook.svc";

/// Where the shipped files are on a control plane node.
const ON_NODE: &str = "/etc/kubernetes/wfe-webhook";

fn program(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wfe-webhook"));
    program.arg(command);
    program
}

/// A server that requires the certificates that are created as in `certs/README.md`.
fn demanding_server(certificates: &Path, arguments: &[&str]) -> WebhookServer {
    let ca = certificates.join("client-ca.crt").display().to_string();
    let demanded = block_with("--client-ca").replace("client-ca.crt", &ca);
    let demanded = demanded.trim().strip_prefix("wfe-webhook serve ").unwrap();
    let mut all: Vec<&str> = demanded.split(' ').collect();
    all.extend(arguments);
    WebhookServer::start(&program("serve"), &all)
}

fn register(plane: &ControlPlane, server: &WebhookServer, client_config: &[&str]) {
    let output = run(program("generate")
        .args(["registration", "--failure-policy", "Fail"])
        .args(["--mutate-timeout", "30", "--validate-timeout", "30", "--ca"])
        .arg(server.ca())
        .args(client_config));
    assert!(output.status.success(), "{}", stderr(&output));
    plane.apply(&stdout(&output));
}

/// One sample of the server's metrics.
fn metric(server: &WebhookServer, series: &str) -> Option<u64> {
    let output = run(Command::new("curl")
        .args(["--silent", "--noproxy", "*"])
        .arg(format!("http://{}/metrics", server.admin())));
    let metrics = stdout(&output);
    let line = metrics.lines().find_map(|line| line.strip_prefix(series));
    line?.trim().parse().ok()
}

/// `kubectl patch` of the object's status.
fn write_status(plane: &ControlPlane, status: &serde_json::Value, arguments: &[&str]) -> Command {
    let mut kubectl = plane.kubectl();
    kubectl
        .args(["--namespace=wfe-webhook", "patch", "workflowexecution/run"])
        .args(["--subresource=status", "--type=merge", "--patch"])
        .arg(json!({"status": status}).to_string())
        .args(arguments);
    kubectl
}

#[test]
fn the_api_server_presents_the_certificate_that_the_webhook_requires() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    run_block(
        &block_with("clientAuth"),
        directory,
        &mut Command::new("sh"),
    );
    let server = demanding_server(directory, &["--tls-name", NAME]);

    // As shipped, but for the folder and the port.
    let host = format!("{NAME}:{}", server.port());
    for file in ["admission-configuration.yaml", "kubeconfig.yaml"] {
        let text = fs::read_to_string(folder().join("client-certificates").join(file)).unwrap();
        assert!(text.contains(ON_NODE), "{file}");
        let text = text
            .replace(ON_NODE, directory.to_str().unwrap())
            .replace(NAME, &host);
        fs::write(directory.join(file), text).unwrap();
    }
    let configuration = directory.join("admission-configuration.yaml");
    let plane = ControlPlane::start_with(&[
        "--admission-control-config-file",
        configuration.to_str().unwrap(),
    ]);
    plane.apply(CRD);
    let output = run(plane
        .kubectl()
        .args(["wait", "--for=condition=Established", "--timeout=90s"])
        .args(["crd", "--all"]));
    assert!(output.status.success(), "{}", stderr(&output));
    // An ExternalName leads to this machine, so that a Service needs no cluster network.
    plane.apply(
        "\
apiVersion: v1
kind: Namespace
metadata:
  name: wfe-webhook
---
apiVersion: v1
kind: Service
metadata:
  name: wfe-webhook
  namespace: wfe-webhook
spec:
  type: ExternalName
  externalName: localhost
---
apiVersion: workflowexecution.kubernaut.ai/v1alpha1
kind: WorkflowExecution
metadata:
  name: run
  namespace: wfe-webhook
spec:
  workflowRef:
    workflowId: restart-pod
  targetResource: shop/Deployment/cart
",
    );
    let service = format!("wfe-webhook/wfe-webhook:{}", server.port());
    register(&plane, &server, &["--service", &service]);
    let running = json!({"phase": "Running", "startTime": "2026-11-20T10:00:00Z"});
    wait_until("a call of both webhooks", || {
        let output = run(&mut write_status(&plane, &running, &["--dry-run=server"]));
        assert!(output.status.success(), "{}", stderr(&output));
        [("mutate", "patched"), ("validate", "allowed")]
            .iter()
            .all(|(webhook, outcome)| {
                let series = format!(
                    "wfe_webhook_admission_requests_total{{dry_run=\"true\",outcome=\"{outcome}\",webhook=\"{webhook}\"}}"
                );
                metric(&server, &series).is_some_and(|count| count > 0)
            })
            .then_some(())
    });
    let output = run(&mut write_status(
        &plane,
        &running,
        &["--output=jsonpath={.status.conditions[*].type}"],
    ));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        stdout(&output),
        "TektonPipelineCreated TektonPipelineRunning"
    );
    assert_eq!(
        metric(&server, "wfe_webhook_tls_handshake_failures_total"),
        Some(0)
    );

    // Another server: its host is not in the file, so that the API server shows it nothing.
    let other = demanding_server(directory, &[]);
    let url = format!("https://localhost:{}", other.port());
    register(&plane, &other, &["--url", &url]);
    let refused = wait_until("a call of the other server", || {
        let completed = json!({"phase": "Completed"});
        let output = run(&mut write_status(&plane, &completed, &["--dry-run=server"]));
        (!output.status.success()).then(|| stderr(&output))
    });
    // Whether the API server reads the alert or notices first that the connection is gone, is a matter of luck.
    assert!(refused.contains("failed calling webhook"), "{refused}");
    wait_until("the reason in the log", || {
        let log = other.log();
        let told = log.contains("peer sent no certificates")
            && log.contains("--admission-control-config-file");
        told.then_some(())
    });
}
