//! The enums of the custom resource itself: phases and the reasons of `failureDetails` and `skipDetails`.

/// Declares an enum of names that the API spells exactly as the variant. The comment of a variant is its meaning.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $(#[doc = $meaning:literal] $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $meaning] $variant),+ }

        impl $name {
            /// Every member, in the order of the condition rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as the API spells it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning.trim_ascii()),+ }
            }

            /// The member that `name` spells.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|member| member.name() == name)
            }
        }
    };
}

names! {
    /// `status.phase`; an absent or empty one counts as `Pending`.
    Phase {
        /// Nothing has happened yet.
        Pending,
        /// The run goes on.
        Running,
        /// The run succeeded.
        Completed,
        /// The run failed, or was never created.
        Failed,
        /// The target was locked.
        Skipped,
    }
}

impl Phase {
    /// Whether no other phase may follow.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Skipped)
    }

    /// Whether a write may move from this phase to `next` (rule `phase-transition`).
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending => true,
            Self::Running => next != Self::Pending,
            Self::Completed | Self::Failed | Self::Skipped => next == self,
        }
    }
}

names! {
    /// `status.failureDetails.reason`.
    FailureReason {
        /// A container ran out of memory.
        OOMKilled,
        /// The run took too long.
        DeadlineExceeded,
        /// RBAC forbade a step.
        Forbidden,
        /// A quota was exhausted.
        ResourceExhausted,
        /// The workflow is configured wrongly.
        ConfigurationError,
        /// An image could not be pulled.
        ImagePullBackOff,
        /// A task failed.
        TaskFailed,
        /// The cause is unknown.
        Unknown,
        /// The engine is not supported.
        UnsupportedEngine,
        /// Another run does the same work.
        Deduplicated,
    }
}

names! {
    /// `status.skipDetails.reason`.
    SkipReason {
        /// Another run works on the target.
        ResourceBusy,
        /// The target was remediated a moment ago.
        RecentlyRemediated,
        /// Too many runs failed.
        ExhaustedRetries,
        /// The run before failed on the target.
        PreviousExecutionFailed,
    }
}
