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

#[cfg(test)]
mod tests {
    use crate::policy::Policy;
    use crate::review::Review;
    use crate::rules::Subject;
    use crate::status;
    use crate::vocabulary::{self, CURRENT_GROUP};

    #[test]
    fn every_vocabulary_is_shown_by_a_type_that_it_has_alone() {
        for vocabulary in vocabulary::ALL {
            let terms = vocabulary.terms.iter();
            let alone: Vec<_> = terms
                .map(|term| term.condition_type)
                .filter(|it| vocabulary.has_alone(it))
                .collect();
            assert!(!alone.is_empty(), "{}", vocabulary.name);
            for condition_type in alone {
                let review = format!(
                    r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{{"uid":"1",
                    "object":{{"status":{{"conditions":[{{"type":"{condition_type}"}}]}}}}}}}}"#
                );
                let review = Review::parse(&review).unwrap();
                let status = review.status().unwrap();
                let policy = Policy::default();
                let now = jiff::Timestamp::UNIX_EPOCH;
                let subject = Subject::new(CURRENT_GROUP, status, &status::EMPTY, &policy, now);
                assert_eq!(subject.vocabulary.name, vocabulary.name, "{condition_type}");
            }
        }
    }
}
