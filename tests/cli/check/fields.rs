//! Fields of a status that are probably misspelt.

use super::{check, object};

const MISSPELT: &str =
    "{Phase: Completed, condition: [{type: ExecutionComplete, status: \"True\"}], workflowName: w}";

#[test]
fn a_misspelt_field_is_a_warning() {
    let ended = check(&[], object("wfe-1", MISSPELT));
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    for expected in [
        "warning[unknown-field]: Unknown field: the API server drops \"Phase\"\n",
        "status.Phase of payments/wfe-1\n",
        "help: did you mean \"phase\"?\n",
        "warning[unknown-field]: Unknown field: the API server drops \"condition\"\n",
        "help: did you mean \"conditions\"?\n",
        "stdin: payments/wfe-1: allowed with warnings",
    ] {
        assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    }
    assert!(
        !ended.stdout.contains("status.workflowName"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_status_that_yaml_reads_as_a_boolean_gets_a_hint() {
    let status = "{phase: Running, pipelineRunRef: {name: r}, conditions: [{type: TektonPipelineCreated, status: True, reason: PipelineCreated, lastTransitionTime: 2026-03-01T10:00:00Z}]}";
    let ended = check(&[], object("wfe-1", status));
    assert_eq!(ended.code, 1);
    for expected in [
        "error[condition-shape]: Invalid value: true\n",
        "= help: must be the string \"True\", \"False\" or \"Unknown\", in quotes\n",
        "help: did you mean \"True\"?\n",
        "status: \"True\", reason: PipelineCreated",
    ] {
        assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    }
}
