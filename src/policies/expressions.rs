//! A variable for each rule, with what is wrong and new, and a validation that there is nothing.

use k8s_openapi::api::admissionregistration::v1::{AuditAnnotation, Validation, Variable};

use super::faults::{Faults, Inherited, STORED, WRITTEN, faults};
use super::tables::{self, list};
use super::variables::variable;
use crate::rules::Rule;
use crate::status::MARK;
use crate::vocabulary::{ConditionStatus, Role};

/// The variable of a rule and its validation, where CEL can say the rule.
pub(super) fn validation(rule: Rule) -> Option<(Variable, Validation)> {
    let name = variable_name(rule);
    let id = rule.id();
    let holds = rule.holds().replace('`', "\"");
    let static_message = format!("{holds} [{id}]");
    let explained = |found: &str| {
        let broken = format!(", against the rule: {holds}");
        match allowed(rule, found) {
            Some(allowed) => format!(
                "{} + {allowed} + {}",
                tables::text(&format!("{broken}; allowed: ")),
                tables::text(&format!(" [{id}]"))
            ),
            None => tables::text(&format!("{broken} [{id}]")),
        }
    };
    let validation = |expression: String, message: String| Validation {
        expression,
        message: Some(static_message.clone()),
        message_expression: Some(message),
        reason: Some("Invalid".to_owned()),
    };
    Some(match faults(rule)? {
        Faults::Conditions { at_fault, shared } => {
            let mut new = at_fault("c", WRITTEN);
            if let Some(shared) = shared {
                let mut same: Vec<String> = vec!["s.type == c.type".to_owned()];
                same.extend(shared.iter().map(|field| format!("s.{field} == c.{field}")));
                let is_stored = format!(
                    "{}.exists(s, {} && {})",
                    STORED.conditions,
                    same.join(" && "),
                    at_fault("s", STORED)
                );
                new = format!("{new}\n&& !{is_stored}");
                if rule != Rule::ConditionDuplicate {
                    new = format!("{new}\n&& !({})", is_ours("c"));
                }
                if rule == Rule::ConditionConflict {
                    let created = list(tables::types(Role::Created));
                    new = format!(
                        "{new}\n&& !variables.conditions.exists(d, d.type in {created} && {})",
                        is_ours("d")
                    );
                }
            }
            let found = format!("variables.{name}[0]");
            let message = format!(
                "'status.conditions: ' + {found}.type + ' is ' + {found}.status + ' (' + {found}.reason + ')'{} + {}",
                beside(rule, &found),
                explained(&found)
            );
            let all = if rule == Rule::ConditionDuplicate {
                "variables.wellShaped"
            } else {
                WRITTEN.conditions
            };
            (
                variable(&name, format!("{all}.filter(c, {new})")),
                validation(format!("size(variables.{name}) == 0"), message),
            )
        }
        Faults::Status {
            at_fault,
            inherited,
            quoted,
        } => {
            let new = at_fault(WRITTEN);
            let stored = at_fault(STORED);
            let new = match inherited {
                Inherited::Never => new,
                Inherited::Always => format!("{new}\n&& !({stored})"),
                Inherited::SamePhase => format!(
                    "{new}\n&& !({stored} && variables.stored.phase == variables.status.phase)"
                ),
            };
            let message = format!("'status: ' + string({quoted}) + {}", explained(""));
            (
                variable(&name, new),
                validation(format!("!variables.{name}"), message),
            )
        }
    })
}

/// What the rule compares a condition with, to be added to a text.
fn beside(rule: Rule, found: &str) -> String {
    match rule {
        Rule::PhaseConflict => " + ' in phase ' + variables.phase".to_owned(),
        Rule::FailureReasonMismatch => {
            " + ' beside failureDetails.reason ' + variables.status.failureDetails.reason"
                .to_owned()
        }
        Rule::SkipReasonMismatch => {
            " + ' beside skipDetails.reason ' + variables.status.skipDetails.reason".to_owned()
        }
        Rule::GenerationAhead => format!(
            " + ' of generation ' + string({found}.observedGeneration) + ' beside metadata.generation ' + string(object.metadata.generation)"
        ),
        Rule::TransitionTime => format!(" + ' since ' + {found}.lastTransitionTime"),
        _ => String::new(),
    }
}

/// What is allowed in the place of what was `found`, where a table says it.
fn allowed(rule: Rule, found: &str) -> Option<String> {
    let list = match rule {
        Rule::ConditionUnknownType => "variables.types".to_owned(),
        Rule::ReasonNotAllowed => {
            format!("variables.reasons[{found}.type + '/' + {found}.status]")
        }
        Rule::PhaseUnknown => "variables.phases".to_owned(),
        Rule::PhaseTransition => "variables.nextPhases[variables.formerPhase]".to_owned(),
        Rule::PhaseConflict => format!(
            "{}.filter(status, !(variables.phase + '/' + {found}.type + '/' + status in variables.conflicts))",
            tables::list(ConditionStatus::ALL.map(ConditionStatus::name))
        ),
        Rule::FailureReasonMismatch => {
            "variables.failures[variables.status.failureDetails.reason]".to_owned()
        }
        Rule::SkipReasonMismatch => {
            "variables.skips[variables.status.skipDetails.reason]".to_owned()
        }
        _ => return None,
    };
    Some(format!("({list}).join(', ')"))
}

/// The ids of all rules that are broken, for the audit log; a validation tells only the first.
pub(super) fn annotation(rules: &[Rule]) -> Option<AuditAnnotation> {
    let broken = rules.iter().filter_map(|rule| {
        let name = variable_name(*rule);
        let is_broken = match faults(*rule)? {
            Faults::Conditions { .. } => format!("size(variables.{name}) > 0"),
            Faults::Status { .. } => format!("variables.{name}"),
        };
        Some(format!(
            "({is_broken} ? [{}] : [])",
            tables::text(rule.id())
        ))
    });
    let broken = broken.collect::<Vec<_>>().join("\n+ ");
    (!broken.is_empty()).then(|| AuditAnnotation {
        key: "rules".to_owned(),
        // An empty text is no annotation.
        value_expression: format!("({broken}).join(',')"),
    })
}

/// `reason-format` to `reasonFormat`.
fn variable_name(rule: Rule) -> String {
    let mut words = rule.id().split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_ascii_uppercase() + rest
    })
}

/// Whether a condition is as the webhook wrote it and as it is stored.
fn is_ours(item: &str) -> String {
    format!(
        "has({item}.message) && type({item}.message) == string && {item}.message.endsWith('{MARK}') \
         && {item}.type + '/' + {item}.status + '/' + {item}.reason in variables.ours"
    )
}
