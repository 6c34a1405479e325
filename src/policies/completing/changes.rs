//! What is added, renewed and removed, as a JSON patch that touches nothing else.

use k8s_openapi::api::admissionregistration::v1::Variable;

use super::super::faults::{COMPLETED, Faults, faults};
use super::super::tables::{list, object, text, types};
use super::super::variables::{is_short_list, is_stored_long, variable, well_shaped};
use super::{implied, time};
use crate::rules::Rule;
use crate::status::MARK;
use crate::vocabulary::Role;

/// Whether the list can be completed, what is planned, and what comes of it.
pub(super) fn variables() -> Vec<Variable> {
    [plan(), results()].concat()
}

/// For each implied condition that fits: the own one and the stored one of its type, whether that comes back as it was, and the
/// time of a new one. Then the own ones that none of this is about, and those of them that no longer fit.
fn plan() -> Vec<Variable> {
    let completes = format!(
        "variables.sign != '' && has(object.status) && type(object.status) == map && !({})\n\
         && (!has(variables.status.conditions) || variables.status.conditions == null || {})\n\
         && (!has(variables.status.conditions) || variables.status.conditions == null\n    \
             || size(variables.listedTypes) == size(variables.status.conditions))",
        is_stored_long(),
        is_short_list("status"),
    );
    let fits = format!(
        "!variables.foreign.exists(c, c.type == i.type)\n&& !({})",
        conflicts("i", "variables.foreignConditions")
    );
    let candidates = format!(
        "variables.implied.filter(i, {fits})\n.map(i, {})",
        object(&[
            ("implied", "i"),
            (
                "own",
                "variables.own.filter(o, o.condition.type == i.type\n    \
                 && !variables.own.exists(e, e.at < o.at && e.condition.type == i.type))"
            ),
            (
                "stored",
                "variables.storedFirsts.filter(s, s.type == i.type)"
            ),
        ])
    );
    let restored = format!(
        "c.stored.filter(r, size(c.own) == 0 && {})",
        is_restorable()
    );
    let standing = "(c.own.map(o, o.condition) + c.stored).filter(s, s.status == c.implied.status)";
    let time = format!(
        "{standing}.exists(s, true) ? [{standing}[0].lastTransitionTime] : {}",
        time::known("c.implied", "c.stored")
    );
    let timed = format!(
        "variables.candidates.map(c, {})",
        object(&[
            ("implied", "c.implied"),
            ("own", "c.own"),
            ("restored", &restored),
            ("times", &time),
        ])
    );
    // What the webhook adds by its clock would stand before what is added after it here.
    let planned = "variables.timed.transformList(at, c, size(c.restored) + size(c.times) > 0\n\
         && (size(c.own) > 0 || !variables.timed.exists(before, b, before < at && size(b.own) + size(b.restored) + size(b.times) == 0)), c)";
    let left =
        "variables.own.filter(o, !variables.planned.exists(c, c.own.exists(first, first == o)))";
    let fitting = format!(
        "variables.left.filter(o, !({})\n\
         && !variables.foreignConditions.exists(d, {excluded})\n\
         && !variables.planned.map(c, c.implied).exists(d, {excluded}))",
        is_at_fault("o.condition"),
        excluded = is_excluded("o.condition", "d"),
    );
    let is_after = |one: &str, other: &str| {
        format!(
            "{other}.at < {one}.at && ({})",
            is_excluded(&format!("{one}.condition"), &format!("{other}.condition"))
        )
    };
    // The cost grows with each further one that is looked at: a longer row is left to the webhook, as the report says.
    let removed = format!(
        "variables.left.filter(o, !(o in variables.fitting)\n\
         || variables.fitting.exists(e, {}\n  && !variables.fitting.exists(f, {})))",
        is_after("o", "e"),
        is_after("e", "f"),
    );
    vec![
        variable("completes", completes),
        variable("implied", implied::implied()),
        variable("candidates", candidates),
        variable("timed", timed),
        variable("planned", planned),
        variable("left", left),
        variable("fitting", fitting),
        variable("removed", removed),
    ]
}

/// Whether one of two conditions says that nothing was created, and the other that it runs or has completed.
fn conflict(one: &str, other: &str) -> String {
    let created = list(types(Role::Created));
    let partners = list([Role::Running, Role::Complete].map(types).concat());
    let excludes = |one: &str, other: &str| {
        format!(
            "{one}.type in {created} && {one}.status == 'False' && {other}.type in {partners} && {other}.status == 'True'"
        )
    };
    format!("{}\n|| {}", excludes(one, other), excludes(other, one))
}

/// Whether a condition cannot stand beside another.
fn is_excluded(item: &str, other: &str) -> String {
    format!("{item}.type == {other}.type || {}", conflict(item, other))
}

/// Whether a condition and one of the list exclude each other.
fn conflicts(item: &str, all: &str) -> String {
    format!("{all}.exists(d, {})", conflict(item, "d"))
}

/// Whether a condition is as it is implied.
fn is_as_implied(item: &str, implied: &str) -> String {
    format!(
        "{item}.status == {implied}.status && {item}.reason == {implied}.reason && has({item}.message)\n\
         && {item}.message == variables.messages[{implied}.role] && {} == variables.observedGeneration",
        observed_generation(item)
    )
}

fn observed_generation(item: &str) -> String {
    format!(
        "(has({item}.observedGeneration) && {item}.observedGeneration != null ? [{item}.observedGeneration] : [])"
    )
}

/// Whether the stored condition `r` of the candidate `c` comes back as it was.
fn is_restorable() -> String {
    format!(
        "r.status == c.implied.status && {}\n\
         && !(has(oldObject.metadata.generation) && {}.exists(g, g > oldObject.metadata.generation))\n\
         && (!(has(r.message) && type(r.message) == string && r.message.endsWith({})) || {})\n\
         && !({})",
        well_shaped("r"),
        observed_generation("r"),
        text(MARK),
        is_as_implied("r", "c.implied"),
        is_at_fault("r"),
    )
}

/// Whether a condition breaks a rule by itself.
fn is_at_fault(item: &str) -> String {
    let rules = [
        Rule::ReasonFormat,
        Rule::ReasonNotAllowed,
        Rule::PhaseConflict,
        Rule::FailureReasonMismatch,
        Rule::SkipReasonMismatch,
        Rule::GenerationAhead,
    ];
    let faults = rules.into_iter().filter_map(|rule| match faults(rule)? {
        Faults::Conditions { at_fault, .. } => Some(format!("({})", at_fault(item, COMPLETED))),
        Faults::Status { .. } => None,
    });
    faults.collect::<Vec<_>>().join("\n|| ")
}

/// The conditions that are added, and those that are renewed with their places.
fn results() -> Vec<Variable> {
    let derived = object(&[
        ("type", "c.implied.type"),
        ("status", "c.implied.status"),
        ("reason", "c.implied.reason"),
        ("message", "variables.messages[c.implied.role]"),
        ("lastTransitionTime", "t"),
        ("?observedGeneration", "variables.observedGeneration[?0]"),
    ]);
    let known = |field: &str| {
        format!("has(r.{field}) && r.{field} != null ? optional.of(r.{field}) : optional.none()")
    };
    let restored = object(&[
        ("type", "r.type"),
        ("status", "r.status"),
        ("reason", "r.reason"),
        ("?message", &known("message")),
        ("lastTransitionTime", "r.lastTransitionTime"),
        ("?observedGeneration", &known("observedGeneration")),
    ]);
    let added = format!(
        "variables.planned.filter(c, size(c.own) == 0).map(c, (c.restored.map(r, {restored})\n+ c.times.map(t, {derived}))[0])"
    );
    let renewal = object(&[
        ("at", "c.own[0].at"),
        ("condition", &format!("c.times.map(t, {derived})[0]")),
    ]);
    let renewed = format!(
        "variables.planned.filter(c, c.own.exists(o, !({})))\n.map(c, {renewal})",
        is_as_implied("o.condition", "c.implied"),
    );
    vec![variable("added", added), variable("renewed", renewed)]
}

/// The patch: as spec section 5 orders it, so that no index moves before its turn.
pub(super) fn patch() -> String {
    "!variables.completes ? []\n\
     : variables.renewed.map(o, JSONPatch{op: 'replace', path: '/status/conditions/' + string(o.at), value: o.condition})\n\
     + variables.removed.map(o, JSONPatch{op: 'remove',\n    \
         path: '/status/conditions/' + string(o.at - variables.removed.filter(e, e.at < o.at).size())})\n\
     + (has(variables.status.conditions) && variables.status.conditions != null\n  \
         ? variables.added.map(c, JSONPatch{op: 'add', path: '/status/conditions/-', value: c})\n  \
         : size(variables.added) > 0 ? [JSONPatch{op: 'add', path: '/status/conditions', value: variables.added}] : [])"
        .to_owned()
}
