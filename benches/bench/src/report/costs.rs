//! What each way costs, for docs/comparison.md.

use std::fmt::Write as _;

use anyhow::Context;

use super::{Results, mebibytes};
use crate::sections::api_server::Setup;
use crate::sections::saturation::Memory;
use crate::subject::Subject;

/// What is not measured as a setup here.
const SCHEMA: &str = "| CRD schema | nothing worth measuring | | | it is kubernaut's, and its next upgrade overwrites what others put there |\n";
const ENGINES: &str = "| Kyverno, Gatekeeper, Kubewarden | not measured | | | a platform for all policies of a cluster; if it is there already, one more policy costs little |\n";

/// The table.
pub fn table(results: &Results) -> anyhow::Result<String> {
    let idle = |subject| {
        let mut memories = results.saturation.memory.iter();
        let found = memories.find(|memory: &&Memory| memory.subject == subject);
        found.map(|memory| mebibytes(memory.idle)).context("memory")
    };
    let pods = format!(
        "two or three pods with {} each; certificates, of its own by default",
        idle(Subject::Product)?
    );
    let peer = format!(
        "a program to write and to keep, {} idle",
        idle(Subject::ControllerRuntime)?
    );
    let rows: [(&str, Setup, &str); 7] = [
        (
            "generated policies, validating alone",
            Setup::ValidatingPolicies,
            "nothing that can be down, no pod, no certificate; Kubernetes 1.33",
        ),
        (
            "generated policies, with the one that completes",
            Setup::Policies,
            "the same; Kubernetes 1.36",
        ),
        (
            "wfe-webhook, as registered by default",
            Setup::AsRegistered,
            &pods,
        ),
        (
            "wfe-webhook beside all its policies",
            Setup::PoliciesAndWebhooks,
            "the pods, and a floor while none of them answers",
        ),
        (
            "wfe-webhook, called for every write",
            Setup::Both(Subject::Product),
            "with `--match-conditions off`",
        ),
        (
            "two calls of a Go webhook that does nothing",
            Setup::NullInGo,
            "the least of one with controller-runtime",
        ),
        (
            "a webhook with controller-runtime, for the same rules",
            Setup::Both(Subject::ControllerRuntime),
            &peer,
        ),
    ];
    let mut table = String::from(
        "| | a progress pass | a change of conditions | the end of a run | besides |\n|---|---:|---:|---:|---|\n",
    );
    table.push_str(SCHEMA);
    for (way, setup, besides) in rows {
        let milliseconds = [
            results.added(setup),
            results.added_to_a_change(setup),
            results.added_to_an_end(setup),
        ]
        .map(|added| format!("{:.1} ms", added.max(0.0) / 1e3));
        let [progress, change, end] = milliseconds;
        let _ = writeln!(
            table,
            "| {way} | {progress} | {change} | {end} | {besides} |"
        );
    }
    table.push_str(ENGINES);
    Ok(table)
}
