use crate::status::ConditionStatus;
use crate::vocabulary::Role;

/// Why a condition was not set. The list is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The vocabulary has no condition that plays the role.
    #[error(
        "the vocabulary {vocabulary} has no {role} condition; it has {}",
        known.join(", ")
    )]
    NoSuchCondition {
        /// The vocabulary's name.
        vocabulary: &'static str,
        /// The role that was asked for.
        role: Role,
        /// The condition types that the vocabulary has.
        known: Vec<&'static str>,
    },
    /// The vocabulary does not allow the reason.
    #[error(
        "{reason:?} is not a reason of {condition_type}={}; allowed: {}",
        status.name(),
        allowed.join(", ")
    )]
    ReasonNotAllowed {
        /// The condition type.
        condition_type: &'static str,
        /// The status that was to be set.
        status: ConditionStatus,
        /// The reason that was refused.
        reason: String,
        /// What the vocabulary allows for type and status.
        allowed: &'static [&'static str],
    },
    /// The reason of an Unknown condition is not CamelCase.
    #[error(
        "{reason:?} is not a reason of {condition_type}=Unknown: use CamelCase, 1 to 1024 ASCII letters and digits, the \
         first an upper-case letter"
    )]
    ReasonFormat {
        /// The condition type.
        condition_type: &'static str,
        /// The reason that was refused.
        reason: String,
    },
}
