//! A lenient, borrowed view of one `WorkflowExecution` status: any JSON shape is a value, never an error.

mod condition;
mod details;
mod shape;
mod time;

use std::borrow::Cow;

pub use crate::vocabulary::ConditionStatus;
pub use condition::{Condition, Firsts, Item, MARK};
pub use details::{FailureDetails, RunRef, RunStatus, SkipDetails};
pub use shape::{ConditionField, ShapeFault};
pub use time::Instant;

use crate::json::{Field, Raw, fields};
use crate::vocabulary::{Phase, Vocabulary};

/// What a rule or a derivation reads of `status`. A field holds what came; what is `null` is absent.
#[derive(Clone, Debug, Default)]
pub struct Status<'a> {
    /// `phase`.
    pub phase: Option<Raw<'a>>,
    /// `conditions`.
    pub conditions: Field<'a, Vec<Field<'a, Item<'a>>>>,
    /// `failureDetails`.
    pub failure_details: Field<'a, FailureDetails<'a>>,
    /// `skipDetails`.
    pub skip_details: Field<'a, SkipDetails<'a>>,
    /// `pipelineRunStatus`.
    pub pipeline_run_status: Field<'a, RunStatus<'a>>,
    /// `executionStatus`.
    pub execution_status: Field<'a, RunStatus<'a>>,
    /// `pipelineRunRef`.
    pub pipeline_run_ref: Field<'a, RunRef<'a>>,
    /// `executionRef`.
    pub execution_ref: Field<'a, RunRef<'a>>,
    /// `startTime`.
    pub start_time: Option<Raw<'a>>,
    /// `completionTime`.
    pub completion_time: Option<Raw<'a>>,
    /// `duration`.
    pub duration: Option<Raw<'a>>,
    /// `failureReason`, a sentence.
    pub failure_reason: Option<Raw<'a>>,
    /// `observedGeneration`.
    pub observed_generation: Option<Raw<'a>>,
}

fields!(Status<'a> {
    b"phase" => phase,
    b"conditions" => conditions,
    b"failureDetails" => failure_details,
    b"skipDetails" => skip_details,
    b"pipelineRunStatus" => pipeline_run_status,
    b"executionStatus" => execution_status,
    b"pipelineRunRef" => pipeline_run_ref,
    b"executionRef" => execution_ref,
    b"startTime" => start_time,
    b"completionTime" => completion_time,
    b"duration" => duration,
    b"failureReason" => failure_reason,
    b"observedGeneration" => observed_generation,
});

impl<'a> Status<'a> {
    /// The items of `conditions`; none where it is no list.
    #[must_use]
    pub fn items(&self) -> &[Field<'a, Item<'a>>] {
        self.conditions.present().map_or(&[], Vec::as_slice)
    }

    /// The well-shaped conditions with their index.
    pub fn conditions(&self) -> impl Iterator<Item = (usize, &Condition<'a>)> {
        self.items()
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((index, item.present()?.condition()?)))
    }

    /// The types of all items whose type can be read, whatever else is wrong with them.
    pub fn readable_types(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.items()
            .iter()
            .filter_map(|item| item.present()?.readable_type())
    }

    /// The phase, `None` when `vocabulary` does not know it. An absent or empty one counts as Pending (spec section 2).
    #[must_use]
    pub fn phase(&self, vocabulary: &Vocabulary) -> Option<Phase> {
        let Some(raw) = self.phase else {
            return Some(Phase::Pending);
        };
        match raw.string()? {
            name if name.is_empty() => Some(Phase::Pending),
            name => vocabulary.phase(&name),
        }
    }

    /// `pipelineRunStatus` and `executionStatus`, where they are objects: both names are read in either vocabulary.
    pub fn run_statuses(&self) -> impl Iterator<Item = &RunStatus<'a>> {
        [&self.pipeline_run_status, &self.execution_status]
            .into_iter()
            .filter_map(Field::present)
    }

    /// The name of the run, from the first of `pipelineRunRef` and `executionRef` that is set.
    #[must_use]
    pub fn run_name(&self) -> Option<Cow<'a, str>> {
        [&self.pipeline_run_ref, &self.execution_ref]
            .into_iter()
            .find_map(|field| field.present()?.name?.non_empty_string())
    }

    /// `failureDetails.reason`, where it is a non-empty string.
    #[must_use]
    pub fn failure_reason_name(&self) -> Option<Cow<'a, str>> {
        self.failure_details.present()?.reason?.non_empty_string()
    }

    /// `skipDetails.reason`, where it is a non-empty string.
    #[must_use]
    pub fn skip_reason_name(&self) -> Option<Cow<'a, str>> {
        self.skip_details.present()?.reason?.non_empty_string()
    }
}
