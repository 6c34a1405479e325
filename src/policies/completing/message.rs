//! The messages, the same as the webhook's.

use k8s_openapi::api::admissionregistration::v1::Variable;

use super::super::tables::{map, text};
use super::super::variables::variable;
use super::is_object;
use crate::complete::MAX_CHARS;
use crate::status::MARK;
use crate::vocabulary::{Phase, Role};

/// What was observed, and the message for each role.
pub(super) fn variables() -> Vec<Variable> {
    let status = |field: &str| format!("variables.status.{field}");
    let of_details = |details: &str| {
        format!(
            "{} ? ({}) : ''",
            is_object(details),
            quoted(&format!("variables.status.{details}.message"))
        )
    };
    let failure = "variables.failureMessage != '' ? variables.failureMessage\n\
         : variables.failureReason != '' ? variables.failureReason\n\
         : variables.failure != '' ? 'failed: ' + variables.failure : ''";
    let tasks = "variables.runStatuses.filter(s, has(s.completedTasks) && type(s.completedTasks) == int && s.completedTasks >= 0\n\
         && has(s.totalTasks) && type(s.totalTasks) == int && s.totalTasks >= 0)";
    let progress = format!(
        "variables.phase == '{}' && size(variables.tasks) > 0 && variables.tasks[0].totalTasks > 0\n\
         ? string(variables.tasks[0].completedTasks) + ' of ' + string(variables.tasks[0].totalTasks) + ' tasks completed'\n\
         : variables.run != '' ? variables.run + ' started' : ''",
        Phase::Running.name()
    );
    let all_tasks = "size(variables.tasks) > 0 && variables.tasks[0].totalTasks > 0\n\
         && variables.tasks[0].completedTasks == variables.tasks[0].totalTasks\n\
         ? 'all ' + string(variables.tasks[0].totalTasks) + ' tasks completed' : ''";
    let success = "variables.allTasks == '' && variables.duration == '' ? ''\n\
         : (variables.allTasks == '' ? 'completed' : variables.allTasks) + (variables.duration == '' ? '' : ' in ' + variables.duration)";
    let by_role = |role: Role, observed: &str| (role.to_string(), observed.to_owned());
    let observed = map([
        by_role(
            Role::Created,
            "variables.statuses.created == 'False' ? variables.failed : variables.run == '' ? '' : variables.run + ' was created'",
        ),
        by_role(Role::Running, "variables.progress"),
        by_role(
            Role::Complete,
            "variables.statuses.complete == 'False' ? variables.failed : variables.success",
        ),
        by_role(
            Role::Ready,
            "variables.statuses.ready == 'False' ? variables.failed : variables.success",
        ),
        by_role(Role::Lock, "variables.skipMessage"),
    ]);
    let most = MAX_CHARS - MARK.len();
    let messages = format!(
        "variables.observed.transformMap(role, text, size(text) > {most} ? text.substring(0, {most}) : text)\n\
         .transformMap(role, text, (text != '' && text.matches('^[ -~]*$') ? text : 'phase is ' + variables.phase) + {})",
        self::text(MARK)
    );
    vec![
        variable("failureMessage", of_details("failureDetails")),
        variable("failureReason", quoted(&status("failureReason"))),
        variable("failed", failure),
        variable("skipMessage", of_details("skipDetails")),
        variable("duration", quoted(&status("duration"))),
        variable("tasks", tasks),
        variable("progress", progress),
        variable("allTasks", all_tasks),
        variable("success", success),
        variable("observed", observed),
        variable("messages", messages),
    ]
}

/// A text of the status; empty where it has none.
fn quoted(text: &str) -> String {
    format!("has({text}) && type({text}) == string && {text}.trim() != '' ? string({text}) : ''")
}
