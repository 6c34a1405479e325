//! A lenient, borrowed view of one `WorkflowExecution` status: any JSON shape is a value, never an error.

mod condition;

pub use condition::ConditionStatus;
