//! Rule by rule, what the policies hold and what is left to the webhook; and what of completion is.

use std::fmt::Write as _;

use super::MAX_CONDITIONS;
use super::faults::faults;
use super::variables::MAX_TIME;
use crate::rules::Rule;

/// What is left to the webhook, and why; empty where nothing is.
const fn left(rule: Rule) -> &'static str {
    match rule {
        Rule::ConditionShape => {
            "all of it: the schema of the CRD has most of the rule, and what it lets through only a strict reader of times finds"
        }
        Rule::TransitionTime => {
            "a time ahead of the clock: CEL has none. Within the years 2 to 9998 it holds the rest"
        }
        Rule::ConditionMissing => {
            "all of it: what is missing is what completion would add, and it depends on what fits beside the rest"
        }
        Rule::ConditionDuplicate
        | Rule::ConditionUnknownType
        | Rule::ReasonFormat
        | Rule::ReasonNotAllowed
        | Rule::PhaseUnknown
        | Rule::PhaseTransition
        | Rule::PhaseConflict
        | Rule::ConditionConflict
        | Rule::FailureReasonMismatch
        | Rule::SkipReasonMismatch
        | Rule::FailureDetailsPhase
        | Rule::SkipDetailsPhase
        | Rule::GenerationAhead => "",
    }
}

/// The report, as a table of Markdown and what holds of all rules.
pub(crate) fn report() -> String {
    let mut text = String::from(
        "| rule | held by the policies | left to the webhook, and why |\n|---|---|---|\n",
    );
    for rule in Rule::ALL {
        let held = match (faults(rule).is_some(), left(rule).is_empty()) {
            (false, _) => "no",
            (true, true) => "yes",
            (true, false) => "in part",
        };
        let _ = writeln!(text, "| `{}` | {held} | {} |", rule.id(), left(rule));
    }
    let _ = write!(
        text,
        "\nOf all rules the policies leave to the webhook:\n\n\
         * lists of more than {MAX_CONDITIONS} conditions, written or stored, whose conditions are neither judged nor completed: such a write is not \
         refused for them. The schema has no `maxItems`, and the cost of an expression is limited;\n\
         * conditions of a broken shape, and those with a time in year 1 or 9999 or of more than {MAX_TIME} characters, which are not judged: \
         another one of their type behind them is judged in their place. A number is an integer only where it is written as one: 1 and not 1.0;\n\
         * faults of stored conditions behind another of their type, or of a broken shape: they count as stored, so that a write \
         may keep them;\n\
         * all findings at once with their fields, suggestions, and metrics by rule: a policy tells the first rule that is broken, \
         and the first condition that breaks it. What it quotes is neither cut nor escaped.\n\
         \n\
         Of completion:\n\
         \n\
         * what no time is known for: a policy has no clock. A *created* or *running* condition is added where `startTime`, \
         `completionTime` or `failureDetails.failedAt` says when, a *complete* or *ready* one where one of the latter two does, a \
         *lock* one where `skipDetails.skippedAt` does, and any that is stored in the same status. Nothing is added or restored \
         behind one for which no time is known. A condition with the webhook's mark whose status changes at no known time, or that \
         does not fit beside such a one, is kept while it breaks no rule, else removed; the webhook beside the policy adds it at \
         the end of the list then, where alone it would renew it in its place;\n\
         * times ahead of the clock, which the webhook replaces by the clock: beside the policy it keeps them and finds \
         `transition-time`; and those in year 1 or 9999 or of more than {MAX_TIME} characters;\n\
         * rows of four and more conditions with the webhook's mark in which each excludes the next: not all that the webhook removes \
         are removed;\n\
         * texts with other characters than those of printable ASCII: the message says the phase instead;\n\
         * what another webhook changes in phase or details after it;\n\
         * the warning that an edit of such a condition was undone: beside the webhook the policy undoes it first.\n"
    );
    text
}
