//! What phase and details imply: the table of spec section 5.

use k8s_openapi::api::admissionregistration::v1::Variable;

use super::super::tables::{self, list, map, object, text};
use super::super::variables::{firsts_of, variable};
use super::is_object;
use crate::status::MARK;
use crate::vocabulary::{
    self, ConditionStatus, FailureReason, Phase, RUN_NOT_STARTED, Role, SkipReason, Vocabulary,
    lock_reasons,
};

/// The roles of implied conditions, in the order in which they are added.
const ROLES: [Role; 5] = [
    Role::Created,
    Role::Running,
    Role::Complete,
    Role::Ready,
    Role::Lock,
];

/// The webhook's own conditions and all others, what is known of the run, and the conditions that this implies.
pub(super) fn variables() -> Vec<Variable> {
    [conditions(), facts(), conclusions()].concat()
}

fn conditions() -> Vec<Variable> {
    let own = format!(
        "variables.listed.transformList(at, c, c in variables.wellShaped && c.type in variables.types && c.status != 'Unknown'\n\
         && has(c.message) && type(c.message) == string && c.message.endsWith({}),\n{})",
        text(MARK),
        object(&[("at", "at"), ("condition", "c")])
    );
    let foreign = |list: &str| {
        format!("variables.{list}.filter(c, !variables.own.exists(o, o.condition == c))")
    };
    vec![
        variable("own", own),
        variable("foreign", foreign("listed")),
        variable("foreignWellShaped", foreign("wellShaped")),
        variable("foreignConditions", firsts_of("foreignWellShaped")),
        variable("roles", by_vocabulary(types_of_roles)),
    ]
}

fn types_of_roles(vocabulary: &Vocabulary) -> String {
    let types = ROLES.into_iter().filter_map(|role| {
        let condition_type = vocabulary.term(role)?.condition_type;
        Some((role.to_string(), text(condition_type)))
    });
    map(types)
}

/// A map for each vocabulary, and the one of the object's vocabulary of them.
fn by_vocabulary(of: impl Fn(&'static Vocabulary) -> String) -> String {
    let maps = vocabulary::ALL
        .into_iter()
        .map(|vocabulary| (vocabulary.name.to_owned(), of(vocabulary)));
    format!("{}[variables.vocabulary]", map(maps))
}

fn facts() -> Vec<Variable> {
    let details = |field: &str, known: &str| {
        format!(
            "{0} && has(variables.status.{field}.reason)\n\
             && type(variables.status.{field}.reason) == string && variables.status.{field}.reason in {known}\n\
             ? string(variables.status.{field}.reason) : ''",
            is_object(field)
        )
    };
    let name = |field: &str, kind: &str| {
        format!(
            "{0} && has(variables.status.{field}.name)\n\
             && type(variables.status.{field}.name) == string && variables.status.{field}.name != '' ? '{kind} ' + variables.status.{field}.name",
            is_object(field)
        )
    };
    let run = format!(
        "{}\n: {}\n: ''",
        name("pipelineRunRef", "PipelineRun"),
        name("executionRef", "execution")
    );
    let run_statuses = ["pipelineRunStatus", "executionStatus"]
        .map(|field| format!("({} ? [variables.status.{field}] : [])", is_object(field)))
        .join("\n+ ");
    let was_created = format!(
        "variables.run != '' || variables.formerPhase == '{}'\n\
         || has(variables.status.startTime) && type(variables.status.startTime) == string && variables.status.startTime != ''\n\
         || (variables.foreignConditions + variables.storedFirsts).exists(c, c.type == variables.roles.created && c.status == 'True')",
        Phase::Running.name()
    );
    let not_started = format!(
        "variables.runStatuses.exists(s, has(s.reason) && type(s.reason) == string && s.reason in {})",
        list(RUN_NOT_STARTED.iter().copied())
    );
    let skips = list(SkipReason::ALL.iter().map(|reason| reason.name()));
    vec![
        variable("hasFailure", is_object("failureDetails")),
        variable(
            "failure",
            details("failureDetails", "variables.failureReasons"),
        ),
        variable("skip", details("skipDetails", &skips)),
        variable("run", run),
        variable("runStatuses", run_statuses),
        variable("hasNotStarted", not_started),
        variable("wasCreated", was_created),
        variable(
            "wasExecutionFailure",
            "variables.hasFailure && has(variables.status.failureDetails.wasExecutionFailure)\n\
             && variables.status.failureDetails.wasExecutionFailure == true",
        ),
    ]
}

/// The status that each role is implied to have, empty where none is, and the reasons that go with it.
fn conclusions() -> Vec<Variable> {
    let [running, completed, failed, skipped] = [
        Phase::Running,
        Phase::Completed,
        Phase::Failed,
        Phase::Skipped,
    ]
    .map(|phase| format!("variables.phase == '{}'", phase.name()));
    let statuses = map([
        (
            Role::Created,
            format!(
                "{running} || {completed} || {failed} && variables.wasCreated ? 'True' : {failed} && variables.hasFailure ? 'False' : ''"
            ),
        ),
        (
            Role::Running,
            format!(
                "{running} && !variables.hasNotStarted || {completed}\n\
                 || {failed} && variables.wasCreated && variables.wasExecutionFailure ? 'True' : ''"
            ),
        ),
        (
            Role::Complete,
            format!(
                "{completed} ? 'True' : {failed} && (variables.wasCreated || !variables.hasFailure) ? 'False' : ''"
            ),
        ),
        (
            Role::Ready,
            format!("{completed} ? 'True' : {failed} ? 'False' : ''"),
        ),
        (Role::Lock, format!("{skipped} ? 'True' : ''")),
    ]
    .map(|(role, status)| (role.to_string(), status)));
    let observed = "has(variables.status.observedGeneration) && type(variables.status.observedGeneration) == int\n\
         && variables.status.observedGeneration >= 0 && has(oldObject.metadata.generation)\n\
         && variables.status.observedGeneration <= oldObject.metadata.generation ? [variables.status.observedGeneration] : []";
    vec![
        variable("statuses", statuses),
        variable("impliedReasons", by_vocabulary(reasons)),
        variable(
            "cause",
            format!("{failed} ? variables.failure : variables.skip"),
        ),
        variable("observedGeneration", observed),
    ]
}

/// Role and status to the reason, and with the cause where that decides it.
fn reasons(vocabulary: &'static Vocabulary) -> String {
    let mut entries = Vec::new();
    for role in ROLES {
        let Some(term) = vocabulary.term(role) else {
            continue;
        };
        let by_cause = |cause: Option<FailureReason>| match role {
            Role::Created => vocabulary.created_false_reason(cause),
            Role::Complete => vocabulary.complete_false_reason(cause),
            _ => term.reasons_false.first().copied(),
        };
        let key = |status: ConditionStatus| format!("{role}/{}", status.name());
        if role == Role::Lock {
            for skip in SkipReason::ALL {
                let reason = lock_reasons(*skip).first().copied();
                entries.push((
                    format!("{}/{}", key(ConditionStatus::True), skip.name()),
                    reason,
                ));
            }
            continue;
        }
        entries.push((
            key(ConditionStatus::True),
            term.reasons_true.first().copied(),
        ));
        let usual = by_cause(None);
        entries.push((key(ConditionStatus::False), usual));
        let causes = vocabulary
            .failure_reasons
            .iter()
            .map(|cause| (cause, by_cause(Some(*cause))))
            .filter(|(_, reason)| *reason != usual);
        entries.extend(causes.map(|(cause, reason)| {
            (
                format!("{}/{}", key(ConditionStatus::False), cause.name()),
                reason,
            )
        }));
    }
    map(entries
        .into_iter()
        .filter_map(|(key, reason)| Some((key, text(reason?)))))
}

/// The conditions that are implied: `role`, `type`, `status` and `reason` of each.
pub(super) fn implied() -> String {
    let roles = ROLES.map(|role| role.to_string());
    let key = "role + '/' + variables.statuses[role]";
    let with_cause = format!("{key} + '/' + variables.cause");
    format!(
        "{}\n\
         .filter(role, role in variables.roles && ({with_cause} in variables.impliedReasons || {key} in variables.impliedReasons))\n\
         .map(role, {{\n  \
           'role': role,\n  \
           'type': variables.roles[role],\n  \
           'status': variables.statuses[role],\n  \
           'reason': {with_cause} in variables.impliedReasons ? variables.impliedReasons[{with_cause}] : variables.impliedReasons[{key}]\n\
         }})",
        tables::list(roles.iter().map(String::as_str)),
    )
}
