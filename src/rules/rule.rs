//! The rules by name. Their ids are public API: they are in every cause, metric and annotation.

use std::fmt;

/// What happens to a finding, from the mildest to the hardest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// The rule is not judged.
    Off,
    /// Counted and written to the audit annotation.
    Audit,
    /// The writer gets a warning.
    Warn,
    /// The write is refused.
    Deny,
}

impl Action {
    /// Every action, from the mildest to the hardest.
    pub const ALL: [Self; 4] = [Self::Off, Self::Audit, Self::Warn, Self::Deny];

    /// The name that `--rule` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// Declares the rules with their ids, default actions and one sentence of what holds.
macro_rules! rules {
    ($($(#[$meta:meta])* $variant:ident $id:literal $action:ident $holds:literal),+ $(,)?) => {
        /// A rule of spec section 3, in the order in which findings are reported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule { $($(#[$meta])* $variant),+ }

        impl Rule {
            /// Every rule, in the order of the condition rules.
            pub const ALL: [Self; [$($id),+].len()] = [$(Self::$variant),+];

            /// The rule's id, which is public API.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// What the rule asks for, in one sentence.
            #[must_use]
            pub const fn holds(self) -> &'static str {
                match self { $(Self::$variant => $holds),+ }
            }

            /// What happens to a finding unless `--rule` or `--mode` changes it.
            #[must_use]
            pub const fn default_action(self) -> Action {
                match self { $(Self::$variant => Action::$action),+ }
            }
        }
    };
}

rules! {
    /// `conditions` is a list of objects and each has the shape of `metav1.Condition`.
    ConditionShape "condition-shape" Deny
        "`conditions` is a list of at most 1,024 objects, and each has the fields of a `metav1.Condition` with values that every client can read",
    /// No type twice.
    ConditionDuplicate "condition-duplicate" Deny
        "no condition type appears twice",
    /// Only known types.
    ConditionUnknownType "condition-unknown-type" Deny
        "the condition type is in the object's vocabulary, an `--extra-type`, or has the domain prefix of a third party",
    /// Reasons are CamelCase.
    ReasonFormat "reason-format" Deny
        "the reason is CamelCase: ASCII letters and digits, the first an upper-case letter",
    /// Reasons are those of type and status.
    ReasonNotAllowed "reason-not-allowed" Deny
        "the reason is one of the vocabulary's for that type and status, or an `--extra-reason` of that type",
    /// Only known phases.
    PhaseUnknown "phase-unknown" Deny
        "the phase is one of the vocabulary's",
    /// Phases move forward.
    PhaseTransition "phase-transition" Deny
        "the phase moves forward only: absent or Pending to any; Running to Running, Completed, Failed or Skipped; an ended run keeps its phase",
    /// Conditions agree with the phase.
    PhaseConflict "phase-conflict" Deny
        "the condition's status agrees with the phase by the phase table",
    /// Conditions agree with each other.
    ConditionConflict "condition-conflict" Deny
        "an execution that was not created neither runs nor completes: *created* False excludes *running* True and *complete* True",
    /// The complete condition agrees with `failureDetails`.
    FailureReasonMismatch "failure-reason-mismatch" Deny
        "the reason of a False *complete* condition agrees with `failureDetails.reason`: it is equal, generic, or TaskFailed beside Unknown",
    /// The lock condition agrees with `skipDetails`.
    SkipReasonMismatch "skip-reason-mismatch" Deny
        "the reason of a True *lock* condition agrees with `skipDetails.reason`",
    /// `failureDetails` belongs to Failed.
    FailureDetailsPhase "failure-details-phase" Deny
        "`failureDetails` is set only in phase Failed",
    /// `skipDetails` belongs to Skipped.
    SkipDetailsPhase "skip-details-phase" Deny
        "`skipDetails` is set in phase Skipped, and only there",
    /// No condition is ahead of the object. Only a warning: a restored backup has a new, lower generation.
    GenerationAhead "generation-ahead" Warn
        "no condition's `observedGeneration` is above `metadata.generation`",
    /// Transition times are plausible.
    TransitionTime "transition-time" Warn
        "`lastTransitionTime` moves only when `status` changes, never back, and is at most 5 minutes ahead of the clock",
    /// What phase and details imply is there.
    ConditionMissing "condition-missing" Audit
        "every condition that phase and details imply is there",
}

impl Rule {
    /// The rule with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
