//! Dry-run writes through the API server: one that must be refused, one that must be completed.
//!
//! Policies refuse and complete before a webhook is called. Beside them the writes have more conditions than policies read, so
//! that what happens is the webhook's doing.

pub(super) mod by_policies;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::line::CheckLine;
use super::reviews::{self, Conduct};
use super::visit::Direct;
use crate::check;
use crate::policies::MAX_CONDITIONS;
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

    /// How many conditions there are but for those that make the list long.
    fn conditions(&self) -> usize {
        let conditions = self.body["status"]["conditions"].as_array();
        let others = conditions.into_iter().flatten().filter(|condition| {
            let condition_type = condition["type"].as_str().unwrap_or_default();
            !condition_type.starts_with(FILLER)
        });
        others.count()
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

/// Which writes are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// As short as can be.
    Short,
    /// With more conditions than policies read.
    Long,
}

/// The beginning of the types of conditions that make a list long, and that nothing is wrong with.
const FILLER: &str = "doctor.example.com/Filler";

impl Length {
    fn fillers(self, time: &str) -> impl Iterator<Item = Value> {
        let count = match self {
            Self::Short => 0,
            Self::Long => MAX_CONDITIONS,
        };
        (0..count).map(move |at| reviews::condition(&format!("{FILLER}{at}"), time))
    }
}

/// The conditions to write so that the write must be refused: those that are there, and one of an unknown type.
pub(super) fn to_be_refused(object: &Value, now: Timestamp, length: Length) -> Value {
    let stored = object["status"]["conditions"].as_array();
    let mut conditions = stored.cloned().unwrap_or_default();
    conditions.retain(|condition| condition["type"] != reviews::UNKNOWN_TYPE);
    let time = second(now);
    conditions.push(reviews::unknown(&time));
    conditions.extend(length.fillers(&time));
    json!({"status": {"conditions": conditions}})
}

/// The write that must be completed: the conditions are left out.
pub(super) fn to_be_completed(now: Timestamp, length: Length) -> Value {
    let fillers: Vec<Value> = match length {
        Length::Short => return json!({"status": {"conditions": null}}),
        // One more, as nothing else is there.
        Length::Long => {
            let last = reviews::condition(&format!("{FILLER}s"), &second(now));
            length.fillers(&second(now)).chain([last]).collect()
        }
    };
    json!({"status": {"conditions": fillers}})
}

fn second(now: Timestamp) -> String {
    let second = Timestamp::from_second(now.as_second());
    second.unwrap_or(now).to_string()
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
    match written.conditions() {
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
pub(super) fn not_completable(object: &Value) -> CheckLine {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    CheckLine::warning(
        COMPLETED,
        format!("not checked: the status of {namespace}/{name} implies no condition"),
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
