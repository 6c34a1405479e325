//! Status writes, and what an API server counts of them.

use anyhow::{Context, ensure};
use bodies::Write;
use serde_json::{Value, json};

use crate::client::{Answer, Connection, Request};
use crate::control_plane::AUTHORIZATION;

const COLLECTION: &str =
    "/apis/workflowexecution.kubernaut.ai/v1alpha1/namespaces/default/workflowexecutions";

/// What is written.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A progress pass.
    Progress,
    /// Another message of a condition, all of which are there.
    Conditions,
    /// The end of a run by a controller that knows no conditions: three are missing. It is a dry run, since a run ends once.
    End,
}

impl Kind {
    /// The `number`th write.
    pub fn write(self, statuses: &Statuses, number: u64) -> Request {
        match self {
            Self::Progress => {
                let written = json!({"pipelineRunStatus": {"completedTasks": number}});
                patch(NAME, &written, "")
            }
            Self::Conditions => {
                let mut conditions = statuses.progress["conditions"].clone();
                conditions[2]["message"] = json!(format!("event {number} was recorded"));
                patch(NAME, &json!({"conditions": conditions}), "")
            }
            Self::End => patch(NAME, &statuses.ended, DRY_RUN),
        }
    }
}

/// Statuses of the object.
#[derive(Debug)]
pub struct Statuses {
    /// As it is before anything is measured.
    pub progress: Value,
    /// At its end, with no conditions.
    ended: Value,
}

impl Statuses {
    pub fn make() -> anyhow::Result<Self> {
        let mut ended = object(Write::Patch)?["status"].take();
        ended["conditions"] = Value::Null;
        Ok(Self {
            progress: object(Write::Nothing)?["status"].take(),
            ended,
        })
    }
}

const DRY_RUN: &str = "?dryRun=All";

/// The object that is written again and again.
pub const NAME: &str = "wfe-checkout-1";

/// A write, not to be stored, with a condition type that nobody knows.
pub fn unknown_type() -> Request {
    let conditions = json!([{
        "type": "Unheard", "status": "True", "reason": "Usual", "message": "", "lastTransitionTime": "2025-12-11T10:15:00Z",
    }]);
    patch(NAME, &json!({"conditions": conditions}), DRY_RUN)
}

/// A merge patch of the status of an object.
pub fn patch(name: &str, status: &Value, query: &str) -> Request {
    let path = format!("{COLLECTION}/{name}/status{query}");
    let body = json!({"status": status}).to_string();
    let content_type = "application/merge-patch+json";
    Request::new("PATCH", &path, content_type, AUTHORIZATION, body.as_bytes())
}

/// The creation of an object of a measured review under another name.
pub fn create(name: &str) -> anyhow::Result<Request> {
    let mut object = object(Write::Nothing)?;
    object["metadata"] = json!({"name": name, "namespace": "default"});
    let body = serde_json::to_vec(&object)?;
    Ok(Request::new(
        "POST",
        COLLECTION,
        "application/json",
        AUTHORIZATION,
        &body,
    ))
}

/// The object of a measured review.
fn object(write: Write) -> anyhow::Result<Value> {
    let mut review: Value = serde_json::from_slice(&bodies::body(write, 8_600).json)?;
    Ok(review["request"]["object"].take())
}

/// How many calls of webhooks the API server has counted.
pub fn calls(connection: &mut Connection) -> anyhow::Result<u64> {
    const COUNTER: &str = "apiserver_admission_webhook_admission_duration_seconds_count{";
    let request = Request::new("GET", "/metrics", "text/plain", AUTHORIZATION, b"");
    let answer = connection.call(&request)?;
    expect(&answer, 200)?;
    let metrics = String::from_utf8(answer.body)?;
    let series = metrics.lines().filter(|line| line.starts_with(COUNTER));
    let values = series.map(|line| line.rsplit(' ').next().context("a value"));
    values.map(|value| Ok(value?.parse::<u64>()?)).sum()
}

pub fn expect(answer: &Answer, status: u16) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status == status,
        "the API server answers {}: {text}",
        answer.status
    );
    Ok(())
}
