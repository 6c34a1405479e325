//! The verdict of an answer, of any server: servers are only compared where their verdicts are equal.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bodies::{Body, Write};
use serde_json::Value;

use crate::client::{Connection, Request};
use crate::load::Work;
use crate::subject::{Running, Subject};

/// The outcome of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    allowed: bool,
    /// Type, status and reason of each condition after the patch.
    conditions: Vec<String>,
    /// The fields that a denial names.
    fields: BTreeSet<String>,
}

/// Asks `server` once, and returns the request and its answer for a load, with the verdict.
pub fn ask(
    subject: Subject,
    server: &Running,
    webhook: &str,
    body: &Body,
) -> anyhow::Result<(Work, Verdict)> {
    let request = Request::review(webhook, &body.json);
    let expected = Connection::open(&server.target)?.call(&request)?;
    let name = subject.name();
    ensure!(
        expected.status == 200,
        "{name} answers {} to {}",
        expected.status,
        body.name
    );
    let verdict =
        verdict(&body.json, &expected.body).with_context(|| format!("{name}, {}", body.name))?;
    Ok((Work { request, expected }, verdict))
}

/// Whether the write is one that a server can be asked about: controller-runtime decodes one kind only, and the null
/// webhook judges nothing.
pub fn is_asked(subject: Subject, write: Write) -> bool {
    match subject {
        Subject::Null => write == Write::Nothing,
        Subject::Product | Subject::KubeRs => true,
        Subject::ControllerRuntime => write != Write::OtherResource,
    }
}

fn verdict(review: &[u8], answer: &[u8]) -> anyhow::Result<Verdict> {
    let review: Value = serde_json::from_slice(review)?;
    let answer: Value = serde_json::from_slice(answer)?;
    let response = &answer["response"];
    ensure!(response["uid"] == review["request"]["uid"], "another uid");
    let mut object = review["request"]["object"].clone();
    if let Some(patch) = patch(&response["patch"])? {
        json_patch::patch(&mut object, &patch)?;
    }
    let conditions = object["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten();
    let causes = response["status"]["details"]["causes"]
        .as_array()
        .into_iter()
        .flatten();
    Ok(Verdict {
        allowed: response["allowed"].as_bool().context("allowed")?,
        conditions: conditions
            .map(|condition| {
                format!(
                    "{}={}/{}",
                    condition["type"], condition["status"], condition["reason"]
                )
            })
            .collect(),
        fields: causes
            .filter_map(|cause| Some(cause["field"].as_str()?.to_owned()))
            .collect(),
    })
}

/// A patch as base64, or as kube sends it, as a list of bytes, which Go reads as well.
fn patch(patch: &Value) -> anyhow::Result<Option<json_patch::Patch>> {
    let bytes = match patch {
        Value::Null => return Ok(None),
        Value::String(text) => STANDARD.decode(text)?,
        list => serde_json::from_value(list.clone())?,
    };
    Ok(Some(serde_json::from_slice(&bytes)?))
}
