//! A lenient, borrowed view of one `WorkflowExecution` status: any JSON shape is a value, never an error.

mod condition;
mod details;
mod firsts;
mod item;
mod shape;
mod time;

use std::borrow::Cow;

pub(crate) use crate::vocabulary::ConditionStatus;
pub(crate) use condition::{Condition, MARK};
pub(crate) use details::{FailureDetails, RunRef, RunStatus, SkipDetails};
pub(crate) use firsts::Firsts;
pub(crate) use item::{Conditions, Item, ItemFields};
pub(crate) use shape::{ConditionField, ShapeFault};
pub(crate) use time::Instant;

use crate::json::{List, Raw, fields};
use crate::vocabulary::Phase;

/// What a rule or a derivation reads of `status`. A field holds what came; what is `null` is absent.
#[derive(Clone, Debug, Default)]
#[allow(
    clippy::struct_field_names,
    reason = "these are the names of the fields"
)]
pub struct Status<'a> {
    /// `phase`.
    pub phase: Option<Raw<'a>>,
    /// `conditions`.
    pub conditions: List<'a, Conditions<'a>>,
    /// `failureDetails`.
    pub failure_details: Option<FailureDetails<'a>>,
    /// `skipDetails`.
    pub skip_details: Option<SkipDetails<'a>>,
    /// `pipelineRunStatus`.
    pub pipeline_run_status: Option<RunStatus<'a>>,
    /// `executionStatus`.
    pub execution_status: Option<RunStatus<'a>>,
    /// `pipelineRunRef`.
    pub pipeline_run_ref: Option<RunRef<'a>>,
    /// `executionRef`.
    pub execution_ref: Option<RunRef<'a>>,
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
    "phase" => phase,
    "conditions" => conditions,
    "failureDetails" => failure_details,
    "skipDetails" => skip_details,
    "pipelineRunStatus" => pipeline_run_status,
    "executionStatus" => execution_status,
    "pipelineRunRef" => pipeline_run_ref,
    "executionRef" => execution_ref,
    "startTime" => start_time,
    "completionTime" => completion_time,
    "duration" => duration,
    "failureReason" => failure_reason,
    "observedGeneration" => observed_generation,
});

/// A status without fields: what counts where there is none.
pub(crate) static EMPTY: Status<'static> = Status {
    phase: None,
    conditions: List::Absent,
    failure_details: None,
    skip_details: None,
    pipeline_run_status: None,
    execution_status: None,
    pipeline_run_ref: None,
    execution_ref: None,
    start_time: None,
    completion_time: None,
    duration: None,
    failure_reason: None,
    observed_generation: None,
};

impl<'a> Status<'a> {
    /// The items of `conditions`; none where it is not a list.
    pub fn items(&self) -> impl Iterator<Item = Item<'_, 'a>> {
        self.conditions
            .present()
            .into_iter()
            .flat_map(Conditions::iter)
    }

    /// The item at an index.
    #[must_use]
    pub fn item(&self, index: usize) -> Option<Item<'_, 'a>> {
        self.conditions.present()?.get(index)
    }

    /// The well-shaped conditions with their index.
    pub fn conditions(&self) -> impl Iterator<Item = (usize, &Condition<'a>)> {
        self.items()
            .enumerate()
            .filter_map(|(index, item)| Some((index, item.condition()?)))
    }

    /// The types of all items whose type can be read, whatever else is wrong with them.
    pub fn readable_types(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.items().filter_map(Item::readable_type)
    }

    /// The phase, `None` when no vocabulary knows it. An absent or empty one counts as Pending (spec section 2).
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        let Some(raw) = self.phase else {
            return Some(Phase::Pending);
        };
        match raw.string()? {
            name if name.is_empty() => Some(Phase::Pending),
            name => Phase::from_name(&name),
        }
    }

    /// `pipelineRunStatus` and `executionStatus`, where they are objects: both names are read in either vocabulary.
    pub fn run_statuses(&self) -> impl Iterator<Item = &RunStatus<'a>> {
        [&self.pipeline_run_status, &self.execution_status]
            .into_iter()
            .filter_map(Option::as_ref)
    }

    /// The name of the run, from the first of `pipelineRunRef` and `executionRef` that is set.
    #[must_use]
    pub fn run_name(&self) -> Option<Cow<'a, str>> {
        [&self.pipeline_run_ref, &self.execution_ref]
            .into_iter()
            .find_map(|field| field.as_ref()?.name?.non_empty_string())
    }

    /// `failureDetails.reason`, where it is a non-empty string.
    #[must_use]
    pub fn failure_reason_name(&self) -> Option<Cow<'a, str>> {
        self.failure_details.as_ref()?.reason?.non_empty_string()
    }

    /// `skipDetails.reason`, where it is a non-empty string.
    #[must_use]
    pub fn skip_reason_name(&self) -> Option<Cow<'a, str>> {
        self.skip_details.as_ref()?.reason?.non_empty_string()
    }
}
