//! When `/validate` has nothing to say: every finding would be inherited.

use super::list;

/// The fields that rules and the completion behind `condition-missing` read whole.
const FIELDS: [&str; 8] = [
    "conditions",
    "phase",
    "failureDetails",
    "skipDetails",
    "executionRef",
    "pipelineRunRef",
    "startTime",
    "observedGeneration",
];

/// Of these they read whether they are objects, and the reason. The other fields change while a run makes progress.
const RUN_STATUSES: [&str; 2] = ["executionStatus", "pipelineRunStatus"];

/// A status that is stored with the same values in all of those fields has the same findings, so that they are inherited.
/// Those that are never inherited compare with what is stored, and find no difference. The generation needs no comparison:
/// the API server puts the stored one into each status write.
pub(super) fn expression() -> String {
    format!(
        "\
[[object, oldObject]
  .map(it, type(it) == map && has(it.status) && type(it.status) == map ? it.status : {{}})
  .map(status,
    {fields}
      .map(field, field in status ? [status[field]] : [])
    + {run_statuses}
      .map(field, field in status && type(status[field]) == map
        ? ['reason' in status[field] ? status[field].reason : ''] : []))
].exists(both, both[0] != both[1])",
        fields = list(FIELDS),
        run_statuses = list(RUN_STATUSES),
    )
}
