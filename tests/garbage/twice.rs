//! Keys that come twice: the last one counts, at every level, as an API server reads them.

use rstest::rstest;
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use crate::hostile::{plain, plain_value, replace};
use crate::oracle::now;
use crate::places::{ask, assert_unmoved};

/// The plain write with a second `key` beside the one at a pointer, before or behind it.
fn twice(parent: &str, key: &str, other: &Value, first: bool) -> Vec<u8> {
    // Keys are sorted: one is before all letters, the other behind them.
    let mark = if first { "#" } else { "~" };
    let body = plain()
        .set(&format!("{parent}/{mark}"), other.clone())
        .body();
    replace(
        &body,
        format!("{mark:?}").as_bytes(),
        format!("{key:?}").as_bytes(),
    )
}

#[rstest]
#[case::envelope("", "kind", json!("Status"))]
#[case::envelope_null("", "request", json!(null))]
#[case::request("", "request", json!({"uid": "other"}))]
#[case::uid("/request", "uid", json!("other"))]
#[case::operation("/request", "operation", json!("DELETE"))]
#[case::resource("/request", "resource", json!({"group": "apps"}))]
#[case::group("/request/resource", "group", json!("apps"))]
#[case::user("/request", "userInfo", json!([]))]
#[case::object("/request", "object", json!({"status": {"phase": "Nonsense"}}))]
#[case::no_object("/request", "object", json!(null))]
#[case::stored_object("/request", "oldObject", json!({"status": {"phase": "Failed"}}))]
#[case::spec("/request/object", "spec", json!([[]]))]
#[case::metadata("/request/object", "metadata", json!({"generation": 9}))]
#[case::generation("/request/object/metadata", "generation", json!(9))]
#[case::version("/request/object/metadata", "resourceVersion", json!("8"))]
#[case::status("/request/object", "status", json!({"phase": "Pending"}))]
#[case::no_status("/request/object", "status", json!(null))]
#[case::odd_status("/request/object", "status", json!("Running"))]
#[case::phase("/request/object/status", "phase", json!("Nonsense"))]
#[case::stored_phase("/request/oldObject/status", "phase", json!("Failed"))]
#[case::conditions("/request/object/status", "conditions", json!([{}]))]
#[case::no_conditions("/request/object/status", "conditions", json!(null))]
#[case::odd_conditions("/request/object/status", "conditions", json!({"a": 1}))]
#[case::condition_type("/request/object/status/conditions/0", "type", json!("Nonsense"))]
#[case::condition_status("/request/object/status/conditions/0", "status", json!("Nonsense"))]
#[case::condition_reason("/request/object/status/conditions/0", "reason", json!(17))]
#[case::condition_message("/request/object/status/conditions/0", "message", json!([]))]
#[case::condition_time("/request/object/status/conditions/0", "lastTransitionTime", json!(""))]
fn of_a_key_that_comes_twice_the_last_one_counts(
    #[case] parent: &str,
    #[case] key: &str,
    #[case] other: Value,
) {
    assert_ne!(plain_value(&format!("{parent}/{key}")), other);
    assert_unmoved(&twice(parent, key, &other, true), key);
    let last = twice(parent, key, &other, false);
    let alone = plain().set(&format!("{parent}/{key}"), other).body();
    for webhook in Webhook::ALL {
        match judged(webhook, &alone, &Policy::default(), now()) {
            Ok(expected) => assert_eq!(ask(webhook, &last).answer, expected.answer),
            Err(expected) => {
                let refusal = judged(webhook, &last, &Policy::default(), now()).unwrap_err();
                assert_eq!(refusal.to_string(), expected.to_string());
            }
        }
    }
}
