//! The dry-run writes that policies must stop or complete.

use serde_json::Value;

use super::super::line::CheckLine;
use super::super::policies::Bound;
use super::super::reviews;
use super::super::visit::Direct;
use super::WriteResponse;
use crate::rules::Rule;

const REFUSED: &str = "refusal by the policies";
const COMPLETED: &str = "completion by the policy";
/// In the text of each refusal and warning by a policy.
const BY_POLICY: &str = "ValidatingAdmissionPolicy";
const IN_FORCE: &str = "run it again, as a policy that was just applied is not in force yet; else look at --exempt-user and --exempt-group, and at the metric apiserver_validating_admission_policy_check_total";

/// The outcome of the write that the policy must stop.
pub(in super::super) fn refused(written: &WriteResponse, policy: &str, bound: &Bound) -> CheckLine {
    let mark = reviews::mark();
    let is_by_policy = |text: &str| text.contains(BY_POLICY) && text.contains(&mark);
    let is_refused = !written.is_stored() && written.message().contains(&mark);
    if is_refused && is_by_policy(written.message()) {
        return CheckLine::ok(
            REFUSED,
            format!("a write with an unknown condition type is refused by {policy}"),
        );
    }
    if !written.is_stored() && !is_refused {
        let problem = written.problem(REFUSED, Direct::default());
        return problem.unwrap_or_else(|| written.unexpected(REFUSED));
    }
    let is_warned = written.warnings.iter().any(|text| is_by_policy(text));
    let outcome = if is_refused {
        "a write with an unknown condition type is refused by the webhook alone"
    } else {
        "a write with an unknown condition type passes"
    };
    let soft = |how: String| {
        CheckLine::warning(
            REFUSED,
            format!("{outcome} {how}"),
            "nothing, if that is intended; else bind the rule to Deny, see docs/policies.md",
        )
    };
    if bound.does("Deny") {
        let text = format!("{outcome}, though {policy} is bound to Deny");
        return if bound.narrowed.is_empty() {
            CheckLine::error(REFUSED, text, IN_FORCE)
        } else {
            CheckLine::warning(
                REFUSED,
                format!("{text}: the policy or its binding leaves out writes"),
                "name an object that they do not leave out by --object NAMESPACE/NAME",
            )
        };
    }
    if is_warned {
        return soft(format!("with a warning, as {policy} is bound"));
    }
    if bound.does("Warn") {
        return CheckLine::error(
            REFUSED,
            format!("{outcome} without the warning of {policy}"),
            IN_FORCE,
        );
    }
    soft(format!(
        "as {policy} is bound to Audit: what it finds is in the audit log, which is not read here"
    ))
}

/// The refusal that was not tried, as no policy would stop the write.
pub(in super::super) fn not_held() -> CheckLine {
    CheckLine::warning(
        REFUSED,
        format!(
            "not checked: no policy that is bound has the rule {}",
            Rule::ConditionUnknownType.id()
        ),
        "nothing, if --rule has it off on purpose; else resolve the errors above",
    )
}

/// The outcome of the write that the policy must complete.
pub(in super::super) fn completed(
    written: &WriteResponse,
    object: &Value,
    bound: &Bound,
) -> CheckLine {
    if !written.is_stored() {
        let problem = written.problem(COMPLETED, Direct::default());
        return problem.unwrap_or_else(|| written.unexpected(COMPLETED));
    }
    let count = written.conditions();
    if count > 0 {
        return CheckLine::ok(
            COMPLETED,
            format!("a write without conditions is completed, by {count}"),
        );
    }
    let text = "a write without conditions was not completed";
    if !has_time_for_phase(&object["status"]) {
        return CheckLine::warning(
            COMPLETED,
            format!("not checked: {text}, as its status has no time to take over"),
            "name an object with a startTime by --object NAMESPACE/NAME",
        );
    }
    if !bound.narrowed.is_empty() {
        return CheckLine::warning(
            COMPLETED,
            format!("{text}: the policy or its binding leaves out writes"),
            "name an object that they do not leave out by --object NAMESPACE/NAME",
        );
    }
    CheckLine::error(COMPLETED, text, IN_FORCE)
}

/// Whether a status has a time that the conditions which its phase implies can have.
fn has_time_for_phase(status: &Value) -> bool {
    let fields: &[&str] = match status["phase"].as_str() {
        Some("Skipped") => &["/skipDetails/skippedAt"],
        _ => &["/startTime", "/completionTime", "/failureDetails/failedAt"],
    };
    fields
        .iter()
        .any(|field| status.pointer(field).is_some_and(Value::is_string))
}
