use jiff::Timestamp;

use super::auto;
use crate::dns;
use crate::policy::Policy;
use crate::status::{Condition, Firsts, Instant, Item, Status};
use crate::vocabulary::{FailureReason, Phase, Role, SkipReason, Term, Vocabulary};

/// What a condition type is to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// One of the vocabulary's.
    Term(&'static Term),
    /// Another writer's: judged only as a condition in general.
    Extra,
    /// Neither.
    Unknown,
}

/// One write as rules and completion see it: a status, the stored one, and all that decides how they are judged.
#[derive(Debug)]
pub struct Subject<'s> {
    /// The status as written.
    pub status: &'s Status<'s>,
    /// The status as stored.
    pub stored: &'s Status<'s>,
    /// The conditions of `status` by type.
    pub current: Firsts<'s>,
    /// The conditions of `stored` by type.
    pub before: Firsts<'s>,
    /// The phase as written; `None` when the vocabulary does not know it.
    pub phase: Option<Phase>,
    /// The phase as stored; `None` when no vocabulary knows it.
    pub stored_phase: Option<Phase>,
    /// `metadata.generation` of the object.
    pub generation: Option<i64>,
    /// `metadata.generation` of the stored object.
    pub stored_generation: Option<i64>,
    /// The vocabulary that the object is judged by.
    pub vocabulary: &'static Vocabulary,
    /// Whether the object may be completed: under `auto` only where something shows its vocabulary.
    pub completes: bool,
    /// Whether the webhook's own conditions are left out.
    without_own: bool,
    /// What the operator chose.
    pub policy: &'s Policy,
    /// The clock.
    pub now: Timestamp,
}

impl<'s> Subject<'s> {
    /// A write of `status` over `stored` to an object in `group`.
    #[must_use]
    pub fn new(
        group: &str,
        status: &'s Status<'s>,
        stored: &'s Status<'s>,
        policy: &'s Policy,
        now: Timestamp,
    ) -> Self {
        let shown = policy
            .vocabulary
            .pinned()
            .or_else(|| auto::vocabulary(group, status));
        let vocabulary = shown.unwrap_or(auto::FALLBACK);
        Self {
            status,
            stored,
            current: Firsts::new(status),
            before: Firsts::new(stored),
            phase: status.phase().filter(|phase| vocabulary.has_phase(*phase)),
            stored_phase: stored.phase(),
            generation: None,
            stored_generation: None,
            vocabulary,
            completes: shown.is_some(),
            without_own: false,
            policy,
            now,
        }
    }

    /// The same, with the generations of the object and of the stored one.
    #[must_use]
    pub fn with_generations(self, generation: Option<i64>, stored: Option<i64>) -> Self {
        Self {
            generation,
            stored_generation: stored,
            ..self
        }
    }

    /// The stored object as if it were written again as it is, judged by the same vocabulary (spec section 6).
    #[must_use]
    pub fn of_stored(&self) -> Self {
        Self {
            status: self.stored,
            current: Firsts::new(self.stored),
            before: Firsts::new(self.stored),
            phase: self
                .stored_phase
                .filter(|phase| self.vocabulary.has_phase(*phase)),
            generation: self.stored_generation,
            ..*self
        }
    }

    /// The stored object likewise, as if it had none of the webhook's own conditions.
    #[must_use]
    pub fn of_stored_without_own(&self) -> Self {
        Self {
            current: Firsts::without_own(self.stored, self.vocabulary),
            before: Firsts::without_own(self.stored, self.vocabulary),
            without_own: true,
            ..self.of_stored()
        }
    }

    /// The items of the written list, each with its index.
    pub fn items(&self) -> impl Iterator<Item = (usize, Item<'s, 's>)> {
        let items = self.status.items().enumerate();
        items.filter(|(_, item)| {
            !self.without_own || !item.condition().is_some_and(|it| self.is_own(it))
        })
    }

    /// What a condition type is to the object (spec section 2).
    #[must_use]
    pub fn type_kind(&self, condition_type: &str) -> TypeKind {
        if let Some(term) = self.vocabulary.term_of_type(condition_type) {
            return TypeKind::Term(term);
        }
        let mut listed = self.policy.extra_types.iter();
        let is_auto = self.policy.vocabulary.pinned().is_none();
        if (is_auto && self.vocabulary.others_know(condition_type))
            || is_third_party(condition_type)
            || listed.any(|extra| extra == condition_type)
        {
            return TypeKind::Extra;
        }
        TypeKind::Unknown
    }

    /// The condition that stands for `role` in the write.
    #[must_use]
    pub fn condition(&self, role: Role) -> Option<(usize, &'s Condition<'s>)> {
        self.current.get(self.vocabulary.term(role)?.condition_type)
    }

    /// The stored condition of a type.
    #[must_use]
    pub fn stored_condition(&self, condition_type: &str) -> Option<&'s Condition<'s>> {
        self.before
            .get(condition_type)
            .map(|(_, condition)| condition)
    }

    /// Whether a condition is the webhook's own (spec section 5).
    #[must_use]
    pub fn is_own(&self, condition: &Condition<'_>) -> bool {
        condition.is_own(self.vocabulary)
    }

    /// The member of the failure enum in `failureDetails.reason`.
    #[must_use]
    pub fn failure_reason(&self) -> Option<FailureReason> {
        self.vocabulary
            .failure_reason(&self.status.failure_reason_name()?)
    }

    /// The member of the skip enum in `skipDetails.reason`.
    #[must_use]
    pub fn skip_reason(&self) -> Option<SkipReason> {
        SkipReason::from_name(&self.status.skip_reason_name()?)
    }

    /// The clock as an instant.
    #[must_use]
    pub fn clock(&self) -> Instant {
        self.now.into()
    }
}

/// Whether a type has the domain prefix of a third party: a DNS subdomain before one slash, other than `kubernaut.ai`
/// and its subdomains.
fn is_third_party(condition_type: &str) -> bool {
    let Some((domain, name)) = condition_type.split_once('/') else {
        return false;
    };
    !name.is_empty()
        && !name.contains('/')
        && domain.len() <= 253
        && dns::is_subdomain(domain)
        && domain != "kubernaut.ai"
        && !domain.ends_with(".kubernaut.ai")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn third_parties_have_a_dns_subdomain_before_one_slash() {
        for condition_type in [
            "example.com/Audited",
            "a/B",
            "x-1.example.com/Ready",
            "notkubernaut.ai/X",
        ] {
            assert!(is_third_party(condition_type), "{condition_type}");
        }
        for condition_type in [
            "Audited",
            "/Audited",
            "example.com/",
            "example.com/a/b",
            "Example.com/Audited",
            "-a.com/X",
            "a..com/X",
            "kubernaut.ai/Audited",
            "x.kubernaut.ai/Audited",
        ] {
            assert!(!is_third_party(condition_type), "{condition_type}");
        }
    }
}
