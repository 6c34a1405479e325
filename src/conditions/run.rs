use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{Error, MESSAGE_LIMIT, Reason, list};
use crate::status::ConditionStatus;
use crate::vocabulary::{Role, Term, Vocabulary, is_camel_case};

impl From<bool> for ConditionStatus {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// The conditions of one run, written and read by role in one vocabulary.
///
/// A reason that the vocabulary does not allow is an error that lists the allowed ones, so that what is set here is never
/// refused by the rules `condition-unknown-type`, `reason-format` and `reason-not-allowed`.
#[derive(Debug)]
pub struct RunConditions<'a> {
    vocabulary: &'static Vocabulary,
    conditions: &'a mut Vec<Condition>,
    now: Timestamp,
    observed_generation: Option<i64>,
}

/// Declares a setter for each role.
macro_rules! setters {
    ($($(#[$meta:meta])* $name:ident $role:ident),+ $(,)?) => {
        impl RunConditions<'_> {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                ///
                /// As [`RunConditions::set`].
                pub fn $name<'r>(
                    &mut self,
                    status: impl Into<ConditionStatus>,
                    reason: impl Into<Reason<'r>>,
                    message: impl Into<String>,
                ) -> Result<bool, Error> {
                    self.set(Role::$role, status, reason, message)
                }
            )+
        }
    };
}

setters! {
    /// Sets `TektonPipelineCreated` or `ExecutionCreated`.
    set_created Created,
    /// Sets `TektonPipelineRunning` or `ExecutionRunning`.
    set_running Running,
    /// Sets `TektonPipelineComplete` or `ExecutionComplete`.
    set_complete Complete,
    /// Sets `AuditRecorded`.
    set_audit_recorded Audit,
    /// Sets `ResourceLocked`, which only the vocabulary `tekton` has.
    set_resource_locked Lock,
    /// Sets `Ready`, which only the vocabulary `execution` has.
    set_ready Ready,
    /// Sets `TokenTTLInsufficient`, which only the vocabulary `execution` has.
    set_token_ttl_insufficient Token,
}

impl<'a> RunConditions<'a> {
    /// Writes to `conditions`, with `now` as the time of every status that changes.
    pub fn new(
        vocabulary: &'static Vocabulary,
        conditions: &'a mut Vec<Condition>,
        now: Timestamp,
    ) -> Self {
        Self {
            vocabulary,
            conditions,
            now,
            observed_generation: None,
        }
    }

    /// Sets the `metadata.generation` that the writer acts upon: every condition that is set has it.
    #[must_use]
    pub fn observing(mut self, generation: Option<i64>) -> Self {
        self.observed_generation = generation;
        self
    }

    /// Sets the condition of `role` and returns whether anything changed ([`set`](list::set)).
    ///
    /// `status` is a `bool` or a [`ConditionStatus`], `reason` a [`Reason`], a text, a
    /// [`FailureReason`](crate::vocabulary::FailureReason) or a [`SkipReason`](crate::vocabulary::SkipReason).
    /// `message` is cut at [`MESSAGE_LIMIT`] characters: a long error must not cost the whole status write.
    ///
    /// # Errors
    ///
    /// When the vocabulary has no such condition or does not allow the reason; the list is then as it was.
    pub fn set<'r>(
        &mut self,
        role: Role,
        status: impl Into<ConditionStatus>,
        reason: impl Into<Reason<'r>>,
        message: impl Into<String>,
    ) -> Result<bool, Error> {
        let status = status.into();
        let term = self.term(role)?;
        let reason = reason.into().resolve(self.vocabulary, term, status);
        check_reason(term, status, reason)?;
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(MESSAGE_LIMIT) {
            message.truncate(end);
        }
        let condition = list::new(
            term,
            status,
            reason,
            message,
            self.now,
            self.observed_generation,
        );
        Ok(list::set(self.conditions, condition))
    }

    /// The condition of `role`, where it is set.
    #[must_use]
    pub fn get(&self, role: Role) -> Option<&Condition> {
        let term = self.vocabulary.term(role)?;
        list::get(self.conditions, term.condition_type)
    }

    /// Whether the condition of `role` is there and True.
    #[must_use]
    pub fn is_true(&self, role: Role) -> bool {
        self.get(role)
            .is_some_and(|condition| condition.status == ConditionStatus::True.name())
    }

    fn term(&self, role: Role) -> Result<&'static Term, Error> {
        self.vocabulary
            .term(role)
            .ok_or_else(|| Error::NoSuchCondition {
                vocabulary: self.vocabulary.name,
                role,
                known: self
                    .vocabulary
                    .terms
                    .iter()
                    .map(|term| term.condition_type)
                    .collect(),
            })
    }
}

fn check_reason(term: &Term, status: ConditionStatus, reason: &str) -> Result<(), Error> {
    match term.reasons(status) {
        Some(allowed) if allowed.contains(&reason) => Ok(()),
        Some(allowed) => Err(Error::ReasonNotAllowed {
            condition_type: term.condition_type,
            status,
            reason: reason.to_owned(),
            allowed,
        }),
        None if reason.len() <= 1024 && is_camel_case(reason) => Ok(()),
        None => Err(Error::ReasonFormat {
            condition_type: term.condition_type,
            reason: reason.to_owned(),
        }),
    }
}
