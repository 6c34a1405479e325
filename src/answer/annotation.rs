use std::fmt;

use super::joined::joined;
use crate::admission::JudgedFinding;
use crate::complete::Change;

/// The longest annotation, in bytes.
const MAX_LENGTH: usize = 8192;

/// The audit annotation `findings`: rule, path and action of each finding; `None` when there is none.
pub(super) fn findings(findings: &[JudgedFinding<'_>]) -> Option<String> {
    let entries = findings.iter().map(|judged| {
        let JudgedFinding { finding, verdict } = judged;
        ListEntry(move |f: &mut fmt::Formatter<'_>| {
            write!(f, "{} {} {}", finding.rule(), finding.place, verdict.name())
        })
    });
    list(findings.len(), entries)
}

/// The audit annotation `derived`: type, status and reason of each condition that is put in; `None` when there is none.
pub(super) fn derived(changes: &[Change<'_>]) -> Option<String> {
    let put_in = || {
        changes
            .iter()
            .filter(|change| !matches!(change, Change::Remove { .. }))
            .map(Change::condition)
    };
    let entries = put_in().map(|condition| {
        ListEntry(move |f: &mut fmt::Formatter<'_>| {
            let (kind, status) = (condition.condition_type, condition.status.name());
            write!(f, "{kind}={status}/{}", condition.reason)
        })
    });
    list(put_in().count(), entries)
}

struct ListEntry<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for ListEntry<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

fn list(count: usize, entries: impl Iterator<Item = impl fmt::Display>) -> Option<String> {
    (count > 0).then(|| joined(entries, count, ", ", MAX_LENGTH, "more"))
}
