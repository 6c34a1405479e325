//! The conditions by which an API server leaves out calls that have nothing to say.

use super::configuration::Hook;
use super::line::CheckLine;
use super::registered::about;
use crate::match_conditions::{self, NAME};
use crate::policy::VocabularyChoice;

const REGISTER: &str = "helm upgrade, or wfe-webhook generate registration … | kubectl apply -f -, of the version that serves";

/// Whether what is left out is what a server of this version has nothing to say about.
pub(super) fn check(hook: &Hook) -> CheckLine {
    let about = about(hook, "matchConditions");
    let Some(registered) = hook.conditions.iter().find(|it| it.name == NAME) else {
        return CheckLine::ok(about, "every write is sent, also where nothing is to say");
    };
    let of_choice = |choice: &VocabularyChoice| {
        let expression = match_conditions::expression(hook.webhook, *choice);
        registered.expression.trim() == expression
    };
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
