//! `condition-conflict`: what was not created neither runs nor completes.

use crate::status::ConditionStatus;
use crate::vocabulary::Role;

/// Whether *created* False excludes a condition.
pub(super) fn is_excluded_by_not_created(role: Role, status: ConditionStatus) -> bool {
    matches!(role, Role::Running | Role::Complete) && status == ConditionStatus::True
}
