//! A status write from end to end, through a real API server with nothing, policies or webhooks registered.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bodies::Write;
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Effort, Spread, micros};
use crate::client::{Answer, Connection, Request};
use crate::control_plane::{AUTHORIZATION, ControlPlane, until};
use crate::subject::{Identity, Running, Subject};

const CRD: &str =
    include_str!("../../../../tests/fixtures/crd-workflowexecution.kubernaut.ai.yaml");
const POLICY: &str = include_str!("../policy.yaml");
const COLLECTION: &str =
    "/apis/workflowexecution.kubernaut.ai/v1alpha1/namespaces/default/workflowexecutions";

/// What judges status writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Setup {
    Nothing,
    /// The rules that CEL can express, in the API server itself.
    Policy,
    /// A server's `/mutate` and `/validate`, called for every write.
    Both(Subject),
    /// The product as it is registered by default: what needs no call is left out.
    AsRegistered,
    /// Two webhooks of controller-runtime that allow everything.
    NullInGo,
    /// The product's `/mutate` alone.
    Mutate,
    /// The product's `/validate` alone.
    Validate,
}

impl Setup {
    const ALL: [Self; 9] = [
        Self::Nothing,
        Self::Policy,
        Self::Both(Subject::Null),
        Self::NullInGo,
        Self::Mutate,
        Self::Validate,
        Self::Both(Subject::Product),
        Self::AsRegistered,
        Self::Both(Subject::ControllerRuntime),
    ];

    /// As tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing registered",
            Self::Policy => "ValidatingAdmissionPolicy (CEL)",
            Self::Both(Subject::Null) => "null webhook, twice",
            Self::Both(subject) => subject.name(),
            Self::AsRegistered => "wfe-webhook, as registered by default",
            Self::NullInGo => "null webhook of controller-runtime, twice",
            Self::Mutate => "wfe-webhook, `/mutate` alone",
            Self::Validate => "wfe-webhook, `/validate` alone",
        }
    }

    /// Whose webhooks are registered, and the kinds of their configurations.
    const fn webhooks(self) -> Option<(Subject, &'static [&'static str])> {
        const MUTATING: &str = "MutatingWebhookConfiguration";
        const VALIDATING: &str = "ValidatingWebhookConfiguration";
        match self {
            Self::Nothing | Self::Policy => None,
            Self::Both(subject) => Some((subject, &[MUTATING, VALIDATING])),
            Self::AsRegistered => Some((Subject::Product, &[MUTATING, VALIDATING])),
            Self::NullInGo => Some((Subject::ControllerRuntime, &[MUTATING, VALIDATING])),
            Self::Mutate => Some((Subject::Product, &[MUTATING])),
            Self::Validate => Some((Subject::Product, &[VALIDATING])),
        }
    }

    /// The status of a write with an unknown condition type, and how many calls of webhooks it causes.
    const fn unknown_type(self) -> (u16, u64) {
        match self {
            Self::Nothing => (200, 0),
            Self::Policy => (422, 0),
            Self::Both(Subject::Null) | Self::NullInGo => (200, 2),
            Self::Mutate => (200, 1),
            Self::Validate => (422, 1),
            Self::Both(_) | Self::AsRegistered => (422, 2),
        }
    }
}

/// Latencies of a status write in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    pub setup: Setup,
    /// Of a progress pass.
    pub p50: Spread,
    /// The same.
    pub p99: Spread,
    /// The p50 of a write that changes conditions, all of which are there.
    pub changed: Spread,
}

/// What is written.
#[derive(Clone, Copy)]
enum Kind {
    Progress,
    Conditions,
}

impl Kind {
    /// The patch that is the `number`th write.
    fn patch(self, status: &Value, number: u64) -> Value {
        match self {
            Self::Progress => {
                json!({"status": {"pipelineRunStatus": {"completedTasks": number}}})
            }
            Self::Conditions => {
                let mut conditions = status["status"]["conditions"].clone();
                conditions[2]["message"] = json!(format!("event {number} was recorded"));
                json!({"status": {"conditions": conditions}})
            }
        }
    }
}

pub fn measure(identity: &Identity, effort: Effort) -> anyhow::Result<(Vec<Row>, Vec<Life>)> {
    let plane = ControlPlane::start(identity)?;
    plane.kubectl(&["apply", "--server-side"], CRD)?;
    let mut connection = Connection::open(&plane.target)?;
    let (object, status) = object()?;
    let create = Request::new(
        "POST",
        COLLECTION,
        "application/json",
        AUTHORIZATION,
        &object,
    );
    until("the resource is served", || {
        Ok(connection.call(&create)?.status == 201)
    })?;
    expect(&connection.call(&patch(&status, ""))?, 200)?;

    let servers = [Subject::Null, Subject::Product, Subject::ControllerRuntime].map(|subject| {
        Ok((
            subject,
            subject.start_under(&["taskset", "-c", "0,1"], identity)?,
        ))
    });
    let servers: Vec<(Subject, Running)> = servers.into_iter().collect::<anyhow::Result<_>>()?;
    let mut samples = Setup::ALL.map(|setup| (setup, Vec::new(), Vec::new(), Vec::new()));
    let mut written = 0;
    for round in 0..effort.rounds {
        for (setup, p50, p99, changed) in &mut samples {
            let manifests = manifests(*setup, &servers, identity)?;
            if let Some(manifests) = &manifests {
                plane.kubectl(&["apply", "--server-side"], manifests)?;
            }
            wait_for(*setup, &mut connection)?;
            let mut latencies_of = |kind: Kind| {
                let mut latencies = Histogram::<u64>::new(3)?;
                for _ in 0..effort.writes {
                    written += 1;
                    let request = patch(&kind.patch(&status, written), "");
                    let begun = Instant::now();
                    let answer = connection.call(&request)?;
                    latencies.record(u64::try_from(begun.elapsed().as_nanos())?)?;
                    expect(&answer, 200)?;
                }
                anyhow::Ok(latencies)
            };
            let quantile = |latencies: &Histogram<u64>, part| {
                micros(Duration::from_nanos(latencies.value_at_quantile(part)))
            };
            let latencies = latencies_of(Kind::Progress)?;
            p50.push(quantile(&latencies, 0.5));
            p99.push(quantile(&latencies, 0.99));
            changed.push(quantile(&latencies_of(Kind::Conditions)?, 0.5));
            if let Some(manifests) = &manifests {
                plane.kubectl(&["delete", "--wait=true"], manifests)?;
            }
            wait_for(Setup::Nothing, &mut connection)?;
        }
        eprintln!("  round {} of {}", round + 1, effort.rounds);
    }
    let rows = samples
        .into_iter()
        .map(|(setup, p50, p99, changed)| Row {
            setup,
            p50: Spread::of(p50),
            p99: Spread::of(p99),
            changed: Spread::of(changed),
        })
        .collect();
    let mut lives = Vec::new();
    for sets_conditions in [true, false] {
        let mut count = |setup| {
            let manifests = manifests(setup, &servers, identity)?.unwrap_or_default();
            plane.kubectl(&["apply", "--server-side"], &manifests)?;
            wait_for(setup, &mut connection)?;
            let counted = live(&object, sets_conditions, setup, &mut connection)?;
            plane.kubectl(&["delete", "--wait=true"], &manifests)?;
            wait_for(Setup::Nothing, &mut connection)?;
            anyhow::Ok(counted)
        };
        lives.push(Life {
            sets_conditions,
            every_call: count(Setup::Both(Subject::Product))?,
            calls: count(Setup::AsRegistered)?,
        });
    }
    Ok((rows, lives))
}

/// How many calls the status writes in the life of a run cause.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Life {
    /// Whether its controller sets the conditions itself.
    pub sets_conditions: bool,
    /// Calls where both webhooks are called for every write, repeated rounds included.
    pub every_call: u64,
    /// Calls as the product is registered by default.
    pub calls: u64,
}

impl Life {
    /// The part of the calls that is not made.
    pub fn saved(&self) -> f64 {
        1.0 - self.calls as f64 / self.every_call as f64
    }
}

/// Plays a life of two minutes with a progress pass every ten seconds, and counts the calls.
fn live(
    object: &[u8],
    sets_conditions: bool,
    setup: Setup,
    connection: &mut Connection,
) -> anyhow::Result<u64> {
    let name = format!("life-{sets_conditions}-{}", setup == Setup::AsRegistered);
    let mut object: Value = serde_json::from_slice(object)?;
    object["metadata"]["name"] = json!(name);
    let body = serde_json::to_vec(&object)?;
    let create = Request::new("POST", COLLECTION, "application/json", AUTHORIZATION, &body);
    expect(&connection.call(&create)?, 201)?;
    let before = calls(connection)?;
    for status in bodies::life(12, sets_conditions) {
        let request = patch_of(&name, &json!({"status": status}), "");
        expect(&connection.call(&request)?, 200)?;
    }
    Ok(calls(connection)? - before)
}

/// The manifests of a setup, where it has any.
fn manifests(
    setup: Setup,
    servers: &[(Subject, Running)],
    identity: &Identity,
) -> anyhow::Result<Option<String>> {
    let Some((subject, kinds)) = setup.webhooks() else {
        return Ok((setup == Setup::Policy).then(|| POLICY.to_owned()));
    };
    let (_, server) = servers
        .iter()
        .find(|(of, _)| *of == subject)
        .context("a running server")?;
    let output = Command::new(Subject::Product.program()?)
        // A call that fails must fail the write, or it would count as a fast one.
        .args([
            "generate",
            "registration",
            "--failure-policy",
            "Fail",
            "--match-conditions",
            if setup == Setup::AsRegistered {
                "on"
            } else {
                "off"
            },
            "--url",
        ])
        .arg(format!(
            "https://localhost:{}",
            server.target.address.port()
        ))
        .arg("--ca")
        .arg(&identity.certificate)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let registration = String::from_utf8(output.stdout)?;
    let documents: Vec<&str> = registration
        .split("---\n")
        .filter(|document| kinds.iter().any(|kind| document.contains(kind)))
        .collect();
    ensure!(documents.len() == kinds.len(), "{registration}");
    let mut manifests = documents.join("---\n");
    if setup == Setup::NullInGo {
        for path in ["/mutate", "/validate"] {
            manifests = manifests.replace(path, &format!("/null{path}"));
        }
    }
    Ok(Some(manifests))
}

/// Waits until the API server works as configured: a write with an unknown type is refused or not, and causes as
/// many calls as webhooks are registered.
fn wait_for(setup: Setup, connection: &mut Connection) -> anyhow::Result<()> {
    let unknown = json!({"status": {"conditions": [{
        "type": "Unheard", "status": "True", "reason": "Usual", "message": "", "lastTransitionTime": "2025-12-11T10:15:00Z",
    }]}});
    let request = patch(&unknown, "?dryRun=All");
    let mut in_a_row = 0;
    until(setup.name(), || {
        let before = calls(connection)?;
        let status = connection.call(&request)?.status;
        let seen = (status, calls(connection)? - before);
        in_a_row = if seen == setup.unknown_type() {
            in_a_row + 1
        } else {
            0
        };
        Ok(in_a_row == 5)
    })
}

/// How many calls of webhooks the API server has counted.
fn calls(connection: &mut Connection) -> anyhow::Result<u64> {
    const COUNTER: &str = "apiserver_admission_webhook_admission_duration_seconds_count{";
    let request = Request::new("GET", "/metrics", "text/plain", AUTHORIZATION, b"");
    let answer = connection.call(&request)?;
    expect(&answer, 200)?;
    let metrics = String::from_utf8(answer.body)?;
    let series = metrics.lines().filter(|line| line.starts_with(COUNTER));
    let values = series.map(|line| line.rsplit(' ').next().context("a value"));
    values.map(|value| Ok(value?.parse::<u64>()?)).sum()
}

fn patch(status: &Value, query: &str) -> Request {
    patch_of("wfe-checkout-1", status, query)
}

fn patch_of(name: &str, status: &Value, query: &str) -> Request {
    let path = format!("{COLLECTION}/{name}/status{query}");
    let body = status.to_string();
    Request::new(
        "PATCH",
        &path,
        "application/merge-patch+json",
        AUTHORIZATION,
        body.as_bytes(),
    )
}

fn expect(answer: &Answer, status: u16) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status == status,
        "the API server answers {}: {text}",
        answer.status
    );
    Ok(())
}

/// The object of a measured review, as it is created, and its status as it is written then.
fn object() -> anyhow::Result<(Vec<u8>, Value)> {
    let review: Value = serde_json::from_slice(&bodies::body(Write::Nothing, 8_600).json)?;
    let mut object = review["request"]["object"].clone();
    let status = json!({"status": object["status"]});
    object["metadata"] = json!({"name": object["metadata"]["name"], "namespace": "default"});
    Ok((serde_json::to_vec(&object)?, status))
}
