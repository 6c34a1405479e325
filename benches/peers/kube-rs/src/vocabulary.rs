//! Names, and what phases require of conditions.

pub const GROUP: &str = "workflowexecution.kubernaut.ai";

pub const CREATED: &str = "TektonPipelineCreated";
pub const RUNNING: &str = "TektonPipelineRunning";
pub const COMPLETE: &str = "TektonPipelineComplete";
pub const LOCK: &str = "ResourceLocked";

pub const PHASES: [&str; 5] = ["Pending", "Running", "Completed", "Failed", "Skipped"];

/// The reasons of a type, when True and when False; nothing for a type that is unknown.
pub fn reasons(condition_type: &str) -> Option<[&'static [&'static str]; 2]> {
    Some(match condition_type {
        CREATED => [
            &["PipelineCreated"],
            &[
                "PipelineCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        ],
        RUNNING => [&["PipelineStarted"], &["PipelineFailedToStart"]],
        COMPLETE => [
            &["PipelineSucceeded"],
            &[
                "PipelineFailed",
                "OOMKilled",
                "DeadlineExceeded",
                "Forbidden",
                "ResourceExhausted",
                "ConfigurationError",
                "ImagePullBackOff",
                "TaskFailed",
                "Unknown",
            ],
        ],
        "AuditRecorded" => [&["AuditSucceeded"], &["AuditFailed"]],
        LOCK => [
            &[
                "TargetResourceBusy",
                "RecentlyRemediated",
                "PreviousExecutionFailed",
                "ExhaustedRetries",
            ],
            &["ResourceAvailable"],
        ],
        _ => return None,
    })
}

/// The statuses that a phase forbids a condition, for each of [`PHASES`].
pub fn forbidden(condition_type: &str) -> [&'static [&'static str]; 5] {
    const BOTH: &[&str] = &["True", "False"];
    const TRUE: &[&str] = &["True"];
    const FALSE: &[&str] = &["False"];
    match condition_type {
        CREATED => [&[], FALSE, FALSE, &[], BOTH],
        RUNNING => [TRUE, &[], &[], &[], BOTH],
        COMPLETE => [BOTH, BOTH, FALSE, TRUE, BOTH],
        LOCK => [&[], TRUE, TRUE, TRUE, FALSE],
        _ => [&[]; 5],
    }
}

/// The reasons of a lock that agree with one of `skipDetails`; the first is the usual one.
pub fn skip_reasons(reason: &str) -> &'static [&'static str] {
    match reason {
        "ResourceBusy" => &["TargetResourceBusy"],
        "RecentlyRemediated" => &["RecentlyRemediated"],
        "PreviousExecutionFailed" => &["PreviousExecutionFailed", "RecentlyRemediated"],
        "ExhaustedRetries" => &[
            "ExhaustedRetries",
            "RecentlyRemediated",
            "PreviousExecutionFailed",
        ],
        _ => &[],
    }
}

/// Whether a type has a domain that is not kubernaut's.
pub fn is_third_party(condition_type: &str) -> bool {
    condition_type
        .split_once('/')
        .is_some_and(|(domain, _)| domain != "kubernaut.ai" && !domain.ends_with(".kubernaut.ai"))
}

pub fn is_camel_case(reason: &str) -> bool {
    reason.starts_with(|first: char| first.is_ascii_uppercase())
        && reason.chars().all(|letter| letter.is_ascii_alphanumeric())
}
