//! An API server cannot call the webhook, each time for another reason.

use std::process::Command;

use serde_json::json;
use test_support::faketime;

use super::states::{HOST, Stage};
use crate::scene::{PROGRAM, fail};

pub fn nobody_listens(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    let process = stage.server().process();
    process.signal("KILL");
    process.wait();
    vec![stage.refusal()]
}

pub fn the_server_hangs(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    stage.server().process().signal("STOP");
    vec![stage.refusal()]
}

pub fn no_pod_is_ready(stage: &mut Stage) -> Vec<String> {
    // The Service of `deploy/install.yaml`, whose pods no node runs.
    let certificate = stage.plane.certificate();
    stage.register_as(&certificate, &["--service", "wfe-webhook/wfe-webhook"]);
    vec![stage.refusal()]
}

pub fn the_service_is_missing(stage: &mut Stage) -> Vec<String> {
    let certificate = stage.plane.certificate();
    stage.register_as(&certificate, &["--service", "wfe-webhook/webhook"]);
    vec![stage.refusal()]
}

pub fn another_ca(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    let ca = stage.plane.certificate();
    stage.register(&ca, &[]);
    vec![stage.refusal()]
}

pub fn a_certificate_of_long_ago(stage: &mut Stage) -> Vec<String> {
    stage.lead_service_here();
    let mut program = Command::new(PROGRAM);
    program
        .arg("serve")
        .env("LD_PRELOAD", faketime::library())
        .env("FAKETIME", "-400d")
        // What waits, waits by the steady clock.
        .env("DONT_FAKE_MONOTONIC", "1");
    stage.serve_by(&program, &["--tls-name", HOST]);
    let ca = stage.server().ca();
    stage.register(&ca, &[]);
    vec![stage.refusal()]
}

pub fn another_name(stage: &mut Stage) -> Vec<String> {
    stage.lead_service_here();
    stage.serve(&[]);
    let ca = stage.server().ca();
    stage.register(&ca, &[]);
    vec![stage.refusal()]
}

pub fn the_admin_port(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    let port = stage.server().admin().port();
    stage.change_client("service/port", &json!(port));
    vec![stage.refusal()]
}

pub fn another_path(stage: &mut Stage) -> Vec<String> {
    stage.well(&[]);
    stage.change_client("service/path", &json!("/review"));
    // A version that the CRD does not have.
    let mut read = stage.plane.kubectl();
    read.args(["get", "--raw", "/apis/kubernaut.ai/v2/workflowexecutions"]);
    vec![stage.refusal(), fail(&mut read)]
}
