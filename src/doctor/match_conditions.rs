//! The conditions by which an API server leaves out calls that have nothing to say.

use super::configuration::{Hook, Registered};
use super::line::CheckLine;
use super::registered::{about, covers};
use crate::admission::Webhook;
use crate::match_conditions::{self, NAME};
use crate::policy::VocabularyChoice;
use crate::vocabulary::GROUPS;

const REGISTER: &str = "helm upgrade, or wfe-webhook generate registration … | kubectl apply -f -, of the version that serves";

/// Whether what is left out is what a server of this version has nothing to say about.
pub(super) fn check(hook: &Hook, all: &[Registered]) -> CheckLine {
    let about = about(hook, "matchConditions");
    let Some(registered) = hook.conditions.iter().find(|it| it.name == NAME) else {
        return CheckLine::ok(about, "every write is sent, also where nothing is to say");
    };
    let of_choice = |choice: &VocabularyChoice| {
        let expression = match_conditions::expression(hook.webhook, *choice);
        registered.expression.trim() == expression
    };
    if let Some(later) = later(hook, all) {
        return CheckLine::warning(
            about,
            format!(
                "{later} is called later: what it changes in a write that was left out is not completed, as an API server calls again only what it called before"
            ),
            "nothing, if it changes neither phase nor details nor conditions; else generate registration --match-conditions off, or webhooks.skipNeedlessCalls=false",
        );
    }
    match VocabularyChoice::ALL
        .iter()
        .find(|choice| of_choice(choice))
    {
        None => CheckLine::warning(
            about,
            format!(
                "{NAME} is not this version's: writes may be left out that the server would complete, refuse or warn of"
            ),
            REGISTER,
        ),
        Some(choice) => match choice.pinned() {
            None => CheckLine::ok(about, "writes are left out where nothing is to say"),
            Some(vocabulary) => CheckLine::ok(
                about,
                format!(
                    "writes are left out where nothing is to say, by a server with --vocabulary {}",
                    vocabulary.name
                ),
            ),
        },
    }
}

/// Another configuration that API servers call after the mutating one, by the order of their names, for the same writes.
fn later<'a>(hook: &Hook, all: &'a [Registered]) -> Option<&'a str> {
    let mut others = all.iter().filter(|other| {
        other.webhook == Webhook::Mutate
            && hook.webhook == Webhook::Mutate
            && other.name > hook.configuration
    });
    let sees = |other: &&Registered| {
        let rules = other.hooks.iter().flat_map(|hook| &hook.rules);
        rules
            .into_iter()
            .any(|rule| GROUPS.iter().any(|group| covers(rule, group, "v1alpha1")))
    };
    others.find(sees).map(|other| other.name.as_str())
}
