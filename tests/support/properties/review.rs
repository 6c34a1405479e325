use crate::judged::{findings, judged};
use wfe_webhook::admission::Webhook;
use wfe_webhook::policy::{Mode, Policy};

use crate::answers;
use crate::oracle::now;

/// Any body is answered as section 8 of the specification allows, or refused: by both webhooks alike, in one line, and
/// the same each time.
pub fn holds(body: &[u8]) {
    let mut warning = Policy::default();
    warning.mode = Mode::Warn;
    for policy in [Policy::default(), warning] {
        let refusals = Webhook::ALL.map(|webhook| ask(webhook, body, &policy));
        assert_eq!(refusals[0], refusals[1], "the webhooks differ");
        let explained = findings(body, &policy, now());
        assert_eq!(
            explained.as_ref().err().map(ToString::to_string),
            refusals[0]
        );
        for finding in explained.into_iter().flatten() {
            assert_eq!(answers::rule_of(&finding.message), Some(finding.rule));
            assert!(answers::is_printable(&finding.message), "{finding:?}");
            assert!(answers::is_printable(&finding.path), "{finding:?}");
        }
    }
}

/// Asks twice, and returns the refusal.
fn ask(webhook: Webhook, body: &[u8], policy: &Policy) -> Option<String> {
    let [first, second] = [(); 2].map(|()| judged(webhook, body, policy, now()));
    match (first, second) {
        (Ok(first), Ok(second)) => {
            assert_eq!(first.answer, second.answer, "the answers differ");
            answers::read(webhook, &first.answer, &first.uid)
                .unwrap_or_else(|error| panic!("{error}"));
            None
        }
        (Err(first), Err(second)) => {
            let refusal = first.to_string();
            assert_eq!(refusal, second.to_string(), "the refusals differ");
            assert!(answers::is_printable(&refusal), "{refusal:?}");
            Some(refusal)
        }
        _ => panic!("answered and refused"),
    }
}
