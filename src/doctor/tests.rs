//! The judgements, by tables.

mod certificates;
mod probe;
mod registration;
mod writes;

use jiff::Timestamp;
use k8s_openapi::ByteString;

use super::configuration::{Configuration, Hook};
use super::line::{Level, Line};
use crate::registration::{CaBundle, Endpoint, FailurePolicy, Registration};

const NOW: &str = "2026-06-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// What `generate registration` prints, registered by a Service, with a bundle of its own.
fn registration(pem: Option<&str>) -> [Configuration; 2] {
    let registration = Registration {
        endpoint: Endpoint::from_service("wfe-webhook/wfe-webhook").unwrap(),
        ca: pem.map(|pem| CaBundle::new(pem.into()).unwrap()),
        failure_policy: FailurePolicy::Ignore,
        mutate_timeout: Registration::MUTATE_TIMEOUT,
        validate_timeout: Registration::VALIDATE_TIMEOUT,
    };
    [
        registration.mutating().into(),
        registration.validating().into(),
    ]
}

/// The validating webhook with a `caBundle` of any text.
fn hook_with_bundle(bundle: &str) -> Hook {
    let [_, validating] = registration(None);
    let mut hook = validating.hooks.into_iter().next().unwrap();
    hook.client.ca_bundle = Some(ByteString(bundle.into()));
    hook
}

#[track_caller]
fn assert_line(line: &Line, level: Level, words: &str) {
    assert_eq!(line.level, level, "{line}");
    assert!(line.to_string().contains(words), "{line} lacks {words:?}");
    assert_eq!(
        line.mend.is_none(),
        level == Level::Ok,
        "what is not fine says what to do: {line}"
    );
}

#[test]
fn a_line_stays_a_line_whatever_is_in_it() {
    let line = Line::wrong("a\nb", "c\u{1b}[31m", "d\r");
    let text = line.to_string();
    assert_eq!(text, "wrong    a\\nb: c\\u{1b}[31m; to do: d\\r");
}
