//! The message of a derived condition: what was observed, then the mark that shows that it was inferred.
//!
//! The text follows from the new status alone, never from the clock or the stored object, so that the same write gives the
//! same text. An own condition with another text is renewed: a change of the wording here changes stored objects, and
//! replicas of two versions disagree about it during a rollout.

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::implied::Implied;
use crate::json::Raw;
use crate::rules::Subject;
use crate::status::{ConditionStatus, MARK};
use crate::text::is_hidden;
use crate::vocabulary::{FailureReason, Phase, Role};

/// The longest message in Unicode scalar values, the mark included.
pub(crate) const MAX_CHARS: usize = 1024;

/// What was observed of an implied condition. Displayed, it is the whole message.
#[derive(Debug)]
pub(super) enum Message<'s> {
    /// Only the phase is known; `None` for an unknown one.
    Phase(Option<Phase>),
    /// A run's kind and name, and what happened to it.
    Run(&'static str, Cow<'s, str>, &'static str),
    /// Completed and total tasks of a run that goes on.
    Progress(i64, i64),
    /// The tasks of a run that succeeded, and how long it took.
    Success(Option<i64>, Option<Cow<'s, str>>),
    /// The reason of a failure without a text.
    Failure(FailureReason),
    /// A text of the details.
    Text(Cow<'s, str>),
}

impl<'s> Message<'s> {
    /// The message of an implied condition.
    pub(super) fn of(subject: &Subject<'s>, implied: &Implied) -> Self {
        observation(subject, implied).unwrap_or(Self::Phase(subject.phase))
    }

    /// Whether `text` is this message.
    pub(super) fn is(&self, text: &str) -> bool {
        let mut rest = Rest(text);
        write!(rest, "{self}").is_ok() && rest.0.is_empty()
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut observed = Observed {
            left: MAX_CHARS - MARK.len(),
            text: f,
        };
        match self {
            Self::Phase(phase) => {
                write!(
                    observed,
                    "phase is {}",
                    phase.map_or("unknown", Phase::name)
                )
            }
            Self::Run(kind, name, what) => write!(observed, "{kind} {name} {what}"),
            Self::Progress(completed, total) => {
                write!(observed, "{completed} of {total} tasks completed")
            }
            Self::Success(tasks, duration) => {
                match tasks {
                    Some(total) => write!(observed, "all {total} tasks completed"),
                    None => observed.write_str("completed"),
                }?;
                match duration {
                    Some(duration) => write!(observed, " in {duration}"),
                    None => Ok(()),
                }
            }
            Self::Failure(reason) => write!(observed, "failed: {}", reason.name()),
            Self::Text(text) => observed.write_str(text),
        }?;
        f.write_str(MARK)
    }
}

/// Writes at most so many characters, with a space for each that a terminal would not show.
struct Observed<'f, 'b> {
    left: usize,
    text: &'f mut fmt::Formatter<'b>,
}

impl Write for Observed<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() <= self.left && !text.contains(is_hidden) {
            self.left -= text.chars().count();
            return self.text.write_str(text);
        }
        for character in text.chars().take(self.left) {
            self.left -= 1;
            self.text
                .write_char(if is_hidden(character) { ' ' } else { character })?;
        }
        Ok(())
    }
}

/// What is left of a text that is compared with what is written. Fails at the first difference.
struct Rest<'t>(&'t str);

impl Write for Rest<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
    }
}

fn observation<'s>(subject: &Subject<'s>, implied: &Implied) -> Option<Message<'s>> {
    match (implied.term.role, implied.status) {
        (Role::Lock, _) => skip(subject),
        (_, ConditionStatus::False) => failure(subject),
        (Role::Created, _) => run(subject, "was created"),
        // Not "is running": the condition may stay in a run that has ended.
        (Role::Running, _) => progress(subject).or_else(|| run(subject, "started")),
        _ => success(subject),
    }
}

fn text(raw: Option<Raw<'_>>) -> Option<Cow<'_, str>> {
    raw?.string().filter(|text| !text.trim().is_empty())
}

fn run<'s>(subject: &Subject<'s>, what: &'static str) -> Option<Message<'s>> {
    let name = subject.status.run_name()?;
    let kind = match subject.status.pipeline_run_ref.as_ref() {
        Some(run) if run.name.and_then(Raw::non_empty_string).is_some() => "PipelineRun",
        _ => "execution",
    };
    Some(Message::Run(kind, name, what))
}

/// Completed and total tasks.
fn tasks(subject: &Subject<'_>) -> Option<(i64, i64)> {
    subject
        .status
        .run_statuses()
        .find_map(|run| Some((run.completed_tasks?.natural()?, run.total_tasks?.natural()?)))
        .filter(|(_, total)| *total > 0)
}

fn progress<'s>(subject: &Subject<'_>) -> Option<Message<'s>> {
    if subject.phase != Some(Phase::Running) {
        return None;
    }
    let (completed, total) = tasks(subject)?;
    Some(Message::Progress(completed, total))
}

fn success<'s>(subject: &Subject<'s>) -> Option<Message<'s>> {
    let duration = text(subject.status.duration);
    let tasks = tasks(subject).filter(|(completed, total)| completed == total);
    let total = tasks.map(|(_, total)| total);
    (total.is_some() || duration.is_some()).then_some(Message::Success(total, duration))
}

fn failure<'s>(subject: &Subject<'s>) -> Option<Message<'s>> {
    let details = subject.status.failure_details.as_ref();
    let text_of_details = text(details.and_then(|details| details.message))
        .or_else(|| text(subject.status.failure_reason));
    match text_of_details {
        Some(text) => Some(Message::Text(text)),
        None => subject.failure_reason().map(Message::Failure),
    }
}

fn skip<'s>(subject: &Subject<'s>) -> Option<Message<'s>> {
    let details = subject.status.skip_details.as_ref()?;
    text(details.message).map(Message::Text)
}

#[cfg(test)]
mod tests {
    use super::{MARK, MAX_CHARS, Message};

    #[test]
    fn a_message_is_its_own_text_and_no_other() {
        for message in [
            Message::Text("a\u{202e}b\u{200b}\nc".into()),
            Message::Text("é".repeat(2 * MAX_CHARS).into()),
            Message::Run("execution", "w".into(), "was created"),
        ] {
            let text = message.to_string();
            assert!(message.is(&text), "{text}");
            assert!(text.chars().count() <= MAX_CHARS);
            for other in [
                format!("{text} "),
                text.replacen(MARK, "", 1),
                String::new(),
            ] {
                assert!(!message.is(&other), "{other}");
            }
        }
    }

    #[test]
    fn what_a_terminal_would_not_show_becomes_a_space() {
        let message = Message::Text("a\u{202e}b\u{200b}c\u{2028}d\u{85}e\u{1b}f\u{a0}g".into());
        assert_eq!(message.to_string(), format!("a b c d e f g{MARK}"));
    }
}
