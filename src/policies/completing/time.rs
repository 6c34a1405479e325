//! `lastTransitionTime` of a condition that is added, from the times of the status.

use k8s_openapi::api::admissionregistration::v1::Variable;

use super::super::variables::{is_time, variable};

/// The times that are known, the first of them first, for what began, what ended and what was skipped.
pub(super) fn variables() -> Vec<Variable> {
    let of_status = |field: &str| time(&format!("variables.status.{field}"));
    let of_details = |details: &str, field: &str| {
        format!(
            "({} && {} ? [variables.status.{details}.{field}] : [])",
            super::is_object(details),
            has_time(&format!("variables.status.{details}.{field}"))
        )
    };
    let ended = format!(
        "{}\n+ {}",
        of_status("completionTime"),
        of_details("failureDetails", "failedAt")
    );
    vec![
        variable("ended", ended),
        variable(
            "begun",
            format!("{}\n+ variables.ended", of_status("startTime")),
        ),
        variable("skipped", of_details("skipDetails", "skippedAt")),
    ]
}

fn has_time(field: &str) -> String {
    format!("has({field}) && {}", is_time(field))
}

fn time(field: &str) -> String {
    format!("({} ? [{field}] : [])", has_time(field))
}

/// The times of an implied condition with the stored one of its type, as a list whose first counts: cut to the second, and not
/// before the stored one's.
pub(super) fn known(implied: &str, stored: &str) -> String {
    let seconds = |time: &str| format!("int(timestamp({time}))");
    let whole = format!("timestamp({})", seconds("s.lastTransitionTime"));
    // A part of a second counts as a whole one.
    let earliest = format!(
        "{stored}.map(s, {} + (timestamp(s.lastTransitionTime) > {whole} ? 1 : 0))",
        seconds("s.lastTransitionTime")
    );
    format!(
        "({implied}.role == 'lock' ? variables.skipped\n\
         : {implied}.status == 'True' && {implied}.role in ['created', 'running'] ? variables.begun : variables.ended)\n\
         .map(t, string(timestamp({earliest}.exists(e, e > {0}) ? {earliest}[0] : {0})))",
        seconds("t")
    )
}
