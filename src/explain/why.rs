//! Why each rule is there.

use crate::rules::Rule;

/// What goes wrong where the rule is broken, in a sentence or two.
#[must_use]
pub const fn why(rule: Rule) -> &'static str {
    match rule {
        Rule::ConditionShape => {
            "A client that reads conditions as `metav1.Condition`, as controllers in Go do, fails on the whole object when one field has another type or a time that cannot be read."
        }
        Rule::ConditionDuplicate => {
            "Clients look up a condition by its type. Of two with one type each client takes the one that it meets first, and not every client meets the same one."
        }
        Rule::ConditionUnknownType => {
            "No client reports a misspelt type: one that waits for the right type, as `kubectl wait` does, waits until its timeout. A type with a domain prefix, such as `example.com/Audited`, belongs to a third party and is left alone."
        }
        Rule::ReasonFormat => {
            "Programs compare reasons, people read messages. So the conventions of the Kubernetes API ask for one word in CamelCase."
        }
        Rule::ReasonNotAllowed => {
            "Alerts and controllers act on reasons by name. A reason that nobody knows reaches none of them, and one that belongs to the other status says the opposite of the status."
        }
        Rule::PhaseUnknown => {
            "Readers act on the phases that they know. What each of them does with another one is left to chance."
        }
        Rule::PhaseTransition => {
            "A run ends once. Those who acted on its end, with a notification or the next remediation, acted on something that would no longer be true."
        }
        Rule::PhaseConflict => {
            "Phase and conditions tell the same story twice. Where they differ, the readers of one of them act on something that is not so."
        }
        Rule::ConditionConflict => {
            "What was not created can neither run nor complete. A status that says both leaves its readers to guess which one is wrong."
        }
        Rule::FailureReasonMismatch => {
            "The condition and the details name the cause of one failure. Where they differ, an alert on the one and a report on the other contradict each other."
        }
        Rule::SkipReasonMismatch => {
            "The condition and the details say why one run was skipped. Where they differ, nobody can tell whether a later try makes sense."
        }
        Rule::FailureDetailsPhase => {
            "Readers take the details as the sign of a failure. On a run that goes on or has succeeded they are a leftover, and a false alarm."
        }
        Rule::SkipDetailsPhase => {
            "The details are all that tells why a run was skipped, and what was in its way. In any other phase they contradict the phase."
        }
        Rule::GenerationAhead => {
            "`observedGeneration` says which spec a condition is about, and one above the object's own is about a spec that does not exist. Where a backup was restored the writer is not at fault, so it only warns by default."
        }
        Rule::TransitionTime => {
            "How long a condition has had its status is read from `lastTransitionTime`. A time that moves with each write hides how long something has been stuck. Clocks differ, so it only warns by default."
        }
        Rule::ConditionMissing => {
            "A client that waits for a condition that nobody writes waits until its timeout. `/mutate` adds what is missing, so this is found only where completion is off or was not reached, and by default it is only counted."
        }
    }
}
