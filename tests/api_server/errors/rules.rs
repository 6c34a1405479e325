//! What each rule says when it refuses its example.

use std::process::Command;

use serde_json::{Value, json};
use wfe_webhook::explain::{EXAMPLES, Example};
use wfe_webhook::rules::Rule;

use super::page::sections;
use super::states::{HOST, NAMESPACE, Stage};
use crate::control_plane::guarded::wait_until;
use crate::control_plane::{run, stderr};
use crate::scene::succeed;

pub const SECTION: &str = r#"A rule refused: `The WorkflowExecution "…" is invalid`"#;

const CRD: &str = "workflowexecutions.workflowexecution.kubernaut.ai";

/// Each example is refused with the text that the page has for its rule.
pub fn each_rule_refuses(stage: &mut Stage) -> Vec<String> {
    // The schema of the status would refuse some of them before: phases that no vocabulary has are those of a newer CRD.
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let path = "/spec/versions/0/schema/openAPIV3Schema/properties/status";
    let change = json!([{"op": "replace", "path": path, "value": open}]).to_string();
    let mut loosen = stage.plane.kubectl();
    succeed(loosen.args(["patch", "crd", CRD, "--type=json", "--patch", &change]));
    for example in &EXAMPLES {
        create(stage, example);
    }

    let page = sections();
    let section = page.iter().find(|section| section.heading == SECTION);
    let rows: Vec<(&str, &str)> = section.expect("a section").rows().collect();
    assert_eq!(rows.len(), Rule::ALL.len());
    let mut printed = Vec::new();
    // Where every missing condition is refused, each example has a second fault.
    for missing in [false, true] {
        serve(stage, missing);
        let judged = |example: &&Example| (example.rule == Rule::ConditionMissing) == missing;
        for example in EXAMPLES.iter().filter(judged) {
            let said = wait_until("its refusal", || {
                let output = run(&mut write(stage, example.rule, example.broken));
                (!output.status.success()).then(|| stderr(&output))
            });
            let rule = example.rule.id();
            let (_, told) = rows.iter().find(|(id, _)| *id == rule).expect("a row");
            let end = format!(" is invalid: {told}\n");
            assert!(said.ends_with(&end), "{rule}: {said}\n{told}");
            printed.push(said);
        }
    }
    printed
}

/// All rules that refuse by default do, and those on times and generations; or missing conditions are refused as well.
fn serve(stage: &mut Stage, missing: bool) {
    let mut rules = vec![
        "--rule",
        "generation-ahead=deny",
        "--rule",
        "transition-time=deny",
    ];
    if missing {
        rules.extend(["--rule", "condition-missing=deny"]);
    }
    stage.lead_service_here();
    stage.serve(&[&["--tls-name", HOST, "--completion", "off"], &rules[..]].concat());
    let ca = stage.server().ca();
    stage.register(&ca, &[]);
}

fn create(stage: &Stage, example: &Example) {
    stage.plane.apply(
        &json!({
            "apiVersion": "workflowexecution.kubernaut.ai/v1alpha1",
            "kind": "WorkflowExecution",
            "metadata": {"name": example.rule.id(), "namespace": NAMESPACE},
            "spec": {"workflowRef": {"workflowId": "restart-pod"}, "targetResource": "shop/Deployment/cart"},
        })
        .to_string(),
    );
    if !example.stored.is_empty() {
        succeed(&mut write(stage, example.rule, example.stored));
    }
}

fn write(stage: &Stage, rule: Rule, status: &str) -> Command {
    let status: Value = serde_saphyr::from_str(status).expect("an example is YAML");
    let patch = json!({ "status": status }).to_string();
    let mut command = stage.kubectl();
    command.args(["patch", &format!("{CRD}/{rule}"), "--subresource=status"]);
    command.args(["--type=merge", "--patch", &patch]);
    command
}

/// No write is judged any more.
pub fn nothing_is_refused(stage: &Stage) {
    for example in &EXAMPLES {
        wait_until("a write that passes", || {
            let output = run(&mut write(stage, example.rule, example.broken));
            output.status.success().then_some(())
        });
    }
}
