//! Phases and details, without conditions and with those that the details decide about.

use serde_json::{Value, json};
use wfe_webhook::vocabulary::SkipReason;

use super::{Case, Names, PHASES};
use crate::reviews::{condition, own};

/// No phase counts as Pending.
fn phases() -> impl Iterator<Item = &'static str> {
    std::iter::once("").chain(PHASES)
}

/// `failureDetails` in every shape that matters.
fn failure_details(names: Names) -> Vec<Value> {
    let mut all = vec![
        json!(null),
        json!({}),
        json!("text"),
        json!({"reason": "NoSuchReason"}),
    ];
    for reason in names.words().failures {
        all.push(json!({"reason": reason}));
        all.push(json!({"reason": reason, "wasExecutionFailure": true}));
    }
    all
}

/// `skipDetails` in every shape that matters.
fn skip_details() -> Vec<Value> {
    let mut all = vec![
        json!(null),
        json!({}),
        json!([]),
        json!({"reason": "NoSuchReason"}),
    ];
    for reason in SkipReason::ALL {
        all.push(json!({"reason": reason.name()}));
    }
    all
}

/// The rest of what says whether something was created and runs.
fn traces() -> Vec<Value> {
    vec![
        json!({}),
        json!({"startTime": "2026-11-23T11:00:00Z"}),
        json!({"startTime": ""}),
        json!({"pipelineRunRef": {"name": "run-1"}}),
        json!({"executionRef": {"name": ""}}),
        json!({"executionRef": {"name": "run-1"}, "executionStatus": {"reason": "PipelineRunPending"}}),
        json!({"pipelineRunStatus": {"status": "Unknown", "reason": "Started"}}),
        json!({"pipelineRunStatus": {"status": "Unknown", "reason": "Running"}, "observedGeneration": 2}),
    ]
}

fn status(phase: &str, failure: &Value, skip: &Value, trace: &Value) -> Value {
    let mut status = trace.clone();
    status["phase"] = phase.into();
    status["failureDetails"] = failure.clone();
    status["skipDetails"] = skip.clone();
    status
}

/// Phase by stored phase by details, without conditions.
pub fn phases_and_details(names: Names) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |status: &Value, stored: &Value| {
        cases.push(Case {
            stored: stored.clone(),
            status: status.clone(),
        });
    };
    let created = condition(
        names.name("created").unwrap(),
        "True",
        names.reason("created", "True"),
    );
    for phase in phases() {
        for stored_phase in phases() {
            for failure in [json!(null), json!({}), json!({"reason": "Forbidden"})] {
                for skip in [json!(null), json!({}), json!({"reason": "ResourceBusy"})] {
                    for trace in traces() {
                        let status = status(phase, &failure, &skip, &trace);
                        add(&status, &json!({"phase": stored_phase}));
                    }
                }
            }
        }
        for failure in failure_details(names) {
            for trace in traces() {
                let status = status(phase, &failure, &json!(null), &trace);
                add(
                    &status,
                    &json!({"phase": "Failed", "conditions": [created]}),
                );
                add(&status, &json!({"failureDetails": failure}));
            }
        }
        for skip in skip_details() {
            let status = status(phase, &json!(null), &skip, &json!({}));
            add(&status, &json!({}));
            add(&status, &json!({"phase": "Skipped", "skipDetails": skip}));
        }
    }
    cases
}

/// Every reason of every type beside every reason of the details.
pub fn reasons_beside_details(names: Names) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut details: Vec<(&str, Value)> = failure_details(names)
        .into_iter()
        .map(|it| ("failureDetails", it))
        .collect();
    details.extend(skip_details().into_iter().map(|it| ("skipDetails", it)));
    for row in names.words().rows {
        let reasons = row
            .2
            .iter()
            .chain(row.3)
            .chain(&["Foreign", "snake_case", "lower"]);
        for reason in reasons {
            for value in ["True", "False", "Unknown"] {
                for (field, detail) in &details {
                    let phase = if *field == "skipDetails" {
                        "Skipped"
                    } else {
                        "Failed"
                    };
                    let item = if reason.len() % 2 == 0 {
                        own
                    } else {
                        condition
                    };
                    let status = json!({
                        "phase": phase, *field: detail, "conditions": [item(row.1, value, reason)],
                    });
                    cases.push(Case {
                        stored: json!({}),
                        status,
                    });
                }
            }
        }
    }
    cases
}
