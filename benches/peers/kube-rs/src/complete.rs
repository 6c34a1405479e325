//! The conditions that phase and details imply.

use serde_json::{Value, json};

use crate::judge::{find, phase};
use crate::text;
use crate::vocabulary::{COMPLETE, CREATED, LOCK, RUNNING, skip_reasons};

const NOT_STARTED: [&str; 4] = [
    "Started",
    "PipelineRunPending",
    "ResolvingPipelineRef",
    "ResolvingTaskRef",
];

/// Adds what is missing.
pub fn complete(status: &mut Value) {
    if !status.is_object() {
        return;
    }
    let phase = phase(status).to_owned();
    let observed = format!("phase is {phase}");
    match phase.as_str() {
        "Running" => {
            add(
                status,
                CREATED,
                "True",
                "PipelineCreated",
                &observed,
                "startTime",
            );
            if !NOT_STARTED.contains(&text(&status["pipelineRunStatus"], "reason")) {
                add(
                    status,
                    RUNNING,
                    "True",
                    "PipelineStarted",
                    &observed,
                    "startTime",
                );
            }
        }
        "Completed" => {
            add(
                status,
                CREATED,
                "True",
                "PipelineCreated",
                &observed,
                "startTime",
            );
            add(
                status,
                RUNNING,
                "True",
                "PipelineStarted",
                &observed,
                "startTime",
            );
            let message = format!("completed in {}", text(status, "duration"));
            add(
                status,
                COMPLETE,
                "True",
                "PipelineSucceeded",
                &message,
                "completionTime",
            );
        }
        "Failed" => failed(status, &observed),
        "Skipped" => {
            let details = status["skipDetails"].clone();
            if let Some(reason) = skip_reasons(text(&details, "reason")).first() {
                add(
                    status,
                    LOCK,
                    "True",
                    reason,
                    text(&details, "message"),
                    "completionTime",
                );
            }
        }
        _ => {}
    }
}

fn failed(status: &mut Value, observed: &str) {
    let details = status["failureDetails"].clone();
    let was_created = !text(&status["pipelineRunRef"], "name").is_empty()
        || status["startTime"].is_string()
        || find(status, CREATED).is_some_and(|created| text(created, "status") == "True");
    let message = details["message"].as_str().unwrap_or(observed);
    let failure = text(&details, "reason");
    if !was_created && details.is_object() {
        let reason = match failure {
            "ResourceExhausted" => "QuotaExceeded",
            "Forbidden" => "RBACDenied",
            "ImagePullBackOff" => "ImagePullFailed",
            _ => "PipelineCreationFailed",
        };
        add(status, CREATED, "False", reason, message, "completionTime");
        return;
    }
    if was_created {
        add(
            status,
            CREATED,
            "True",
            "PipelineCreated",
            observed,
            "startTime",
        );
        if details["wasExecutionFailure"] == true {
            add(
                status,
                RUNNING,
                "True",
                "PipelineStarted",
                observed,
                "startTime",
            );
        }
    }
    let reason = match failure {
        "TaskFailed" | "DeadlineExceeded" | "OOMKilled" => failure,
        _ => "PipelineFailed",
    };
    add(status, COMPLETE, "False", reason, message, "completionTime");
}

/// Adds a condition unless its type is there, with the time of a field or else the clock's.
fn add(
    status: &mut Value,
    condition_type: &str,
    value: &str,
    reason: &str,
    message: &str,
    time: &str,
) {
    if find(status, condition_type).is_some() {
        return;
    }
    let time = match &status[time] {
        Value::String(time) => time.clone(),
        _ => jiff::Timestamp::now().to_string(),
    };
    let condition = json!({
        "type": condition_type, "status": value, "reason": reason, "message": format!("{message} (derived)"),
        "lastTransitionTime": time,
    });
    match &mut status["conditions"] {
        Value::Array(conditions) => conditions.push(condition),
        conditions => *conditions = json!([condition]),
    }
}
