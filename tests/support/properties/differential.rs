use crate::judged::judged;
use serde::de::IgnoredAny;
use serde_json::Value;
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::Policy;
use wfe_webhook::review::ReviewError;

use crate::oracle::{Moment, compare, concerns_us, now, verdicts};

/// The one-pass reader accepts what a plain JSON reader accepts, refuses what one refuses, and has the same result as the
/// second formulation, which walks the whole document.
pub fn holds(body: &[u8]) {
    let refusal = Webhook::ALL.map(|webhook| {
        let decision = judged(webhook, body, &Policy::default(), now());
        decision.err()
    });
    let refusal = refusal.into_iter().flatten().next();
    let is_refused = matches!(refusal, Some(ReviewError::Json { .. }));
    let plain = serde_json::from_str::<IgnoredAny>(&String::from_utf8_lossy(body));
    assert_eq!(is_refused, plain.is_err(), "{plain:?}, {refusal:?}");
    // What a reader of the whole document refuses beyond that is a value like any other: numbers, UTF-8, surrogates, depth.
    let Ok(review) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    match (refusal, expected(&review)) {
        (None, None) => agree(body, &review),
        (Some(refusal), Some(expected)) if refusal.to_string() == expected.to_string() => {}
        (refusal, expected) => panic!("{refusal:?}, expected {expected:?} of {review}"),
    }
}

/// Why a document is not a review.
fn expected(review: &Value) -> Option<ReviewError> {
    let request = &review["request"];
    if review["kind"] != "AdmissionReview" || review["apiVersion"] != "admission.k8s.io/v1" {
        Some(ReviewError::NotAReview)
    } else if !request.is_object() {
        Some(ReviewError::NoRequest)
    } else if request["uid"].as_str().is_none_or(str::is_empty) {
        Some(ReviewError::NoUid)
    } else {
        let long = request["uid"].as_str().filter(|uid| uid.len() > 256);
        long.map(|uid| ReviewError::LongUid(uid.len()))
    }
}

fn agree(body: &[u8], review: &Value) {
    let policy = Policy::default();
    // What is odd in both objects is compared as text, so it must be spelled alike, as an API server does.
    let respelled;
    let body = if inherits_what_is_odd(review, &policy) {
        respelled = serde_json::to_vec(review).expect("a value is written");
        &respelled
    } else {
        body
    };
    compare(body, &policy, now()).unwrap_or_else(|difference| panic!("{difference}\n{review}"));
}

fn inherits_what_is_odd(review: &Value, policy: &Policy) -> bool {
    let now = Moment::read(&now().to_string()).expect("a time");
    concerns_us(review)
        && verdicts(review, policy, &now).iter().any(|verdict| {
            verdict.action == "inherited"
                && ["condition-shape", "phase-unknown"].contains(&verdict.rule)
        })
}
