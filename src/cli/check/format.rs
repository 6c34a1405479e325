//! `--output`: the forms in which a report is printed.

use super::report::CheckReport;
use super::{github, json, junit, policy_report, sarif, summary, text};

/// A form of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputFormat {
    /// For people: each finding with the line of the file that it is about; of a cluster, how many there are
    #[default]
    Text,
    /// Everything, as docs/check.schema.json describes it
    Json,
    /// A test case for each object, for CI systems
    Junit,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Workflow commands, by which GitHub annotates the changed lines
    Github,
    /// With --cluster: reports of the API group `openreports.io`, for `kubectl apply --filename -`
    #[value(name = "policyreport")]
    PolicyReport,
}

impl OutputFormat {
    /// The report in this form; `colored` is for people only.
    pub(super) fn print(self, report: &CheckReport, colored: bool) -> String {
        match self {
            Self::Text if report.is_of_cluster => summary::print(report),
            Self::Text => text::print(report, colored),
            Self::Json => json::print(report),
            Self::Junit => junit::print(report),
            Self::Sarif => sarif::print(report),
            Self::Github => github::print(report),
            Self::PolicyReport => policy_report::print(report),
        }
    }
}
