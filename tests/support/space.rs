//! The exhaustive space of the rules: every combination of phase, conditions and details within reach.

use serde_json::Value;
use wfe_webhook::policy::{Policy, VocabularyChoice};
use wfe_webhook::vocabulary::{EXECUTION, TEKTON, Vocabulary};

use crate::oracle;
use crate::reviews::Review;

mod details;
mod forms;
mod roles;

pub use details::{phases_and_details, reasons_beside_details};
pub use forms::{one_role_over_one_stored, two_of_a_type};
pub use roles::{
    complete_and_the_roles_beside_it, created_running_and_complete, sample_of_all_roles,
};

/// The phases, and one that no vocabulary knows.
pub const PHASES: [&str; 6] = [
    "Pending",
    "Running",
    "Completed",
    "Failed",
    "Skipped",
    "Executing",
];

/// A write of one status over another.
#[derive(Clone, Debug)]
pub struct Case {
    pub stored: Value,
    pub status: Value,
}

/// The two families of names with a condition type for each role.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Names {
    Tekton,
    Execution,
}

impl Names {
    pub const BOTH: [Self; 2] = [Self::Tekton, Self::Execution];

    /// An empty review that is judged by this vocabulary, whatever its status says.
    pub fn review(self) -> Review {
        match self {
            Self::Tekton => Review::tekton(),
            Self::Execution => Review::execution(),
        }
    }

    /// The policy that pins the vocabulary.
    pub fn policy(self) -> Policy {
        let mut policy = Policy::default();
        policy.vocabulary = match self {
            Self::Tekton => VocabularyChoice::Tekton,
            Self::Execution => VocabularyChoice::Execution,
        };
        policy
    }

    /// The program's table of them.
    pub fn vocabulary(self) -> &'static Vocabulary {
        match self {
            Self::Tekton => &TEKTON,
            Self::Execution => &EXECUTION,
        }
    }

    pub fn words(self) -> &'static oracle::Words {
        match self {
            Self::Tekton => &oracle::TEKTON,
            Self::Execution => &oracle::EXECUTION,
        }
    }

    /// The condition type of a role.
    pub fn name(self, role: &str) -> Option<&'static str> {
        self.words().role(role).map(|row| row.1)
    }

    /// A legal reason of a role in a status.
    pub fn reason(self, role: &str, status: &str) -> &'static str {
        let row = self.words().role(role).unwrap();
        match status {
            "True" => row.2[0],
            "False" => row.3[0],
            _ => "NotYetKnown",
        }
    }
}
