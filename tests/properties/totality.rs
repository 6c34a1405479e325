//! No input panics, and every answer keeps to the form and the limits of section 8.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::judged::judged;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;

use crate::answers;
use crate::oracle::now;
use crate::reviews::Review;
use crate::writes::{Write, review};

/// Any JSON, leaning to the names that the webhook reads.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop_oneof![
        3 => prop::sample::select(vec![
            "phase", "conditions", "type", "status", "reason", "message", "lastTransitionTime", "observedGeneration",
            "failureDetails", "skipDetails", "pipelineRunRef", "executionRef", "pipelineRunStatus", "name", "startTime",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            btree_map(key.clone(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn both_answer(body: &[u8], uid: &str) -> Result<(), TestCaseError> {
    for webhook in Webhook::ALL {
        let decision = judged(webhook, body, &Policy::default(), now())
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        answers::read(webhook, &decision.answer, uid).map_err(TestCaseError::fail)?;
    }
    Ok(())
}

/// Bytes that came in are either answered or refused; nothing else may happen.
fn nothing_panics(body: &[u8]) {
    for webhook in Webhook::ALL {
        let _ = judged(webhook, body, &Policy::default(), now());
    }
}

/// A JSON text with its bytes disturbed.
fn disturbed() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 1..4),
        prop::sample::select(vec![
            "\"",
            "\\",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "1e999",
            "-",
            "\\ud800",
            "\\u0000",
            "\u{feff}",
            "\"phase\":",
            "\"phase\":\"Failed\",",
            "\"conditions\":null,",
            "\"conditions\":[{}],",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    (
        review(),
        vec((any::<prop::sample::Index>(), 0_usize..3, piece), 1..4),
    )
        .prop_map(|(Write(review), changes)| {
            let mut body = serde_json::to_vec(&review).unwrap();
            for (at, cut, piece) in changes {
                let at = at.index(body.len());
                let end = (at + cut).min(body.len());
                body.splice(at..end, piece);
            }
            body
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_status_is_answered(status in any_json(), stored in any_json()) {
        let review = Review::execution().status(status).stored(stored);
        both_answer(&review.body(), "705ab4f5-6393-11e8-b7cc-42010a800002")?;
    }

    #[test]
    fn any_request_with_a_uid_is_answered(mut request in btree_map("[a-zA-Z]{1,9}", any_json(), 0..6), object in any_json()) {
        request.insert("uid".to_owned(), json!("1"));
        request.insert("object".to_owned(), object);
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        both_answer(&serde_json::to_vec(&review).unwrap(), "1")?;
    }

    #[test]
    fn any_bytes_are_answered_or_refused(body in vec(any::<u8>(), 0..200)) {
        nothing_panics(&body);
    }

    #[test]
    fn a_disturbed_review_is_answered_or_refused(body in disturbed()) {
        nothing_panics(&body);
    }
}
