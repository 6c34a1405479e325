//! Phase by the states of roles that bear on each other.

use serde_json::{Value, json};

use super::{Case, Names, PHASES};
use crate::reviews::{condition, own};

/// A state of one role: nothing, a writer's condition, or one of the webhook's own.
const STATES: [Option<(bool, &str)>; 6] = [
    None,
    Some((false, "Unknown")),
    Some((false, "True")),
    Some((false, "False")),
    Some((true, "True")),
    Some((true, "False")),
];

/// The condition of a role in a state, where there is one.
fn item(names: Names, role: &str, state: Option<(bool, &str)>) -> Option<Value> {
    let (is_own, status) = state?;
    let make = if is_own { own } else { condition };
    Some(make(names.name(role)?, status, names.reason(role, status)))
}

/// Details that fit some phases and not others.
fn details() -> [Value; 5] {
    [
        json!({}),
        json!({"startTime": "2026-11-23T11:00:00Z"}),
        json!({"failureDetails": {"reason": "OOMKilled", "wasExecutionFailure": true}, "pipelineRunRef": {"name": "run-1"}}),
        json!({"failureDetails": {"reason": "Forbidden"}}),
        json!({"skipDetails": {"reason": "ResourceBusy"}}),
    ]
}

/// A write of the states that `at` stands for.
fn case(
    names: Names,
    roles: &[&str],
    phase: &str,
    details: &Value,
    stored: &Value,
    mut at: usize,
) -> Case {
    let mut conditions = Vec::new();
    for role in roles {
        conditions.extend(item(names, role, STATES[at % STATES.len()]));
        at /= STATES.len();
    }
    let mut status = details.clone();
    status["phase"] = phase.into();
    status["conditions"] = conditions.into();
    Case {
        stored: stored.clone(),
        status,
    }
}

/// Phase by *created*, *running* and *complete* by details.
pub fn created_running_and_complete(names: Names) -> Vec<Case> {
    let mut cases = Vec::new();
    for phase in PHASES {
        for details in details() {
            for at in 0..STATES.len().pow(3) {
                let roles = ["created", "running", "complete"];
                cases.push(case(names, &roles, phase, &details, &json!({}), at));
            }
        }
    }
    cases
}

/// Phase by *complete* and the roles that do not bear on it.
pub fn complete_and_the_roles_beside_it(names: Names) -> Vec<Case> {
    let roles = match names {
        Names::Tekton => ["complete", "lock", "audit"],
        Names::Execution => ["complete", "ready", "token"],
    };
    let mut cases = Vec::new();
    for phase in PHASES {
        for at in 0..STATES.len().pow(3) {
            cases.push(case(names, &roles, phase, &json!({}), &json!({}), at));
        }
    }
    cases
}

/// A sample of all roles over stored states of all roles, the same on every machine.
pub fn sample_of_all_roles(names: Names) -> Vec<Case> {
    let roles: Vec<&str> = names.words().rows.iter().map(|row| row.0).collect();
    let total = STATES.len().pow(u32::try_from(roles.len()).unwrap());
    let mut pick: usize = 1;
    let mut cases = Vec::new();
    for _ in 0..6000 {
        // A linear congruential generator: the same sample on every machine.
        pick = pick
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (first, second) = (pick >> 33, pick >> 20);
        let mut stored_conditions = Vec::new();
        let mut at = second;
        for role in &roles {
            stored_conditions.extend(item(names, role, STATES[at % STATES.len()]));
            at /= STATES.len();
        }
        let mut stored = details()[second % 5].clone();
        stored["phase"] = PHASES[(second >> 3) % 6].into();
        stored["conditions"] = stored_conditions.into();
        let details = &details()[(first >> 5) % 5];
        let phase = PHASES[(first >> 8) % 6];
        cases.push(case(names, &roles, phase, details, &stored, first % total));
    }
    cases
}
