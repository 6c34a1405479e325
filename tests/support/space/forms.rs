//! What is written by what is stored, for one role at a time: keep, renew, restore, derive, remove.

use serde_json::{Value, json};

use super::{Case, Names};
use crate::reviews::{MARK, condition, own};

/// One role's condition in every form that completion tells apart.
fn forms(names: Names, role: &str) -> Vec<Option<Value>> {
    let name = names.name(role).unwrap();
    let row = names.words().role(role).unwrap();
    let mut forms = vec![None];
    for (status, reasons) in [("True", row.2), ("False", row.3)] {
        for reason in reasons.iter().take(2) {
            forms.push(Some(condition(name, status, reason)));
            forms.push(Some(own(name, status, reason)));
            let mut late = own(name, status, reason);
            late["observedGeneration"] = 2.into();
            late["lastTransitionTime"] = "2026-11-23T11:30:00.25Z".into();
            forms.push(Some(late));
        }
    }
    let mut unknown = condition(name, "Unknown", "WithdrawnByHand");
    unknown["message"] = format!("set by hand{MARK}").into();
    forms.push(Some(unknown));
    let mut broken = condition(name, "True", row.2[0]);
    broken["lastTransitionTime"] = "yesterday".into();
    forms.push(Some(broken));
    let mut ahead = condition(name, "True", row.2[0]);
    ahead["observedGeneration"] = 3.into();
    forms.push(Some(ahead));
    forms
}

/// Statuses that imply each role's condition, and some that do not.
fn scenes() -> Vec<Value> {
    let failed_at = "2026-11-23T11:20:00Z";
    vec![
        json!({"phase": "Running", "startTime": "2026-11-23T11:00:00Z", "observedGeneration": 2}),
        json!({"phase": "Completed", "completionTime": "2026-11-23T11:10:00.9+01:00"}),
        json!({"phase": "Failed", "startTime": "bad", "failureDetails": {"reason": "TaskFailed", "failedAt": failed_at, "wasExecutionFailure": true}}),
        json!({"phase": "Failed", "observedGeneration": 1, "failureDetails": {"reason": "ResourceExhausted", "failedAt": "2026-11-23T14:00:00Z"}}),
        json!({"phase": "Failed"}),
        json!({"phase": "Skipped", "skipDetails": {"reason": "ExhaustedRetries", "skippedAt": failed_at}}),
        json!({"phase": "Pending", "observedGeneration": 9}),
    ]
}

/// Scene by role by written form by stored form.
pub fn one_role_over_one_stored(names: Names) -> Vec<Case> {
    let mut cases = Vec::new();
    for row in names.words().rows {
        let forms = forms(names, row.0);
        for scene in scenes() {
            for written in &forms {
                for stored in &forms {
                    let mut status = scene.clone();
                    if let Some(written) = written {
                        status["conditions"] = json!([written]);
                    }
                    let stored = json!({"phase": "Running", "conditions": Vec::from_iter(stored)});
                    cases.push(Case { stored, status });
                }
            }
        }
    }
    cases
}

/// Scene by role by form by another form of the same type.
pub fn two_of_a_type(names: Names) -> Vec<Case> {
    let mut cases = Vec::new();
    for role in ["created", "complete"] {
        let forms = forms(names, role);
        for scene in scenes() {
            for first in forms.iter().flatten() {
                for second in forms.iter().flatten() {
                    let mut status = scene.clone();
                    status["conditions"] = json!([first, second]);
                    for stored in [json!([second]), json!([first, second])] {
                        cases.push(Case {
                            stored: json!({"conditions": stored}),
                            status: status.clone(),
                        });
                    }
                }
            }
        }
    }
    cases
}
