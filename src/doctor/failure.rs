//! What a failure policy means here and now.

use super::configuration::Hook;
use super::line::{CheckLine, Level};
use super::registered::{about, edit};
use super::service::Ready;
use crate::admission::Webhook;
use crate::registration::FailurePolicy;

/// With fewer, each restart of a node is an outage.
const ENOUGH: usize = 2;

/// Judges the policy by everything else that was found: `worst` is the worst line that concerns this webhook,
/// `answered` whether the server answered as it should.
pub(super) fn check(hook: &Hook, worst: Level, answered: bool, ready: Ready) -> CheckLine {
    let about = about(hook, "failurePolicy");
    let to_ignore = edit(hook, "failurePolicy to Ignore");
    let doubt = if worst == Level::Error {
        Some("it has an error".to_owned())
    } else if !answered {
        Some("whether it answers is not known".to_owned())
    } else {
        match ready {
            None => Some("how many replicas answer is not known".to_owned()),
            Some(ready) if ready.count < ENOUGH => Some(format!("{} replica answers", ready.count)),
            Some(ready) if ready.on_one_node => Some("all replicas run on one node".to_owned()),
            Some(_) => None,
        }
    };
    match (hook.failure_policy, hook.webhook, doubt) {
        (FailurePolicy::Ignore, Webhook::Validate, Some(doubt)) => CheckLine::ok(
            about,
            format!(
                "Ignore: while no replica answers, writes pass unjudged; Fail would not be safe, since {doubt}"
            ),
        ),
        (FailurePolicy::Ignore, Webhook::Validate, None) => CheckLine::ok(
            about,
            "Ignore: while no replica answers, writes pass unjudged; Fail would be safe now",
        ),
        (FailurePolicy::Ignore, Webhook::Mutate, _) => CheckLine::ok(
            about,
            "Ignore: while no replica answers, writes pass uncompleted, and the next one is completed",
        ),
        (FailurePolicy::Fail, _, Some(doubt)) if worst == Level::Error => CheckLine::error(
            about,
            format!("Fail: every status write is refused while the call fails, and {doubt}"),
            to_ignore,
        ),
        (FailurePolicy::Fail, Webhook::Mutate, _) => CheckLine::warning(
            about,
            "Fail: every status write is refused while no replica answers, for a completion that the next write would bring",
            to_ignore,
        ),
        (FailurePolicy::Fail, Webhook::Validate, Some(doubt)) => CheckLine::warning(
            about,
            format!(
                "Fail is not safe: every status write is refused while no replica answers, and {doubt}"
            ),
            format!("{to_ignore}, or run {ENOUGH} replicas or more on different nodes"),
        ),
        (FailurePolicy::Fail, Webhook::Validate, None) => CheckLine::ok(
            about,
            "Fail: every status write is refused while no replica answers; several do",
        ),
    }
}
