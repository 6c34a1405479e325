//! The flags that make a [`Policy`], shared by `serve` and `check`.

use clap::Args;

use crate::dns;
use crate::policy::{Completion, Mode, Policy, VocabularyChoice};
use crate::rules::{Action, Rule};

/// Flags that decide verdicts.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Policy")]
pub struct PolicyArgs {
    /// Names that objects are judged by; `auto` decides for each object
    #[arg(long, env = "WFE_WEBHOOK_VOCABULARY", value_enum, default_value_t)]
    pub vocabulary: VocabularyChoice,
    /// Condition type that other writers may add; repeatable
    #[arg(
        long = "extra-type",
        env = "WFE_WEBHOOK_EXTRA_TYPE",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = parse_condition_type
    )]
    pub extra_types: Vec<String>,
    /// Hardest action that any rule may take
    #[arg(long, env = "WFE_WEBHOOK_MODE", value_enum, default_value_t)]
    pub mode: Mode,
    /// Action of one rule: off, audit, warn or deny; repeatable
    #[arg(
        long = "rule",
        env = "WFE_WEBHOOK_RULE",
        value_name = "ID=ACTION",
        value_delimiter = ',',
        value_parser = parse_rule_action
    )]
    pub rules: Vec<(Rule, Action)>,
    /// What /mutate does with implied conditions [default: patch; audit under --mode audit]
    #[arg(long, env = "WFE_WEBHOOK_COMPLETION", value_enum)]
    pub completion: Option<Completion>,
    /// User whose writes are audited, never refused or completed; repeatable
    #[arg(
        long = "exempt-user",
        env = "WFE_WEBHOOK_EXEMPT_USER",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = parse_name
    )]
    pub exempt_users: Vec<String>,
    /// Group whose members are exempt; repeatable
    #[arg(
        long = "exempt-group",
        env = "WFE_WEBHOOK_EXEMPT_GROUP",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = parse_name
    )]
    pub exempt_groups: Vec<String>,
}

impl PolicyArgs {
    /// The policy that the flags describe.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        policy.vocabulary = self.vocabulary;
        policy.extra_types.clone_from(&self.extra_types);
        policy.mode = self.mode;
        policy.completion = self.completion;
        policy.exempt_users.clone_from(&self.exempt_users);
        policy.exempt_groups.clone_from(&self.exempt_groups);
        for &(rule, action) in &self.rules {
            policy.set_action(rule, action);
        }
        policy
    }
}

fn parse_rule_action(text: &str) -> Result<(Rule, Action), String> {
    let (id, action) = text
        .split_once('=')
        .ok_or_else(|| "expected ID=ACTION, for example phase-conflict=warn".to_owned())?;
    let rule = Rule::from_id(id).ok_or_else(|| {
        let ids = Rule::ALL.map(Rule::id).join(", ");
        format!("no rule is called {id:?}; the rules are {ids}")
    })?;
    let action = Action::ALL
        .into_iter()
        .find(|known| known.name() == action)
        .ok_or_else(|| {
            let actions = Action::ALL.map(Action::name).join(", ");
            format!("no action is called {action:?}; the actions are {actions}")
        })?;
    Ok((rule, action))
}

/// The longest condition type that Kubernetes takes.
const MAX_TYPE: usize = 316;

/// A condition type as Kubernetes takes it: a name, or a DNS subdomain, a slash and a name.
fn parse_condition_type(text: &str) -> Result<String, String> {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    if text.len() <= MAX_TYPE && is_type_name(name) && prefix.is_none_or(dns::is_subdomain) {
        return Ok(text.to_owned());
    }
    Err("expected a condition type such as Audited or example.com/Audited".to_owned())
}

fn is_type_name(text: &str) -> bool {
    let outer = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| outer(c) || matches!(c, '-' | '_' | '.');
    text.starts_with(outer) && text.ends_with(outer) && text.chars().all(inner)
}

/// A user or group: any text, but an empty one and one with spaces around it match nobody and are a slip.
fn parse_name(text: &str) -> Result<String, String> {
    if text.is_empty() || text != text.trim() {
        return Err("expected a name, without spaces around it".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{MAX_TYPE, parse_condition_type};

    #[rstest]
    #[case::name("Audited")]
    #[case::punctuation("Audited_by-me.2")]
    #[case::prefix("x-1.example.com/Audited")]
    #[case::longest(&"a".repeat(MAX_TYPE))]
    fn a_condition_type_is_taken(#[case] text: &str) {
        assert_eq!(parse_condition_type(text).as_deref(), Ok(text));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_prefix("/Audited")]
    #[case::no_name("example.com/")]
    #[case::two_slashes("example.com/a/b")]
    #[case::upper_case_prefix("Example.com/Audited")]
    #[case::underscore_in_the_prefix("a_b.com/Audited")]
    #[case::punctuation_at_the_end("Audited-")]
    #[case::space("Not Audited")]
    #[case::too_long(&"a".repeat(MAX_TYPE + 1))]
    fn what_kubernetes_takes_for_no_condition_type_is_refused(#[case] text: &str) {
        assert!(parse_condition_type(text).is_err());
    }
}
