//! A variable for each rule, with what is wrong and new, and a validation that there is nothing.

use k8s_openapi::api::admissionregistration::v1::{Validation, Variable};

use super::faults::{Faults, Inherited, STORED, WRITTEN, faults};
use super::tables::{self, list};
use super::variables::variable;
use crate::rules::Rule;
use crate::status::MARK;
use crate::vocabulary::Role;

/// The variable of a rule and its validation, where CEL can say the rule.
pub(super) fn validation(rule: Rule) -> Option<(Variable, Validation)> {
    let name = variable_name(rule);
    let id = rule.id();
    let static_message = format!("{} [{id}]", rule.holds().replace('`', "\""));
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
            let found = format!("variables.{name}");
            let message = format!(
                "'status.conditions: ' + {found}[0].type + ' is ' + {found}[0].status + ' (' + {found}[0].reason + '): ' + {}",
                tables::text(&static_message)
            );
            let all = if rule == Rule::ConditionDuplicate {
                "variables.wellShaped"
            } else {
                WRITTEN.conditions
            };
            (
                variable(&name, format!("{all}.filter(c, {new})")),
                validation(format!("size({found}) == 0"), message),
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
            let message = format!(
                "'status: ' + string({quoted}) + ': ' + {}",
                tables::text(&static_message)
            );
            (
                variable(&name, new),
                validation(format!("!variables.{name}"), message),
            )
        }
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
