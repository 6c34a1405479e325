//! `/validate`: gives every verdict, and never a patch.

use jiff::Timestamp;

use super::{
    ExplainedFinding, FindingCount, Made, Outcome, TransitionCount, is_exempt, reason_label,
    type_label,
};
use crate::answer::{
    Judged, Response, Verdict, Verdicts, denial, findings_annotation, message, warnings,
};
use crate::complete::missing;
use crate::policy::Policy;
use crate::review::Review;
use crate::rules::{Action, Finding, Place, Ratchet, Rule, Subject, judge_items, judge_status};
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
    let mut verdicts = Verdicts::to_answer();
    judge(&subject, is_exempt, |judged| {
        count(&subject, &judged, &mut made.findings);
        verdicts.add(judged);
    });
    response.annotate("findings", findings_annotation(&verdicts));
    response.warn(warnings(&subject, &verdicts));
    let denial = denial(review, &subject, &verdicts);
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
    let mut verdicts = Verdicts::to_list();
    judge(&subject, is_exempt(review, policy), |judged| {
        verdicts.add(judged);
    });
    verdicts
        .kept()
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
    let status = review.status().unwrap_or(nothing);
    let stored = review.stored_status().unwrap_or(nothing);
    Subject::new(&review.group, status, stored, policy, now)
        .with_generations(review.generation(), review.stored_generation())
}

/// Gives every finding whose rule is not off, in the order of spec section 3, with what becomes of it.
fn judge<'s>(subject: &Subject<'s>, is_exempt: bool, mut judged: impl FnMut(Judged<'s>)) {
    // Most writes have no finding, so the stored object is judged only when the first one comes.
    let mut ratchet = None;
    findings(subject, |finding| {
        let ratchet = ratchet.get_or_insert_with(|| {
            let mut ratchet = Ratchet::default();
            findings(&subject.of_stored(), |stored| ratchet.add(&stored));
            ratchet
        });
        let verdict = if ratchet.inherits(subject, &finding) {
            Verdict::Inherited
        } else if is_exempt {
            Verdict::Acted(Action::Audit)
        } else {
            Verdict::Acted(subject.policy.action(finding.rule()))
        };
        judged(Judged { finding, verdict });
    });
}

fn findings<'s>(subject: &Subject<'s>, mut found: impl FnMut(Finding<'s>)) {
    let is_on = |rule| subject.policy.action(rule) != Action::Off;
    let mut found = |finding: Finding<'s>| {
        if is_on(finding.rule()) {
            found(finding);
        }
    };
    judge_status(subject, &mut found);
    if is_on(Rule::ConditionMissing) {
        missing(subject).into_iter().for_each(&mut found);
    }
    judge_items(subject, &mut found);
}

fn count(subject: &Subject<'_>, judged: &Judged<'_>, counts: &mut Vec<FindingCount>) {
    let Judged { finding, verdict } = judged;
    let (rule, action) = (finding.rule(), verdict.name());
    let condition = match (finding.condition_type(), finding.place) {
        (Some(condition_type), _) => type_label(subject.vocabulary, condition_type),
        (None, Place::Item { .. }) => "other",
        (None, Place::Status(_)) => "none",
    };
    let known = counts
        .iter_mut()
        .find(|count| count.rule == rule && count.condition == condition && count.action == action);
    match known {
        Some(known) => known.count += 1,
        None => counts.push(FindingCount {
            rule,
            condition,
            action,
            count: 1,
        }),
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
