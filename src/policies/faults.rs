//! What each rule finds at fault, as CEL.

use super::tables::{self, list};
use crate::rules::Rule;
use crate::vocabulary::{Phase, Role};

/// Where the written or the stored status is.
#[derive(Clone, Copy)]
pub(super) struct View {
    status: &'static str,
    phase: &'static str,
    pub(super) conditions: &'static str,
    /// The stored conditions that a written one is compared with.
    stored: &'static str,
}

pub(super) const WRITTEN: View = View {
    status: "variables.status",
    phase: "variables.phase",
    conditions: "variables.conditions",
    // However they are shaped: what is stored may stay.
    stored: "variables.storedConditions",
};

/// The written status as completion sees it.
pub(super) const COMPLETED: View = View {
    stored: "variables.storedFirsts",
    ..WRITTEN
};

pub(super) const STORED: View = View {
    status: "variables.stored",
    phase: "variables.storedPhase",
    conditions: "variables.storedConditions",
    stored: "variables.storedConditions",
};

/// What a rule finds at fault.
pub(super) enum Faults {
    /// Conditions.
    Conditions {
        /// Whether the condition `c` is at fault.
        at_fault: fn(&str, View) -> String,
        /// What a stored condition of the same type must share for the fault to be stored already; `None`: nothing is
        /// inherited, as the rule itself compares with what is stored.
        shared: Option<&'static [&'static str]>,
    },
    /// The status as a whole.
    Status {
        /// Whether it is at fault.
        at_fault: fn(View) -> String,
        /// Whether a fault that is stored is inherited, and the field that must be the same then.
        inherited: Inherited,
        /// What the message quotes.
        quoted: &'static str,
    },
}

/// When a fault of the status is inherited.
#[derive(Clone, Copy)]
pub(super) enum Inherited {
    Never,
    Always,
    /// Where the phase is the stored one.
    SamePhase,
}

/// What a rule finds, where CEL can say it.
pub(super) fn faults(rule: Rule) -> Option<Faults> {
    let conditions = |at_fault, shared| Some(Faults::Conditions { at_fault, shared });
    let status = |at_fault, inherited, quoted| {
        Some(Faults::Status {
            at_fault,
            inherited,
            quoted,
        })
    };
    match rule {
        Rule::ConditionShape | Rule::ConditionMissing => None,
        Rule::ConditionDuplicate => conditions(duplicate, Some(&[])),
        Rule::ConditionUnknownType => conditions(unknown_type, Some(&[])),
        Rule::ReasonFormat => conditions(reason_format, Some(&["reason"])),
        Rule::ReasonNotAllowed => conditions(reason_not_allowed, Some(&["reason"])),
        Rule::PhaseUnknown => status(
            phase_unknown,
            Inherited::SamePhase,
            "variables.status.phase",
        ),
        Rule::PhaseTransition => status(
            phase_transition,
            Inherited::Never,
            "variables.formerPhase + ' to ' + variables.phase",
        ),
        Rule::PhaseConflict => conditions(phase_conflict, Some(&["status"])),
        Rule::ConditionConflict => conditions(condition_conflict, Some(&[])),
        Rule::FailureReasonMismatch => conditions(failure_mismatch, Some(&["reason"])),
        Rule::SkipReasonMismatch => conditions(skip_mismatch, Some(&["reason"])),
        Rule::FailureDetailsPhase => status(
            failure_details_phase,
            Inherited::Always,
            "'failureDetails in phase ' + variables.phase",
        ),
        Rule::SkipDetailsPhase => status(
            skip_details_phase,
            Inherited::Always,
            "(has(variables.status.skipDetails) && type(variables.status.skipDetails) == map ? 'skipDetails' : 'no skipDetails') + ' in phase ' + variables.phase",
        ),
        Rule::GenerationAhead => conditions(generation_ahead, None),
        Rule::TransitionTime => conditions(transition_time, None),
    }
}

fn is_third_partys(item: &str) -> String {
    let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    format!(
        "{item}.type.matches('^{label}([.]{label})*/[^/]+$') && {item}.type.indexOf('/') <= 253 \
         && !{item}.type.matches('^(.*[.])?kubernaut[.]ai/')"
    )
}

fn is_term(item: &str) -> String {
    format!("{item}.type in variables.types")
}

fn is_unknown(item: &str) -> String {
    format!(
        "!({}) && !({item}.type in variables.extraTypes) && !({})",
        is_term(item),
        is_third_partys(item)
    )
}

fn is_camel_case(item: &str) -> String {
    format!("{item}.reason.matches('^[A-Z][A-Za-z0-9]*$')")
}

/// Whether the reason is one that mismatch rules judge.
fn has_known_reason(item: &str) -> String {
    let key = format!("{item}.type + '/' + {item}.status");
    format!(
        "(!({key} in variables.reasons) || {item}.reason in variables.reasons[{key}]) && {}",
        is_camel_case(item)
    )
}

fn duplicate(item: &str, view: View) -> String {
    let all = if view.conditions == WRITTEN.conditions {
        "variables.wellShaped"
    } else {
        view.conditions
    };
    format!("{all}.filter(d, d.type == {item}.type).size() > 1")
}

fn unknown_type(item: &str, _: View) -> String {
    is_unknown(item)
}

fn reason_format(item: &str, _: View) -> String {
    format!("!({}) && !{}", is_unknown(item), is_camel_case(item))
}

fn reason_not_allowed(item: &str, _: View) -> String {
    let key = format!("{item}.type + '/' + {item}.status");
    format!(
        "{} && {} && {key} in variables.reasons && !({item}.reason in variables.reasons[{key}])",
        is_term(item),
        is_camel_case(item)
    )
}

fn phase_conflict(item: &str, view: View) -> String {
    format!(
        "{} && {} + '/' + {item}.type + '/' + {item}.status in variables.conflicts",
        is_term(item),
        view.phase
    )
}

fn condition_conflict(item: &str, view: View) -> String {
    let partners = [Role::Running, Role::Complete].map(tables::types).concat();
    format!(
        "{} && {item}.status == 'True' && {item}.type in {} && {}.exists(d, d.type in {} && d.type in variables.types && d.status == 'False')",
        is_term(item),
        list(partners),
        view.conditions,
        list(tables::types(Role::Created)),
    )
}

fn mismatch(
    item: &str,
    view: View,
    role: Role,
    status: &str,
    details: &str,
    table: &str,
) -> String {
    let details = format!("{}.{details}", view.status);
    format!(
        "{} && {item}.status == '{status}' && {item}.type in {} && {}\n\
         && has({details}) && type({details}) == map && has({details}.reason) && type({details}.reason) == string\n\
         && {details}.reason in {table} && !({item}.reason in {table}[{details}.reason])",
        is_term(item),
        list(tables::types(role)),
        has_known_reason(item),
    )
}

fn failure_mismatch(item: &str, view: View) -> String {
    format!(
        "{} && {}.failureDetails.reason in variables.failureReasons",
        mismatch(
            item,
            view,
            Role::Complete,
            "False",
            "failureDetails",
            "variables.failures"
        ),
        view.status
    )
}

fn skip_mismatch(item: &str, view: View) -> String {
    mismatch(
        item,
        view,
        Role::Lock,
        "True",
        "skipDetails",
        "variables.skips",
    )
}

fn generation_ahead(item: &str, view: View) -> String {
    format!(
        "has({item}.observedGeneration) && {item}.observedGeneration != null && has(object.metadata.generation)\n\
         && {item}.observedGeneration > object.metadata.generation\n\
         && !{}.exists(s, s.type == {item}.type && has(s.observedGeneration) \
         && s.observedGeneration == {item}.observedGeneration)",
        view.stored
    )
}

fn transition_time(item: &str, _: View) -> String {
    format!(
        "variables.storedFirsts.exists(s, s.type == {item}.type\n\
         && timestamp(s.lastTransitionTime) != timestamp({item}.lastTransitionTime)\n\
         && (s.status == {item}.status || timestamp({item}.lastTransitionTime) < timestamp(s.lastTransitionTime)))"
    )
}

fn phase_unknown(view: View) -> String {
    format!("{} == ''", view.phase)
}

fn phase_transition(_: View) -> String {
    "variables.formerPhase != '' && variables.phase != ''\n\
     && !(variables.phase in variables.nextPhases[variables.formerPhase])"
        .to_owned()
}

fn failure_details_phase(view: View) -> String {
    let failed = Phase::Failed.name();
    format!(
        "has({0}.failureDetails) && type({0}.failureDetails) == map && {1} != '' && {1} != '{failed}'",
        view.status, view.phase
    )
}

fn skip_details_phase(view: View) -> String {
    let skipped = Phase::Skipped.name();
    format!(
        "{1} != '' && ({1} == '{skipped}') != (has({0}.skipDetails) && type({0}.skipDetails) == map)",
        view.status, view.phase
    )
}
