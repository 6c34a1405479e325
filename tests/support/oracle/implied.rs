//! Section 5: which conditions phase and details imply, and what they say.

use serde_json::{Value, json};

use super::Scene;
use super::message::message;
use super::status::{details, items, natural, phase, run_ref_is_set, run_waits, stands, text};
use super::times::{Moment, write};
use super::words::{Row, SKIPS};

/// A condition that phase and details imply.
pub struct Implied {
    pub row: &'static Row,
    pub status: &'static str,
    pub reason: String,
    pub message: String,
    /// Null for none.
    pub generation: Value,
}

impl Implied {
    /// Whether an item has the implied status, reason, message and `observedGeneration`.
    pub fn is(&self, item: &Value) -> bool {
        item["status"] == self.status
            && item["reason"] == self.reason.as_str()
            && item["message"] == self.message.as_str()
            && item["observedGeneration"] == self.generation
    }

    /// The condition as the webhook makes it, in the place of `mine` or beside the stored one.
    pub fn make(
        &self,
        scene: &Scene,
        status: &Value,
        mine: Option<&Value>,
        old: Option<&Value>,
    ) -> Value {
        let mut made = json!({
            "type": self.row.1, "status": self.status, "reason": self.reason, "message": self.message,
            "lastTransitionTime": transition_time(scene, status, self, mine, old),
        });
        if !self.generation.is_null() {
            made["observedGeneration"] = self.generation.clone();
        }
        made
    }
}

/// What the phase table of section 5 asks for, in the order created, running, complete, ready, lock.
pub fn implied(scene: &Scene, status: &Value, stored: &Value, foreign: &[Value]) -> Vec<Implied> {
    let words = scene.words;
    let failure = details(status, "failureDetails");
    let failure_reason = failure.and_then(|it| text(it, "reason"));
    let created_type = words.role("created").expect("both vocabularies have it").1;
    let was_created = run_ref_is_set(status)
        || text(status, "startTime").is_some()
        || phase(words, stored) == Some("Running")
        || stands(items(stored), created_type, "True")
        || stands(foreign, created_type, "True");
    let complete_false = match failure_reason {
        Some(own @ ("TaskFailed" | "DeadlineExceeded" | "OOMKilled")) => own,
        _ => words.generic_failure,
    };
    let created_false = match failure_reason {
        Some("ResourceExhausted") => "QuotaExceeded",
        Some("Forbidden") => "RBACDenied",
        Some("ImagePullBackOff") => "ImagePullFailed",
        _ => words.generic_creation_failure,
    };
    let lock = match details(status, "skipDetails").and_then(|it| text(it, "reason")) {
        Some("ResourceBusy") => Some("TargetResourceBusy"),
        Some(known) if SKIPS.contains(&known) => Some(known),
        _ => None,
    };
    let roles: Vec<(&str, &str, &str)> = match phase(words, status) {
        Some("Running") if run_waits(status) => vec![("created", "True", "")],
        Some("Running") => vec![("created", "True", ""), ("running", "True", "")],
        Some("Completed") => vec![
            ("created", "True", ""),
            ("running", "True", ""),
            ("complete", "True", ""),
            ("ready", "True", ""),
        ],
        Some("Failed") if was_created => {
            let mut roles = vec![("created", "True", "")];
            if failure.is_some_and(|it| it["wasExecutionFailure"] == true) {
                roles.push(("running", "True", ""));
            }
            roles.extend([
                ("complete", "False", complete_false),
                ("ready", "False", ""),
            ]);
            roles
        }
        Some("Failed") if failure.is_some() => {
            vec![("created", "False", created_false), ("ready", "False", "")]
        }
        Some("Failed") => vec![
            ("complete", "False", words.generic_failure),
            ("ready", "False", ""),
        ],
        Some("Skipped") => lock
            .map(|reason| ("lock", "True", reason))
            .into_iter()
            .collect(),
        _ => vec![],
    };
    let generation = implied_generation(scene, status);
    let whole = status;
    roles
        .into_iter()
        .filter_map(|(role, status, reason)| {
            let row = words.role(role)?;
            let only = if status == "True" { row.2[0] } else { row.3[0] };
            let reason = if reason.is_empty() { only } else { reason }.to_owned();
            let implied_status = if status == "True" { "True" } else { "False" };
            Some(Implied {
                generation: generation.clone(),
                message: message(words, whole, role, implied_status),
                row,
                status: implied_status,
                reason,
            })
        })
        .collect()
}

/// `status.observedGeneration` when it is an integer from 0 to the stored generation, else Null.
fn implied_generation(scene: &Scene, status: &Value) -> Value {
    let observed = natural(&status["observedGeneration"]);
    observed
        .zip(scene.stored_generation)
        .filter(|(it, stored)| it <= stored)
        .map(|(it, _)| it)
        .into()
}

fn transition_time(
    scene: &Scene,
    status: &Value,
    implied: &Implied,
    mine: Option<&Value>,
    old: Option<&Value>,
) -> String {
    for item in [mine, old].into_iter().flatten() {
        if item["status"] == implied.status {
            return item["lastTransitionTime"]
                .as_str()
                .expect("well-shaped")
                .to_owned();
        }
    }
    let start = text(status, "startTime");
    let completion = text(status, "completionTime");
    let failed = details(status, "failureDetails").and_then(|it| text(it, "failedAt"));
    let skipped = details(status, "skipDetails").and_then(|it| text(it, "skippedAt"));
    let sources = match (implied.row.0, implied.status) {
        ("created" | "running", "True") => [start, completion, failed],
        ("lock", _) => [skipped, None, None],
        _ => [completion, failed, None],
    };
    let now = scene.now.second();
    // A time whose second nobody could read is as good as none.
    let mut second = sources
        .into_iter()
        .flatten()
        .filter_map(Moment::read)
        .map(|known| known.second())
        .find(|second| Moment::read(&write(*second)).is_some())
        .unwrap_or(now);
    if let Some(old) = old {
        let before = old["lastTransitionTime"].as_str().and_then(Moment::read);
        second = second.max(before.expect("well-shaped").next_second());
    }
    write(second.min(now))
}
