//! The flags that make a [`Policy`], shared by `serve` and `check`.

use clap::Args;

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
        value_delimiter = ','
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
        value_delimiter = ','
    )]
    pub exempt_users: Vec<String>,
    /// Group whose members are exempt; repeatable
    #[arg(
        long = "exempt-group",
        env = "WFE_WEBHOOK_EXEMPT_GROUP",
        value_name = "NAME",
        value_delimiter = ','
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
