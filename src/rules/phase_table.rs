//! The table of spec section 4: which statuses of a role agree with a phase.

use crate::status::ConditionStatus;
use crate::vocabulary::{Phase, Role};

/// What a phase asks of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Anything.
    Any,
    /// Absent or Unknown.
    Nothing,
    /// Anything but True.
    NotTrue,
    /// Anything but False.
    NotFalse,
}

impl Demand {
    /// Whether `status` is what is asked.
    pub(super) fn allows(self, status: ConditionStatus) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => status == ConditionStatus::Unknown,
            Self::NotTrue => status != ConditionStatus::True,
            Self::NotFalse => status != ConditionStatus::False,
        }
    }

    /// The statuses that are allowed, in words.
    pub(super) const fn allowed(self) -> &'static str {
        match self {
            Self::Any => "True, False, Unknown or no condition",
            Self::Nothing => "Unknown or no condition",
            Self::NotTrue => "False, Unknown or no condition",
            Self::NotFalse => "True, Unknown or no condition",
        }
    }
}

/// A row for each role, a column for each phase: Pending, Running, Completed, Failed, Skipped.
const fn row(role: Role) -> [Demand; 5] {
    use Demand::{Any, NotFalse, NotTrue, Nothing};
    match role {
        Role::Created => [Any, NotFalse, NotFalse, Any, Nothing],
        Role::Running => [NotTrue, Any, Any, Any, Nothing],
        Role::Complete => [Nothing, Nothing, NotFalse, NotTrue, Nothing],
        Role::Audit | Role::Token => [Any, Any, Any, Any, Any],
        Role::Lock => [Any, NotTrue, NotTrue, NotTrue, NotFalse],
        Role::Ready => [Any, Any, NotFalse, NotTrue, Any],
    }
}

/// What `phase` asks of the condition of `role`.
pub(super) const fn demand(role: Role, phase: Phase) -> Demand {
    let column = match phase {
        Phase::Pending => 0,
        Phase::Running => 1,
        Phase::Completed => 2,
        Phase::Failed => 3,
        Phase::Skipped => 4,
    };
    row(role)[column]
}
