//! Section 2: the two vocabularies, copied from the tables of the specification.

/// A role with its type, its reasons when True and its reasons when False.
pub type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// One vocabulary.
pub struct Words {
    pub rows: &'static [Row],
    pub failures: &'static [&'static str],
    pub phases: &'static [&'static str],
    pub generic_failure: &'static str,
    pub generic_creation_failure: &'static str,
}

pub static TEKTON: Words = Words {
    rows: &[
        (
            "created",
            "TektonPipelineCreated",
            &["PipelineCreated"],
            &[
                "PipelineCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        ),
        (
            "running",
            "TektonPipelineRunning",
            &["PipelineStarted"],
            &["PipelineFailedToStart"],
        ),
        (
            "complete",
            "TektonPipelineComplete",
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
        ),
        (
            "audit",
            "AuditRecorded",
            &["AuditSucceeded"],
            &["AuditFailed"],
        ),
        (
            "lock",
            "ResourceLocked",
            &[
                "TargetResourceBusy",
                "RecentlyRemediated",
                "PreviousExecutionFailed",
                "ExhaustedRetries",
            ],
            &["ResourceAvailable"],
        ),
    ],
    failures: &[
        "OOMKilled",
        "DeadlineExceeded",
        "Forbidden",
        "ResourceExhausted",
        "ConfigurationError",
        "ImagePullBackOff",
        "TaskFailed",
        "Unknown",
    ],
    phases: &["Pending", "Running", "Completed", "Failed", "Skipped"],
    generic_failure: "PipelineFailed",
    generic_creation_failure: "PipelineCreationFailed",
};

pub static EXECUTION: Words = Words {
    rows: &[
        (
            "created",
            "ExecutionCreated",
            &["ExecutionCreated"],
            &[
                "ExecutionCreationFailed",
                "QuotaExceeded",
                "RBACDenied",
                "ImagePullFailed",
            ],
        ),
        (
            "running",
            "ExecutionRunning",
            &["ExecutionStarted"],
            &["ExecutionFailedToStart"],
        ),
        (
            "complete",
            "ExecutionComplete",
            &["ExecutionSucceeded"],
            &[
                "ExecutionFailed",
                "OOMKilled",
                "DeadlineExceeded",
                "Forbidden",
                "ResourceExhausted",
                "ConfigurationError",
                "ImagePullBackOff",
                "TaskFailed",
                "Unknown",
                "UnsupportedEngine",
                "Deduplicated",
            ],
        ),
        (
            "audit",
            "AuditRecorded",
            &["AuditSucceeded"],
            &["AuditFailed"],
        ),
        ("ready", "Ready", &["Ready"], &["NotReady"]),
        (
            "token",
            "TokenTTLInsufficient",
            &["TokenTTLShortened"],
            &["TokenTTLSufficient"],
        ),
    ],
    failures: &[
        "OOMKilled",
        "DeadlineExceeded",
        "Forbidden",
        "ResourceExhausted",
        "ConfigurationError",
        "ImagePullBackOff",
        "TaskFailed",
        "Unknown",
        "UnsupportedEngine",
        "Deduplicated",
    ],
    phases: &["Pending", "Running", "Completed", "Failed"],
    generic_failure: "ExecutionFailed",
    generic_creation_failure: "ExecutionCreationFailed",
};

/// `status.skipDetails.reason`.
pub const SKIPS: &[&str] = &[
    "ResourceBusy",
    "RecentlyRemediated",
    "ExhaustedRetries",
    "PreviousExecutionFailed",
];

impl Words {
    /// The row of a role, where the vocabulary has it.
    pub fn role(&self, role: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.0 == role)
    }

    /// The row of a condition type.
    pub fn row_of(&self, condition_type: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| row.1 == condition_type)
    }

    /// Whether a type is in this vocabulary and not in the other.
    pub fn alone_has(&self, other: &Words, condition_type: &str) -> bool {
        self.row_of(condition_type).is_some() && other.row_of(condition_type).is_none()
    }
}

/// Whether a type has a domain prefix of a third party.
pub fn is_third_party(condition_type: &str) -> bool {
    let parts: Vec<&str> = condition_type.split('/').collect();
    let [domain, name] = parts[..] else {
        return false;
    };
    let is_label = |label: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty()
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    !name.is_empty()
        && domain.len() <= 253
        && domain.split('.').all(is_label)
        && domain != "kubernaut.ai"
        && !domain.ends_with(".kubernaut.ai")
}
