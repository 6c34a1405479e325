//! The judgements, by tables.

mod certificates;
mod policies;
mod probe;
mod registration;
mod writes;

use jiff::Timestamp;
use k8s_openapi::ByteString;

use super::configuration::{Hook, Registered};
use super::line::{CheckLine, Level};
use crate::kubernetes::WebhookConfiguration;
use crate::policy::VocabularyChoice;
use crate::registration::{CaBundle, FailurePolicy, MatchConditions, Registration, WebhookAddress};

const NOW: &str = "2026-06-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// What `generate registration` prints, registered by a Service, with a bundle of its own.
fn registration(pem: Option<&str>) -> [Registered; 2] {
    let registration = Registration {
        address: WebhookAddress::from_service("wfe-webhook/wfe-webhook").unwrap(),
        ca: pem.map(|pem| CaBundle::new(pem.into()).unwrap()),
        failure_policy: FailurePolicy::Ignore,
        mutate_timeout: Registration::MUTATE_TIMEOUT,
        validate_timeout: Registration::VALIDATE_TIMEOUT,
        match_conditions: MatchConditions::On,
        vocabulary: VocabularyChoice::Auto,
    };
    [
        WebhookConfiguration::from(registration.mutating()).into(),
        WebhookConfiguration::from(registration.validating()).into(),
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
fn assert_line(line: &CheckLine, level: Level, words: &str) {
    assert_eq!(line.level, level, "{line}");
    assert!(line.to_string().contains(words), "{line} lacks {words:?}");
    assert_eq!(
        line.fix.is_none(),
        level == Level::Ok,
        "what is not fine has a fix: {line}"
    );
}

#[test]
fn a_line_stays_a_line_whatever_is_in_it() {
    let line = CheckLine::error("a\nb", "c\u{1b}[31m", "d\r");
    let text = line.to_string();
    assert_eq!(text, "error    a\\nb: c\\u{1b}[31m; fix: d\\r");
}
