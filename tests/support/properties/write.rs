//! Any write, made of the choices that bytes stand for.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value, json};
use wfe_webhook::policy::{Completion, Mode, Policy, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};

use crate::oracle::{EXECUTION, TEKTON};
use crate::pieces::{
    ODD_TIMES, TIMES, long_messages, messages, odd_generations, other_reasons, other_types,
    wrong_types,
};
use crate::reviews::{MARK, Review};

/// A write, and the policy that it meets.
#[derive(Debug)]
pub struct Write {
    pub review: Review,
    pub policy: Policy,
}

impl Write {
    /// A text that is a JSON object stands for a write of itself: `group`, `object` and `oldObject` with the status
    /// written and stored, under the default policy. Anything else is a series of choices; `None` when they do not suffice.
    pub fn read(input: &[u8]) -> Option<Self> {
        if input.starts_with(b"{") {
            return Self::spelled(&serde_json::from_slice(input).ok()?);
        }
        Self::arbitrary_take_rest(Unstructured::new(input)).ok()
    }

    fn spelled(write: &Value) -> Option<Self> {
        let review = match write["group"].as_str()? {
            "kubernaut.ai" => Review::execution(),
            "workflowexecution.kubernaut.ai" => Review::tekton(),
            _ => return None,
        };
        Some(Self {
            review: review
                .status(write["object"].clone())
                .stored(write["oldObject"].clone()),
            policy: Policy::default(),
        })
    }
}

impl<'a> Arbitrary<'a> for Write {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut review = if u.arbitrary()? {
            Review::tekton()
        } else {
            Review::execution()
        };
        let policy = policy(u)?;
        let stored = status(u)?;
        let mut status = either(u, 30, status, |u| one_of(u, &wrong_types()))?;
        carry(u, &mut status, &stored)?;
        review = review.status(status).stored(stored);
        let written = generation(u)?;
        // Only a PUT may name another generation than the stored one.
        let stored = either(u, 7, |_| Ok(written.clone()), generation)?;
        for (object, number) in [("object", written), ("oldObject", stored)] {
            let pointer = format!("/request/{object}/metadata/generation");
            review = match number {
                Value::Null => review.without(&pointer),
                number => review.set(&pointer, number),
            };
        }
        if u.ratio(1, 16)? {
            review = review.set("/request/oldObject", Value::Null);
        }
        if u.ratio(1, 16)? {
            review = review.set("/request/object/metadata/resourceVersion", json!("6"));
        }
        Ok(Self { review, policy })
    }
}

/// The first in `often` of `often + 1` cases, else the second.
fn either<'a, T>(
    u: &mut Unstructured<'a>,
    often: u8,
    first: impl FnOnce(&mut Unstructured<'a>) -> Result<T>,
    second: impl FnOnce(&mut Unstructured<'a>) -> Result<T>,
) -> Result<T> {
    // What is left when the bytes run out is the usual.
    if u.ratio(often, often + 1)? {
        first(u)
    } else {
        second(u)
    }
}

fn one_of(u: &mut Unstructured, values: &[Value]) -> Result<Value> {
    u.choose(values).cloned()
}

fn one_text_of(u: &mut Unstructured, texts: &[&str]) -> Result<Value> {
    u.choose(texts).map(|text| json!(text))
}

fn time(u: &mut Unstructured) -> Result<Value> {
    let odd = |u: &mut Unstructured| {
        either(
            u,
            1,
            |u| one_text_of(u, ODD_TIMES),
            |u| one_of(u, &wrong_types()),
        )
    };
    either(u, 8, |u| one_text_of(u, TIMES), odd)
}

fn generation(u: &mut Unstructured) -> Result<Value> {
    either(
        u,
        8,
        |u| u.int_in_range(0_u64..=4).map(Value::from),
        |u| one_of(u, &odd_generations()),
    )
}

/// Fields, each of which is there in one of so many cases.
struct Fields<'u, 'a> {
    u: &'u mut Unstructured<'a>,
    made: Map<String, Value>,
}

impl<'a> Fields<'_, 'a> {
    fn once_in(
        &mut self,
        cases: u8,
        name: &str,
        make: impl FnOnce(&mut Unstructured<'a>) -> Result<Value>,
    ) -> Result<()> {
        if self.u.ratio(1, cases)? {
            self.always(name, make)?;
        }
        Ok(())
    }

    fn always(
        &mut self,
        name: &str,
        make: impl FnOnce(&mut Unstructured<'a>) -> Result<Value>,
    ) -> Result<()> {
        let value = make(self.u)?;
        self.made.insert(name.to_owned(), value);
        Ok(())
    }
}

fn object<'a>(
    u: &mut Unstructured<'a>,
    fill: impl FnOnce(&mut Fields<'_, 'a>) -> Result<()>,
) -> Result<Value> {
    let made = Map::new();
    let mut fields = Fields { u, made };
    fill(&mut fields)?;
    Ok(fields.made.into())
}

/// An object, seldom something else.
fn details<'a>(
    u: &mut Unstructured<'a>,
    fill: impl FnOnce(&mut Fields<'_, 'a>) -> Result<()>,
) -> Result<Value> {
    either(u, 8, |u| object(u, fill), |u| one_of(u, &wrong_types()))
}

fn status(u: &mut Unstructured) -> Result<Value> {
    let phase = |u: &mut Unstructured| {
        let odd = [
            json!(""),
            json!("Pending"),
            json!("running"),
            json!("Completed\n"),
            json!(7),
        ];
        either(
            u,
            5,
            |u| one_text_of(u, &["Running", "Completed", "Failed", "Skipped"]),
            |u| one_of(u, &odd),
        )
    };
    let run = |u: &mut Unstructured| {
        details(u, |run| {
            run.always("name", |u| {
                one_text_of(u, &["run-1", "", "wfe-\u{7f}\u{e9}"])
            })
        })
    };
    let run_status = |u: &mut Unstructured| {
        details(u, |run| {
            run.made
                .extend([("completedTasks", 1), ("totalTasks", 3)].map(named));
            run.always("reason", |u| {
                one_text_of(u, &["Started", "Running", "ResolvingTaskRef", ""])
            })
        })
    };
    object(u, |it| {
        it.once_in(1, "phase", phase)?;
        it.once_in(3, "failureDetails", failure)?;
        it.once_in(4, "skipDetails", skip)?;
        it.once_in(4, "pipelineRunRef", run)?;
        it.once_in(4, "executionRef", run)?;
        it.once_in(5, "pipelineRunStatus", run_status)?;
        it.once_in(5, "executionStatus", run_status)?;
        it.once_in(3, "startTime", time)?;
        it.once_in(3, "completionTime", time)?;
        it.once_in(4, "observedGeneration", generation)?;
        it.once_in(1, "conditions", conditions)
    })
}

fn named((name, number): (&str, u64)) -> (String, Value) {
    (name.to_owned(), number.into())
}

fn failure(u: &mut Unstructured) -> Result<Value> {
    details(u, |it| {
        it.made.insert("message".to_owned(), json!("exit code 1"));
        it.once_in(1, "reason", |u| {
            either(
                u,
                8,
                |u| one_text_of(u, EXECUTION.failures),
                |u| one_of(u, &other_reasons()),
            )
        })?;
        it.once_in(2, "wasExecutionFailure", |u| {
            either(
                u,
                6,
                |u| u.arbitrary::<bool>().map(Value::from),
                |u| one_of(u, &wrong_types()),
            )
        })?;
        it.once_in(2, "failedAt", time)
    })
}

fn skip(u: &mut Unstructured) -> Result<Value> {
    let reasons = [
        "ResourceBusy",
        "RecentlyRemediated",
        "ExhaustedRetries",
        "PreviousExecutionFailed",
        "",
        "Other",
    ];
    details(u, |it| {
        it.made
            .insert("message".to_owned(), json!("the target is busy"));
        it.always("reason", |u| one_text_of(u, &reasons))?;
        it.once_in(2, "skippedAt", time)
    })
}

fn conditions(u: &mut Unstructured) -> Result<Value> {
    let list = |u: &mut Unstructured| {
        let count = u.int_in_range(0..=6)?;
        (0..count).map(|_| item(u)).collect()
    };
    either(u, 30, list, |u| one_of(u, &wrong_types()))
}

fn item(u: &mut Unstructured) -> Result<Value> {
    either(u, 40, condition, |u| one_of(u, &wrong_types()))
}

fn condition(u: &mut Unstructured) -> Result<Value> {
    let words = if u.arbitrary()? { &TEKTON } else { &EXECUTION };
    let row = u.choose(words.rows)?;
    let name = either(u, 12, |_| Ok(json!(row.1)), |u| one_of(u, &other_types()))?;
    let odd = [json!("Unknown"), json!("true"), json!(""), json!(true)];
    let status = either(
        u,
        8,
        |u| one_text_of(u, &["True", "False"]),
        |u| one_of(u, &odd),
    )?;
    let allowed = if status == "True" { row.2 } else { row.3 };
    object(u, |it| {
        it.made.insert("type".to_owned(), name);
        it.made.insert("status".to_owned(), status);
        it.always("reason", |u| {
            either(
                u,
                8,
                |u| one_text_of(u, allowed),
                |u| one_of(u, &[other_reasons(), wrong_types()].concat()),
            )
        })?;
        it.always("message", message)?;
        it.always("lastTransitionTime", time)?;
        it.once_in(3, "observedGeneration", generation)?;
        it.once_in(20, "bogus", |u| one_of(u, &wrong_types()))
    })
}

fn message(u: &mut Unstructured) -> Result<Value> {
    let own = json!(format!("phase is known{MARK}"));
    let usual = [own, json!("by hand")];
    let other = |u: &mut Unstructured| {
        either(
            u,
            20,
            |u| one_of(u, &messages()),
            |u| one_of(u, &long_messages()),
        )
    };
    either(u, 5, |u| one_of(u, &usual), other)
}

/// Carries some stored conditions into a status, before or after its own.
fn carry(u: &mut Unstructured, status: &mut Value, stored: &Value) -> Result<()> {
    let (mask, first): (u8, bool) = u.arbitrary()?;
    let stored = stored["conditions"].as_array().into_iter().flatten();
    let carried: Vec<Value> = stored
        .enumerate()
        .filter(|(at, _)| mask >> (at % 8) & 1 == 1)
        .map(|(_, item)| item.clone())
        .collect();
    if let Some(conditions) = status.get_mut("conditions").and_then(Value::as_array_mut) {
        let at = if first { 0 } else { conditions.len() };
        conditions.splice(at..at, carried);
    }
    Ok(())
}

fn policy(u: &mut Unstructured) -> Result<Policy> {
    let mut policy = Policy::default();
    if u.arbitrary()? {
        return Ok(policy);
    }
    policy.vocabulary = *u.choose(&[
        VocabularyChoice::Auto,
        VocabularyChoice::Tekton,
        VocabularyChoice::Execution,
    ])?;
    policy.mode = *u.choose(&[Mode::Enforce, Mode::Warn, Mode::Audit])?;
    policy.completion = *u.choose(&[
        None,
        Some(Completion::Patch),
        Some(Completion::Audit),
        Some(Completion::Off),
    ])?;
    if u.ratio(1, 3)? {
        policy.extra_types.push("Custom".to_owned());
    }
    if u.ratio(1, 20)? {
        policy.exempt_groups.push("system:authenticated".to_owned());
    }
    for _ in 0..u.int_in_range(0..=3)? {
        policy.set_action(*u.choose(&Rule::ALL)?, *u.choose(&Action::ALL)?);
    }
    Ok(policy)
}
