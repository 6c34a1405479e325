use std::fmt::Write as _;

use super::layout::{block, wrapped};
use super::{EXAMPLES, phase_table, refusal, why};
use crate::rules::{Action, Rule};
use crate::vocabulary;

pub(super) fn explanation(rule: Rule) -> String {
    let mut text = format!("{rule} is a rule.\n\n");
    text += &wrapped(&format!("It holds when {}.", rule.holds()), 0);
    text.push('\n');
    text += &wrapped(why(rule), 0);
    if rule == Rule::PhaseConflict {
        phase_tables(&mut text);
    }
    if let Some(example) = EXAMPLES.iter().find(|example| example.rule == rule) {
        if !example.stored.is_empty() {
            block(&mut text, "With this status stored", example.stored);
        }
        block(&mut text, heading(rule.default_action()), example.broken);
        if let Some(refusal) = refusal(example) {
            let said = format!("{}: {}", refusal.field, refusal.message);
            block(&mut text, "It says", &wrapped(&said, 0));
        }
        block(&mut text, "Fixed", example.fixed);
    }
    another_action(&mut text, rule);
    text
}

/// What happens to a write that breaks a rule with this action.
const fn heading(action: Action) -> &'static str {
    match action {
        Action::Deny => "By default a write that breaks it is refused (deny), such as",
        Action::Warn => "By default the writer of what breaks it is warned (warn), such as of",
        Action::Audit => "By default what breaks it is counted and annotated (audit), such as",
        Action::Off => "By default it is not judged (off); it would find",
    }
}

fn phase_tables(text: &mut String) {
    for vocabulary in vocabulary::ALL {
        text.push('\n');
        text.push_str(&phase_table::table(vocabulary));
    }
    text.push_str("\n-: absent or Unknown; not True: anything but True; nothing: anything.\n");
}

fn another_action(text: &mut String, rule: Rule) {
    let (to, action) = match rule.default_action() {
        Action::Warn => ("refuse instead", Action::Deny),
        Action::Deny | Action::Audit | Action::Off => ("warn instead", Action::Warn),
    };
    let action = action.name();
    let ways = format!(
        "flag         --rule {rule}={action}\n\
         variable     WFE_WEBHOOK_RULE={rule}={action}\n\
         chart value  policy.rules.{rule}={action}"
    );
    block(text, &format!("To have it {to}"), &ways);
    let _ = writeln!(
        text,
        "\nThe actions are off, audit, warn and deny; --mode caps those of all rules."
    );
}
