//! The flags that make a [`Policy`], shared by `serve` and `check`.

use clap::Args;

use crate::dns;
use crate::policy::{Completion, Mode, Policy, VocabularyChoice};
use crate::rules::{Action, Rule};
use crate::vocabulary::{self, is_camel_case};

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
    /// One more reason that is allowed for a condition type, in both statuses; repeatable
    #[arg(
        long = "extra-reason",
        env = "WFE_WEBHOOK_EXTRA_REASON",
        value_name = "TYPE=REASON",
        value_delimiter = ',',
        value_parser = parse_extra_reason
    )]
    pub extra_reasons: Vec<(String, String)>,
    /// Strictest action that any rule may take
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
        policy.extra_reasons.clone_from(&self.extra_reasons);
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

fn parse_extra_reason(text: &str) -> Result<(String, String), String> {
    let (condition_type, reason) = text
        .split_once('=')
        .ok_or_else(|| "expected TYPE=REASON, for example ExecutionComplete=NodeLost".to_owned())?;
    let is_known = vocabulary::ALL
        .iter()
        .any(|vocabulary| vocabulary.term_of_type(condition_type).is_some());
    if !is_known {
        let mut types: Vec<_> = vocabulary::ALL
            .iter()
            .flat_map(|vocabulary| vocabulary.terms)
            .map(|term| term.condition_type)
            .collect();
        types.sort_unstable();
        types.dedup();
        let types = types.join(", ");
        return Err(format!(
            "no vocabulary has the condition type {condition_type:?}; the types are {types}"
        ));
    }
    if !is_camel_case(reason) {
        return Err(format!(
            "the reason {reason:?} is not CamelCase: ASCII letters and digits, the first an upper-case letter"
        ));
    }
    Ok((condition_type.to_owned(), reason.to_owned()))
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

/// A user or group: any text but an empty one and one with spaces around it, which match no client and are mistakes.
fn parse_name(text: &str) -> Result<String, String> {
    if text.is_empty() || text != text.trim() {
        return Err("expected a name, without spaces around it".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{MAX_TYPE, parse_condition_type, parse_extra_reason};
    use crate::policy::VocabularyChoice;
    use crate::vocabulary;

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
    fn what_kubernetes_does_not_take_as_a_condition_type_is_refused(#[case] text: &str) {
        assert!(parse_condition_type(text).is_err());
    }

    #[test]
    fn every_vocabulary_can_be_chosen_by_its_name() {
        for vocabulary in vocabulary::ALL {
            let choice = <VocabularyChoice as clap::ValueEnum>::from_str(vocabulary.name, false);
            let pinned = choice.map(|choice| choice.pinned().map(|it| it.name));
            assert_eq!(pinned, Ok(Some(vocabulary.name)));
        }
    }

    #[test]
    fn an_extra_reason_is_for_a_type_of_any_vocabulary() {
        for condition_type in [
            "ExecutionComplete",
            "TektonPipelineComplete",
            "AuditRecorded",
        ] {
            let text = format!("{condition_type}=NodeLost");
            let parsed = (condition_type.to_owned(), "NodeLost".to_owned());
            assert_eq!(parse_extra_reason(&text), Ok(parsed));
        }
    }

    #[rstest]
    #[case::no_reason("ExecutionComplete", "expected TYPE=REASON")]
    #[case::unknown_type(
        "Complete=NodeLost",
        "no vocabulary has the condition type \"Complete\""
    )]
    #[case::not_camel_case("Ready=node-lost", "the reason \"node-lost\" is not CamelCase")]
    #[case::empty_reason("Ready=", "the reason \"\" is not CamelCase")]
    fn any_other_extra_reason_is_refused(#[case] text: &str, #[case] why: &str) {
        let error = parse_extra_reason(text).unwrap_err();
        assert!(error.starts_with(why), "{error}");
    }
}
