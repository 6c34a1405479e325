//! `/validate`: gives every verdict, and never a patch.

use jiff::Timestamp;

use super::{
    ExplainedFinding, FindingCount, Made, Outcome, TransitionCount, is_exempt, reason_label,
    type_label,
};
use crate::answer::{Judged, Response, Verdict, denial, findings_annotation, message, warnings};
use crate::complete::missing;
use crate::policy::Policy;
use crate::review::Review;
use crate::rules::{Action, Finding, Place, Ratchet, Rule, Subject, judge};
use crate::status::Status;
use crate::vocabulary::Phase;

pub(super) fn validate(
    review: &Review<'_>,
    policy: &Policy,
    now: Timestamp,
    response: &mut Response<'_>,
    made: &mut Made,
) -> Outcome {
    let nothing = Status::default();
    let subject = subject(review, &nothing, policy, now);
    let is_exempt = is_exempt(review, policy);
    let judged = verdicts(&subject, is_exempt);
    made.findings = judged
        .iter()
        .map(|judged| count(&subject, judged))
        .collect();
    response.annotate("findings", findings_annotation(&judged));
    response.warn(warnings(&subject, &judged));
    let denial = denial(review, &subject, &judged);
    if denial.is_some() {
        response.deny(denial);
        return Outcome::Denied;
    }
    if !review.dry_run {
        made.condition_transitions = condition_transitions(&subject);
        made.phase_transition = phase_transition(&subject);
    }
    if is_exempt {
        Outcome::Exempt
    } else {
        Outcome::Allowed
    }
}

pub(super) fn explain(
    review: &Review<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Vec<ExplainedFinding> {
    let nothing = Status::default();
    let subject = subject(review, &nothing, policy, now);
    verdicts(&subject, is_exempt(review, policy))
        .iter()
        .map(|Judged { finding, verdict }| ExplainedFinding {
            rule: finding.rule(),
            path: finding.place.to_string(),
            message: message(&subject, finding, true),
            action: verdict.name(),
        })
        .collect()
}

/// The write under review. A status that is no object counts as empty.
fn subject<'s>(
    review: &'s Review<'_>,
    nothing: &'s Status<'_>,
    policy: &'s Policy,
    now: Timestamp,
) -> Subject<'s> {
    let status = review.status().present().unwrap_or(nothing);
    let stored = review.stored_status().present().unwrap_or(nothing);
    Subject::new(&review.group, status, stored, policy, now)
        .with_generations(review.generation(), review.stored_generation())
}

/// Every finding whose rule is not off, in the order of spec section 3, with what becomes of it.
fn verdicts<'s>(subject: &Subject<'s>, is_exempt: bool) -> Vec<Judged<'s>> {
    let findings = findings(subject);
    if findings.is_empty() {
        return Vec::new();
    }
    let stored_subject = subject.of_stored();
    let ratchet = Ratchet::new(&self::findings(&stored_subject));
    findings
        .into_iter()
        .map(|finding| {
            let verdict = if ratchet.inherits(subject, &finding) {
                Verdict::Inherited
            } else if is_exempt {
                Verdict::Acted(Action::Audit)
            } else {
                Verdict::Acted(subject.policy.action(finding.rule()))
            };
            Judged { finding, verdict }
        })
        .collect()
}

fn findings<'s>(subject: &Subject<'s>) -> Vec<Finding<'s>> {
    let mut findings = judge(subject);
    if subject.policy.action(Rule::ConditionMissing) != Action::Off {
        let first_item = findings
            .iter()
            .position(|finding| matches!(finding.place, Place::Item { .. }));
        let at = first_item.unwrap_or(findings.len());
        findings.splice(at..at, missing(subject));
    }
    findings.retain(|finding| subject.policy.action(finding.rule()) != Action::Off);
    findings
}

fn count(subject: &Subject<'_>, judged: &Judged<'_>) -> FindingCount {
    let Judged { finding, verdict } = judged;
    FindingCount {
        rule: finding.rule(),
        condition: match (finding.condition_type(), finding.place) {
            (Some(condition_type), _) => type_label(subject.vocabulary, condition_type),
            (None, Place::Item { .. }) => "other",
            (None, Place::Status(_)) => "none",
        },
        action: verdict.name(),
    }
}

fn condition_transitions(subject: &Subject<'_>) -> Vec<TransitionCount> {
    subject
        .status
        .conditions()
        .filter(|(index, condition)| {
            let first = subject.current.get(&condition.condition_type);
            let stored = subject.stored_condition(&condition.condition_type);
            first.is_some_and(|(first, _)| first == *index)
                && stored.is_none_or(|stored| stored.status != condition.status)
        })
        .map(|(_, condition)| TransitionCount {
            condition: type_label(subject.vocabulary, &condition.condition_type),
            status: condition.status.name(),
            reason: reason_label(
                subject.vocabulary,
                &condition.condition_type,
                condition.status,
                &condition.reason,
            ),
        })
        .collect()
}

fn phase_transition(subject: &Subject<'_>) -> Option<(&'static str, &'static str)> {
    let (from, to) = (subject.stored_phase, subject.phase);
    let label = |phase: Option<Phase>| phase.map_or("other", Phase::name);
    (from != to).then(|| (label(from), label(to)))
}
