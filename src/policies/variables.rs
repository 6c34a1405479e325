//! What all policies share: the status as written and as stored, its vocabulary, its phase, its conditions.

use k8s_openapi::api::admissionregistration::v1::Variable;

use super::MAX_CONDITIONS;
use super::tables::{self, list};
use crate::match_conditions::vocabulary_of;
use crate::policy::{Completion, Policy};
use crate::status::MARK;
use crate::vocabulary::{self, Phase, TEKTON};

/// A time whose year Go's and CEL's clocks can hold in any zone: a real day, upper-case, seconds below 60.
const TIME: &str = concat!(
    "^((000[2-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-",
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))",
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)",
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
);

/// The longest time that is read, in characters.
pub(super) const MAX_TIME: usize = 64;

pub(super) fn variable(name: &str, expression: impl Into<String>) -> Variable {
    Variable {
        name: name.to_owned(),
        expression: expression.into(),
    }
}

/// The condition under which a write is judged at all, where some users are exempt.
pub(super) fn exempt(policy: &Policy) -> Option<String> {
    let mut exempt = Vec::new();
    if !policy.exempt_users.is_empty() {
        let users = list(policy.exempt_users.iter().map(String::as_str));
        exempt.push(format!("request.userInfo.username in {users}"));
    }
    if !policy.exempt_groups.is_empty() {
        let groups = list(policy.exempt_groups.iter().map(String::as_str));
        exempt.push(format!(
            "has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in {groups})"
        ));
    }
    (!exempt.is_empty()).then(|| format!("!({})", exempt.join(" || ")))
}

/// All of them, each after those that it reads.
pub(super) fn shared(policy: &Policy) -> Vec<Variable> {
    [
        statuses(),
        vocabulary(policy),
        phases(),
        conditions(),
        tables(policy),
    ]
    .concat()
}

/// The status as written and as stored, and the items of the written list.
fn statuses() -> Vec<Variable> {
    let status = |object: &str| {
        format!(
            "{object} != null && has({object}.status) && type({object}.status) == map ? {object}.status : {{}}"
        )
    };
    // Where the stored list is not read, nothing is known to be inherited, so that nothing is judged.
    let listed = format!(
        "{} && !({})\n? {} : []",
        is_short_list("status"),
        is_stored_long(),
        objects("status")
    );
    vec![
        variable("status", status("object")),
        variable("stored", status("oldObject")),
        variable("listed", listed),
        variable(
            "listedTypes",
            "variables.listed.filter(c, has(c.type) && type(c.type) == string).map(c, c.type)",
        ),
    ]
}

/// The vocabulary that decides the names; without a sign of one it is the first.
fn vocabulary(policy: &Policy) -> Vec<Variable> {
    let sign = policy.vocabulary.pinned().map_or_else(
        || vocabulary_of("variables.status", "variables.listedTypes"),
        |vocabulary| tables::text(vocabulary.name),
    );
    let fallback = format!(
        "variables.sign == '' ? {} : variables.sign",
        tables::text(TEKTON.name)
    );
    let types = tables::by_vocabulary(|it| it.terms.iter().map(|term| term.condition_type));
    vec![
        variable("sign", sign),
        variable("vocabulary", fallback),
        variable("types", types),
        variable("extraTypes", list(extra_types(policy))),
    ]
}

/// The phases as written and as stored, empty where the vocabulary does not know them; the former one as any knows it.
fn phases() -> Vec<Variable> {
    let phase = |status: &str, known: &str| {
        format!(
            "!has(variables.{status}.phase) || variables.{status}.phase == null || variables.{status}.phase == '' ? '{}'\n\
             : variables.{status}.phase in {known} ? variables.{status}.phase : ''",
            Phase::Pending.name()
        )
    };
    let known = tables::by_vocabulary(|it| it.phases.iter().map(|phase| phase.name()));
    let by_any = list(Phase::ALL.iter().map(|phase| phase.name()));
    vec![
        variable("phases", known),
        variable("phase", phase("status", "variables.phases")),
        variable("storedPhase", phase("stored", "variables.phases")),
        variable("formerPhase", phase("stored", &by_any)),
    ]
}

/// The conditions that are judged, and those that are stored.
fn conditions() -> Vec<Variable> {
    // All that is stored, however it is shaped: a fault of any of them may stay.
    let stored = format!(
        "{}\n? {}.filter(c, {}) : []",
        is_short_list("stored"),
        objects("stored"),
        named("c")
    );
    vec![
        variable(
            "wellShaped",
            format!("variables.listed.filter(c, {})", well_shaped("c")),
        ),
        variable("conditions", firsts_of("wellShaped")),
        variable("storedConditions", stored),
        variable(
            "storedWellShaped",
            format!("variables.storedConditions.filter(c, {})", well_shaped("c")),
        ),
        variable("storedFirsts", firsts_of("storedWellShaped")),
    ]
}

fn tables(policy: &Policy) -> Vec<Variable> {
    let failure_reasons =
        tables::by_vocabulary(|it| it.failure_reasons.iter().map(|reason| reason.name()));
    vec![
        variable("reasons", tables::reasons(policy)),
        variable("conflicts", tables::conflicts()),
        variable("failures", tables::failures()),
        variable("failureReasons", failure_reasons),
        variable("skips", tables::skips()),
    ]
}

/// What validations alone read.
pub(super) fn of_validations(policy: &Policy) -> Vec<Variable> {
    vec![
        variable("nextPhases", tables::next_phases()),
        variable("ours", ours(policy)),
    ]
}

/// The first condition of each type of a list, which stands for it.
pub(super) fn firsts_of(list: &str) -> String {
    format!(
        "variables.{list}.transformList(at, c,\n\
         !variables.{list}.exists(before, d, before < at && d.type == c.type), c)"
    )
}

/// Whether the list of a status is one that is read.
pub(super) fn is_short_list(status: &str) -> String {
    format!(
        "has(variables.{status}.conditions) && type(variables.{status}.conditions) == list\n\
         && size(variables.{status}.conditions) <= {MAX_CONDITIONS}"
    )
}

/// Its items that are objects.
fn objects(status: &str) -> String {
    format!("variables.{status}.conditions.filter(c, type(c) == map)")
}

/// Whether the stored list is one that is not read.
pub(super) fn is_stored_long() -> String {
    format!(
        "has(variables.stored.conditions) && type(variables.stored.conditions) == list \
         && size(variables.stored.conditions) > {MAX_CONDITIONS}"
    )
}

/// Whether an item is a condition: what `condition-shape` asks for, as far as CEL can say it.
pub(super) fn well_shaped(item: &str) -> String {
    format!(
        "{}\n&& {}\n\
         && (!has({item}.message) || {item}.message == null || type({item}.message) == string && size({item}.message) <= 32768)\n\
         && (!has({item}.observedGeneration) || {item}.observedGeneration == null \
         || type({item}.observedGeneration) == int && {item}.observedGeneration >= 0)",
        named(item),
        has_time(item),
    )
}

fn has_time(item: &str) -> String {
    let time = format!("{item}.lastTransitionTime");
    format!("has({time}) && {}", is_time(&time))
}

/// Whether a value is a time that is read. The cost of matching grows with the text, which no schema limits.
pub(super) fn is_time(value: &str) -> String {
    format!("type({value}) == string && size({value}) <= {MAX_TIME} && {value}.matches('{TIME}')")
}

/// Whether type, status and reason of an item can be compared.
fn named(item: &str) -> String {
    format!(
        "has({item}.type) && type({item}.type) == string && size({item}.type) >= 1 && size({item}.type) <= 316\n\
         && has({item}.status) && {item}.status in ['True', 'False', 'Unknown']\n\
         && has({item}.reason) && type({item}.reason) == string && size({item}.reason) >= 1 && size({item}.reason) <= 1024"
    )
}

fn extra_types(policy: &Policy) -> Vec<&str> {
    let mut types: Vec<&str> = policy.extra_types.iter().map(String::as_str).collect();
    if policy.vocabulary.pinned().is_none() {
        let terms = vocabulary::ALL.into_iter().flat_map(|it| it.terms);
        types.extend(terms.map(|term| term.condition_type));
    }
    types
}

/// Type, status and reason of each stored condition that the webhook wrote: no finding about it blocks a writer.
fn ours(policy: &Policy) -> String {
    if policy.completion() != Completion::Patch {
        // A list of texts, as below, with none that a condition makes.
        return "['']".to_owned();
    }
    format!(
        "variables.storedConditions.filter(c, c.type in variables.types && c.status != 'Unknown'\n\
         && has(c.message) && type(c.message) == string && c.message.endsWith('{MARK}')).map(c, c.type + '/' + c.status + '/' + c.reason)"
    )
}
