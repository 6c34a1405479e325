//! `/mutate`: completes, and is silent otherwise.

use jiff::Timestamp;

use super::{DerivedCount, Made, Outcome, is_exempt, reason_label, type_label};
use crate::answer::{Response, derived_annotation, patch};
use crate::complete::{Written, complete};
use crate::policy::{Completion, Policy};
use crate::review::Review;
use crate::rules::Subject;
use crate::status::Status;

pub(super) fn mutate(
    review: &Review<'_>,
    policy: &Policy,
    now: Timestamp,
    response: &mut Response<'_>,
    made: &mut Made,
) -> Outcome {
    if is_exempt(review, policy) {
        return Outcome::Exempt;
    }
    let (Some(status), Completion::Patch | Completion::Audit) =
        (review.status(), policy.completion())
    else {
        return Outcome::Allowed;
    };
    let nothing = Status::default();
    let stored = review.stored_status().unwrap_or(&nothing);
    // What a PUT says of the generation is the writer's text until the API server has reset it.
    let generation = review.stored_generation().or(review.generation());
    let subject = Subject::new(&review.group, status, stored, policy, now)
        .with_generations(generation, review.stored_generation());
    let changes = complete(&subject);
    if changes.is_empty() {
        return Outcome::Allowed;
    }
    made.derived = changes
        .iter()
        .map(|change| {
            let Written {
                condition_type,
                status,
                reason,
                ..
            } = *change.condition();
            DerivedCount {
                condition: type_label(subject.vocabulary, condition_type),
                status: status.name(),
                reason: reason_label(subject.vocabulary, condition_type, status, reason),
                change: change.name(),
            }
        })
        .collect();
    response.annotate("derived", derived_annotation(&changes));
    if policy.completion() != Completion::Patch {
        return Outcome::Allowed;
    }
    let has_list = status.conditions.present().is_some();
    response.patch(&patch(&changes, has_list));
    Outcome::Patched
}
