//! `--vocabulary auto`, spec section 2: the new status alone decides.

use crate::status::Status;
use crate::vocabulary::{EXECUTION, FIRST_GROUP, Phase, TEKTON, Vocabulary};

/// What an object is judged by when nothing shows its vocabulary.
pub(super) static FALLBACK: &Vocabulary = &TEKTON;

/// The vocabulary that an object in `group` shows, where it shows one. The fields that the controller writes outweigh a
/// condition that another writer adds; `observedGeneration` is last, as the last Tekton releases wrote it too.
pub(super) fn vocabulary(group: &str, status: &Status<'_>) -> Option<&'static Vocabulary> {
    let has_type_of = |vocabulary: &Vocabulary| {
        status
            .readable_types()
            .any(|condition_type| vocabulary.has_alone(&condition_type))
    };
    if group == FIRST_GROUP {
        Some(&TEKTON)
    } else if status.execution_ref.is_some() || status.execution_status.is_some() {
        Some(&EXECUTION)
    } else if status.pipeline_run_ref.is_some()
        || status.pipeline_run_status.is_some()
        || status.skip_details.is_some()
        || status.phase() == Some(Phase::Skipped)
    {
        Some(&TEKTON)
    } else if has_type_of(&EXECUTION) {
        Some(&EXECUTION)
    } else if has_type_of(&TEKTON) {
        Some(&TEKTON)
    } else {
        status.observed_generation.map(|_| &EXECUTION)
    }
}
