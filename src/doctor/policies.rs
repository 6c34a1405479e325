//! The policies that `generate policies` prints, by which an API server judges and completes by itself.

mod bindings;
mod differences;
mod installed;
mod options;
mod parts;
mod printed;

use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster::{ClusterReader, Error};
use super::crds::Crd;
use super::line::CheckLine;
use super::not_checked;
use crate::admission::Webhook;
use crate::rules::Rule;

pub(super) use bindings::Bound;
pub(super) use parts::Part;

/// What brings them to what this version prints.
const PRINT: &str =
    "wfe-webhook generate policies … | kubectl apply -f -, or helm upgrade, of this version";

/// Policies and bindings of one kind, of whatever name.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) policies: Vec<Value>,
    pub(super) bindings: Vec<Value>,
}

/// What is registered beside policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// No webhook.
    Nothing,
    /// A webhook of which it is not known that it completes.
    Webhook,
    /// One that completes.
    Completing,
}

/// What is known of the policies.
#[derive(Debug)]
pub(super) struct Policies {
    /// The name of the configurations, with which those of the policies begin.
    pub(super) name: String,
    /// Of both kinds, where the API server serves them.
    pub(super) mutating: Option<Listed>,
    pub(super) validating: Option<Listed>,
    /// Why one of them could not be read.
    pub(super) unread: Option<Error>,
}

impl Policies {
    /// Reads them.
    pub(super) async fn read(cluster: &ClusterReader, name: &str) -> Self {
        let mut unread = None;
        let mut listed = [None, None];
        for (kind, listed) in Webhook::ALL.into_iter().zip(&mut listed) {
            match cluster.policies(kind).await {
                Ok(found) => *listed = found,
                Err(error) => unread = unread.or(Some(error)),
            }
        }
        let [mutating, validating] = listed;
        Self {
            name: name.to_owned(),
            mutating,
            validating,
            unread,
        }
    }

    /// Whether there is one by its name.
    pub(super) fn are_there(&self) -> bool {
        Part::ALL.iter().any(|part| self.policy(*part).is_some())
    }

    /// Whether it is known that the API server does nothing by itself.
    pub(super) fn are_absent(&self) -> bool {
        self.unread.is_none() && !self.are_there()
    }

    fn listed(&self, part: Part) -> Option<&Listed> {
        match part.kind() {
            Webhook::Mutate => self.mutating.as_ref(),
            Webhook::Validate => self.validating.as_ref(),
        }
    }

    fn policy(&self, part: Part) -> Option<&Value> {
        let name = part.name(&self.name);
        let mut policies = self.listed(part)?.policies.iter();
        policies.find(|policy| policy["metadata"]["name"] == *name)
    }

    /// What the policy is bound to do; nothing where there is none, or no binding.
    pub(super) fn bound(&self, part: Part) -> Option<Bound> {
        let policy = self.policy(part)?;
        let mut bound = Bound::of(&self.listed(part)?.bindings, &part.name(&self.name))?;
        let conditions = &policy["spec"]["matchConditions"];
        if printed::items(conditions).any(|it| !options::is_printed(it)) {
            bound.narrowed.push("matchConditions");
        }
        Some(bound)
    }

    /// The name of the policy that should stop a write which breaks the rule.
    pub(super) fn holder(&self, rule: Rule) -> Option<(String, Bound)> {
        let mut parts = Part::ALL.into_iter();
        parts.find_map(|part| {
            let rules = printed::rules(self.policy(part)?);
            let bound = self.bound(part).filter(|_| rules.contains(&rule))?;
            Some((part.name(&self.name), bound))
        })
    }

    /// All lines about them; `webhook` is what is registered beside them.
    pub(super) fn check(&self, crds: &[Crd], webhook: Beside) -> Vec<CheckLine> {
        let alone = webhook == Beside::Nothing;
        let completes = webhook == Beside::Completing || self.bound(Part::Complete).is_some();
        let mut lines = Vec::new();
        if let Some(error) = &self.unread {
            lines.push(not_checked("policies", error));
        }
        lines.extend(self.summary(alone));
        let mut printed = Vec::new();
        for part in Part::ALL {
            let (Some(listed), name) = (self.listed(part), part.name(&self.name)) else {
                continue;
            };
            if let Some(policy) = self.policy(part) {
                let compared = printed::compare(part, policy);
                lines.extend(installed::check(part, &name, policy, &compared, crds));
                if part == Part::Deny && completes && compared.owns_nothing {
                    lines.push(owns_nothing(&name));
                }
                if compared.differences.is_empty() {
                    printed.push((name.clone(), compared));
                }
            }
            let is_there = self.policy(part).is_some();
            lines.extend(bindings::check(part, &name, &listed.bindings, is_there));
        }
        lines.extend(differing(&printed));
        lines
    }

    /// What there is as a whole.
    fn summary(&self, alone: bool) -> Option<CheckLine> {
        if self.are_there() {
            return match (alone, &self.unread) {
                (true, Some(_)) => None,
                (true, None) => Some(CheckLine::ok("policies", self.given_up())),
                (false, _) => self.floor(),
            };
        }
        if let Some(other) = self.other_name() {
            return Some(CheckLine::warning(
                "policies",
                format!(
                    "there are none of {}; {other}-… seem to be them under another name",
                    self.name
                ),
                format!("--configuration {other}"),
            ));
        }
        if self.unread.is_some() {
            return None;
        }
        Some(CheckLine::ok(
            "policies",
            if self.validating.is_none() {
                "none: this API server does not serve ValidatingAdmissionPolicy, which Kubernetes has since 1.30"
            } else {
                "none: the API server judges and completes nothing by itself"
            },
        ))
    }

    /// What is refused while the webhook does not answer.
    fn floor(&self) -> Option<CheckLine> {
        self.bound(Part::Deny).filter(|bound| bound.does("Deny"))?;
        let count = printed::rules(self.policy(Part::Deny)?).len();
        let of = Rule::ALL.len();
        Some(CheckLine::ok(
            "policies",
            format!(
                "beside the webhook: while no replica answers, {count} of {of} rules are still held"
            ),
        ))
    }

    /// What there is with a webhook and not with policies alone.
    fn given_up(&self) -> String {
        let held: BTreeSet<Rule> = Part::ALL
            .into_iter()
            .filter(|part| self.bound(*part).is_some())
            .filter_map(|part| self.policy(part))
            .flat_map(printed::rules)
            .collect();
        let left = Rule::ALL.iter().filter(|rule| !held.contains(rule));
        let left: Vec<&str> = left.map(|rule| rule.id()).collect();
        let completes = match (self.bound(Part::Complete), &self.mutating) {
            (Some(_), _) => "conditions are completed where the status has their time",
            (None, Some(_)) => "no conditions are completed",
            (None, None) => {
                "no conditions are completed, as this API server does not serve MutatingAdmissionPolicy, which Kubernetes has since 1.36"
            }
        };
        format!(
            "alone: {} are not judged; {completes}; a refusal names the first finding alone; no metrics by rule and no Events (docs/policies.md)",
            left.join(", ")
        )
    }

    /// The name of configurations to which policies of ours would belong.
    fn other_name(&self) -> Option<&str> {
        Part::ALL.into_iter().find_map(|part| {
            let mut policies = self.listed(part)?.policies.iter();
            let ours = policies.find(|policy| printed::is_ours(policy))?;
            let name = ours["metadata"]["name"].as_str()?;
            name.strip_suffix(part.suffix())?.strip_suffix('-')
        })
    }
}

/// The warning of a policy that refuses for conditions which completion would renew.
fn owns_nothing(name: &str) -> CheckLine {
    CheckLine::warning(
        format!("policy {name}"),
        "was printed with --completion off, and conditions are completed here: a write may be refused for one that was completed and no longer fits",
        "print it without --completion off",
    )
}

/// A warning where they were not printed together.
fn differing(printed: &[(String, printed::Compared)]) -> Option<CheckLine> {
    let (first, rest) = printed.split_first()?;
    // The one that completes shows less.
    let differ = |other: &&(String, printed::Compared)| other.1.shared != first.1.shared;
    let other = rest.iter().find(differ)?;
    let with = |compared: &printed::Compared| match compared.shared.join(" ") {
        none if none.is_empty() => "no such options".to_owned(),
        options => options,
    };
    Some(CheckLine::warning(
        "policies",
        format!(
            "were printed with different options: {} with {}, {} with {}",
            first.0,
            with(&first.1),
            other.0,
            with(&other.1)
        ),
        PRINT,
    ))
}
