//! No call where there is nothing to say: the CEL expressions by which an API server decides whether it calls a webhook.
//!
//! A status write costs more by the two calls than by what is done in them. Each expression is false only where the call
//! certainly changes nothing; a call too many costs microseconds, a skipped one that had something to say is a defect.
//! Nothing in them can fail, whatever the schema of a CRD lets through: under `Fail` an error refuses the write.

mod mutate;
mod validate;

use crate::admission::Webhook;
use crate::policy::VocabularyChoice;

/// Name of the condition, in both webhooks.
pub const NAME: &str = "something-to-say";

/// The expression for one webhook: false where its call would change, refuse and warn of nothing.
///
/// It depends on nothing else that an operator may choose: both are right for every action of every rule, and for every
/// mode of completion.
#[must_use]
pub fn expression(webhook: Webhook, vocabulary: VocabularyChoice) -> String {
    match webhook {
        Webhook::Mutate => mutate::expression(vocabulary),
        Webhook::Validate => validate::expression(),
    }
}

/// The name of the vocabulary that `auto` decides on for a status, with the types that are listed; empty where nothing
/// shows one.
#[cfg(feature = "server")]
pub(crate) fn vocabulary_of(status: &str, types: &str) -> String {
    mutate::vocabulary_of(status, types)
}

/// A list of strings.
fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", names.join(", "))
}
