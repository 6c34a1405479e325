//! The expressions by which an API server decides whether it calls a webhook, evaluated here. `tests/api_server` holds the
//! same writes against a real one.

use std::sync::{Arc, LazyLock};

use cel::{Context, Env, Program, Value as CelValue};
use serde_json::{Value, json};
use wfe_webhook::admission::Webhook;
use wfe_webhook::match_conditions::expression;
use wfe_webhook::policy::{Completion, Policy, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};

use crate::judged::judged;
use crate::oracle::now;

/// The functions of the language, which take longer to gather than an expression to evaluate.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// Whether the API server would call the webhook for this write.
///
/// # Errors
///
/// When the expression fails, or gives no truth value: an API server refuses the write then.
pub fn is_called(
    webhook: Webhook,
    choice: VocabularyChoice,
    review: &Value,
) -> Result<bool, String> {
    static PROGRAMS: LazyLock<Vec<Program>> = LazyLock::new(|| {
        let of = |webhook| VocabularyChoice::ALL.map(|choice| expression(webhook, choice));
        let expressions = Webhook::ALL.into_iter().flat_map(of);
        let compile = |text: String| {
            Program::compile(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
        };
        expressions.map(compile).collect()
    });
    let program = &PROGRAMS[webhook as usize * VocabularyChoice::ALL.len() + choice as usize];
    let mut context = Context::with_env(Arc::clone(&LANGUAGE));
    let request = &review["request"];
    let group = json!({"resource": {"group": request["resource"]["group"]}});
    for (name, value) in [
        ("object", &request["object"]),
        ("oldObject", &request["oldObject"]),
        ("request", &group),
    ] {
        context
            .add_variable(name, value)
            .map_err(|error| error.to_string())?;
    }
    match program.execute(&context) {
        Ok(CelValue::Bool(called)) => Ok(called),
        other => Err(format!("{webhook:?} {choice:?}: {other:?}\n{review}")),
    }
}

/// Holds the call of a webhook that is left out against what it would have said: no change, and no finding that is not
/// inherited, whatever the actions of the rules. Returns whether it is left out.
///
/// # Errors
///
/// What would have been lost.
pub fn nothing_is_lost(
    webhook: Webhook,
    choice: VocabularyChoice,
    review: &Value,
) -> Result<bool, String> {
    if is_called(webhook, choice, review)? {
        return Ok(false);
    }
    let mut policy = Policy::default();
    policy.vocabulary = choice;
    for rule in Rule::ALL {
        policy.set_action(rule, Action::Deny);
    }
    policy.completion = Some(match webhook {
        Webhook::Mutate => Completion::Patch,
        // Then no finding is inherited for being about what the webhook itself wrote.
        Webhook::Validate => Completion::Audit,
    });
    check(webhook, review, &policy).map(|()| true)
}

fn check(webhook: Webhook, review: &Value, policy: &Policy) -> Result<(), String> {
    let mut seen = review.clone();
    if webhook == Webhook::Validate {
        // By then the API server has put the stored metadata into a status write.
        let request = &mut seen["request"];
        let stored = request["oldObject"]["metadata"]["generation"].clone();
        if let Some(metadata) = request["object"]["metadata"].as_object_mut() {
            metadata.insert("generation".to_owned(), stored);
        }
    }
    let body = serde_json::to_vec(&seen).map_err(|error| error.to_string())?;
    let judged = judged(webhook, &body, policy, now()).map_err(|error| error.to_string())?;
    let mut findings = judged.findings.iter();
    if judged.changes.is_empty() && findings.all(|it| it.action == "inherited") {
        return Ok(());
    }
    Err(format!(
        "{webhook:?} is left out and had something to say: {:?} {:?}\n{policy:?}\n{seen}",
        judged.changes, judged.findings
    ))
}
