//! Findings and completions put into an `AdmissionReview`, spec section 8.

mod annotation;
mod denial;
mod joined;
mod patch;
mod quote;
mod response;
mod suggest;
mod verdicts;
mod warning;
mod words;

pub use annotation::{derived_annotation, findings_annotation};
pub use denial::{Denial, denial};
pub use patch::{Patch, patch};
pub use quote::Quoted;
pub use response::Response;
pub use verdicts::{Judged, Verdict, Verdicts};
pub use warning::warnings;
pub use words::{cause_reason, message};
