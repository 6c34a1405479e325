//! Two dry-run writes through the API server: one that must be refused, one that must be completed.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::line::CheckLine;
use super::reviews::{self, Conduct};
use super::visit::Direct;
use crate::check;
use crate::policy::Policy;

/// What keeps the API server from a server that answers when it is asked directly.
const NETWORK: &str = "the server itself answers here, so the network between the API server and the pods is the likeliest cause";
const OPEN_NETWORK: &str = "open port 8443 of the pods to the control plane (firewall rule, security group, NetworkPolicy): control planes of managed clusters reach pods on few ports";
const OTHER_CAUSES: &str = "if it is open, look at --exempt-user and --exempt-group, and at the API server's log for \"failed calling webhook\"";

const REFUSED: &str = "refusal through the API server";
const COMPLETED: &str = "completion through the API server";

/// How the API server answered a write.
#[derive(Clone, Debug)]
pub(super) struct WriteResponse {
    /// The HTTP status.
    pub code: u16,
    /// The headers `Warning`.
    pub warnings: Vec<String>,
    /// The object, or a `Status`.
    pub body: Value,
}

impl WriteResponse {
    fn is_stored(&self) -> bool {
        (200..300).contains(&self.code)
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or("no message")
    }

    /// What neither of the two writes should meet.
    fn problem(&self, about: &str, direct: Direct) -> Option<CheckLine> {
        let message = self.message();
        if self.is_stored() {
            return None;
        }
        if message.contains("failed calling webhook") {
            if direct.answers() && !message.contains("x509: ") {
                return Some(CheckLine::error(
                    about,
                    format!("the API server cannot call the webhook: {message}; {NETWORK}"),
                    format!(
                        "{OPEN_NETWORK}; to let writes pass meanwhile, set failurePolicy to Ignore"
                    ),
                ));
            }
            return Some(CheckLine::error(
                about,
                format!("the API server cannot call the webhook: {message}"),
                "resolve the errors above; to let writes pass meanwhile, set failurePolicy to Ignore",
            ));
        }
        if self.code == 403 && message.contains("cannot patch resource") {
            return Some(CheckLine::warning(
                about,
                format!("not checked: {message}"),
                "grant patch of workflowexecutions/status, see docs/doctor.md",
            ));
        }
        None
    }

    fn unexpected(&self, about: &str) -> CheckLine {
        CheckLine::warning(
            about,
            format!("not checked: HTTP {}: {}", self.code, self.message()),
            "name another object by --object NAMESPACE/NAME",
        )
    }
}

/// The conditions to write so that the write must be refused: those that are there, and one of an unknown type.
pub(super) fn to_be_refused(object: &Value, now: Timestamp) -> Value {
    let stored = object["status"]["conditions"].as_array();
    let mut conditions = stored.cloned().unwrap_or_default();
    conditions.retain(|condition| condition["type"] != reviews::UNKNOWN_TYPE);
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    conditions.push(reviews::unknown(&second.to_string()));
    json!({"status": {"conditions": conditions}})
}

/// The write that must be completed: the conditions are left out.
pub(super) fn to_be_completed() -> Value {
    json!({"status": {"conditions": null}})
}

/// Whether leaving out the conditions of an object would have them derived again.
pub(super) fn is_completable(object: &Value, now: Timestamp) -> bool {
    let mut bare = object.clone();
    if let Some(status) = bare["status"].as_object_mut() {
        status.remove("conditions");
    }
    check::would_complete(&bare.to_string(), &Policy::default(), now)
}

/// The outcome of the write that must be refused. `direct` is how the server itself answers.
pub(super) fn refused(written: &WriteResponse, direct: Direct) -> CheckLine {
    let mark = reviews::mark();
    if !written.is_stored() && written.message().contains(&mark) {
        return CheckLine::ok(REFUSED, "a write with an unknown condition type is refused");
    }
    if let Some(problem) = written.problem(REFUSED, direct) {
        return problem;
    }
    if !written.is_stored() {
        return written.unexpected(REFUSED);
    }
    let warned = written
        .warnings
        .iter()
        .any(|warning| warning.contains(&mark));
    if warned || direct.conduct == Some(Conduct::Refrains) {
        return CheckLine::warning(
            REFUSED,
            "a write with an unknown condition type is not refused, as the server's --mode or --rule has it",
            "nothing, if that is intended; else serve with --mode enforce",
        );
    }
    if direct.answers() {
        return CheckLine::error(
            REFUSED,
            format!(
                "a write with an unknown condition type passed: the API server did not call /validate, or could not and failurePolicy is Ignore; {NETWORK}"
            ),
            format!("{OPEN_NETWORK}; {OTHER_CAUSES}"),
        );
    }
    CheckLine::error(
        REFUSED,
        "a write with an unknown condition type passed: the API server did not call /validate, or could not and failurePolicy is Ignore",
        "resolve the errors above; if there are none, look at --mode, --exempt-user and --exempt-group, and at the API server's log for \"failed calling webhook\"",
    )
}

/// The outcome of the write that must be completed, likewise.
pub(super) fn completed(written: &WriteResponse, direct: Direct) -> CheckLine {
    if let Some(problem) = written.problem(COMPLETED, direct) {
        return problem;
    }
    if !written.is_stored() {
        return written.unexpected(COMPLETED);
    }
    let conditions = written.body["status"]["conditions"].as_array();
    match conditions.map_or(0, Vec::len) {
        0 if direct.conduct == Some(Conduct::Refrains) => CheckLine::warning(
            COMPLETED,
            "a write without conditions is not completed, as the server's --completion or --mode has it",
            "nothing, if that is intended; else serve without it",
        ),
        0 if direct.answers() => CheckLine::error(
            COMPLETED,
            format!(
                "a write without conditions was not completed: the API server did not call /mutate, or could not; {NETWORK}"
            ),
            format!("{OPEN_NETWORK}; {OTHER_CAUSES}"),
        ),
        0 => CheckLine::error(
            COMPLETED,
            "a write without conditions was not completed: the API server did not call /mutate, or could not",
            "resolve the errors above; if there are none, look at --completion, --mode, --exempt-user and --exempt-group, and at the API server's log for \"failed calling webhook\"",
        ),
        count => CheckLine::ok(
            COMPLETED,
            format!("a write without conditions is completed, by {count}"),
        ),
    }
}

/// The completion that was not tried, as the object implies no condition.
pub(super) fn not_completable(object: &str) -> CheckLine {
    CheckLine::warning(
        COMPLETED,
        format!("not checked: the status of {object} implies no condition"),
        "name an object whose run has been created by --object NAMESPACE/NAME",
    )
}

/// The dry runs that could not be tried.
pub(super) fn no_object() -> CheckLine {
    CheckLine::warning(
        REFUSED,
        "not checked: there is no WorkflowExecution to try it with",
        "run it again when there is one",
    )
}
