//! Random statuses made of plausible and implausible pieces: own and foreign items, duplicates, odd shapes, numbers and times.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::oracle::{EXECUTION, TEKTON, Words};
use crate::pieces::{
    ODD_TIMES, TIMES, details_texts, long_messages, messages, odd_generations, other_reasons,
    other_types, wrong_types,
};

fn text(value: &'static str) -> BoxedStrategy<Value> {
    Just(json!(value)).boxed()
}

fn one_text_of(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    select(values).prop_map(|text| json!(text)).boxed()
}

/// Anything that is no text.
pub fn wrong_type() -> BoxedStrategy<Value> {
    select(wrong_types()).boxed()
}

fn time() -> BoxedStrategy<Value> {
    prop_oneof![12 => one_text_of(TIMES), 1 => one_text_of(ODD_TIMES), 1 => wrong_type()].boxed()
}

pub fn number() -> BoxedStrategy<Value> {
    prop_oneof![
        8 => (0_u64..5).prop_map(|number| json!(number)),
        1 => select(odd_generations()),
    ]
    .boxed()
}

/// The reasons of a type when True and when False.
type Reasons = (&'static [&'static str], &'static [&'static str]);

fn condition_type() -> BoxedStrategy<(Value, Option<Reasons>)> {
    let of = |words: &'static Words| {
        select(words.rows).prop_map(|row| (json!(row.1), Some((row.2, row.3))))
    };
    let odd = select(other_types());
    prop_oneof![
        10 => of(&TEKTON),
        10 => of(&EXECUTION),
        2 => odd.prop_map(|name| (name, None)),
        1 => wrong_type().prop_map(|name| (name, None)),
    ]
    .boxed()
}

fn reason(allowed: Vec<&'static str>) -> BoxedStrategy<Value> {
    let odd = select(other_reasons());
    let legal = if allowed.is_empty() {
        text("Anything")
    } else {
        select(allowed).prop_map(|it| json!(it)).boxed()
    };
    prop_oneof![9 => legal, 2 => odd, 1 => wrong_type()].boxed()
}

fn message() -> BoxedStrategy<Value> {
    let fixed = [messages(), long_messages()].concat();
    prop_oneof![6 => text("phase is known (derived by wfe-webhook)"), 4 => text("by hand"), 2 => select(fixed)].boxed()
}

/// One item of `conditions`.
fn item() -> BoxedStrategy<Value> {
    let status = prop_oneof![
        8 => one_text_of(&["True", "False"]),
        2 => text("Unknown"),
        1 => one_text_of(&["true", "", "TRUE", "Unknown "]),
        1 => wrong_type(),
    ];
    let object = (condition_type(), status)
        .prop_flat_map(|((name, reasons), status)| {
            let allowed = match (reasons, status.as_str()) {
                (Some((of_true, _)), Some("True")) => of_true.to_vec(),
                (Some((_, of_false)), Some("False")) => of_false.to_vec(),
                _ => vec![],
            };
            let fields = (
                reason(allowed),
                option::weighted(0.9, message()),
                option::weighted(0.97, time()),
            );
            let rest = (
                option::weighted(0.3, number()),
                option::weighted(0.05, Just(json!({"nested": [1]}))),
            );
            (Just(name), Just(status), fields, rest)
        })
        .prop_map(
            |(name, status, (reason, message, time), (generation, bogus))| {
                let mut item = Map::new();
                item.insert("type".to_owned(), name);
                item.insert("status".to_owned(), status);
                item.insert("reason".to_owned(), reason);
                let optional = [
                    ("message", message),
                    ("lastTransitionTime", time),
                    ("observedGeneration", generation),
                    ("bogus", bogus),
                ];
                for (field, value) in optional {
                    item.extend(value.map(|value| (field.to_owned(), value)));
                }
                Value::Object(item)
            },
        );
    prop_oneof![40 => object, 1 => wrong_type(), 1 => Just(json!({}))].boxed()
}

fn conditions() -> BoxedStrategy<Value> {
    prop_oneof![30 => vec(item(), 0..7).prop_map(Value::from), 1 => wrong_type(), 1 => text("True")]
        .boxed()
}

/// Details with a text.
fn with_message(details: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    (details, select(details_texts()))
        .prop_map(|(mut details, message)| {
            details["message"] = message;
            details
        })
        .boxed()
}

/// A whole status, conditions included.
pub fn status() -> BoxedStrategy<Value> {
    let phase = prop_oneof![
        12 => one_text_of(&["", "Pending", "Running", "Completed", "Failed", "Skipped", "Failed", "Completed", "Running"]),
        1 => one_text_of(&["running", "Executing", "Completed\n"]),
        1 => wrong_type(),
    ];
    let reason = |known: &'static [&'static str]| prop_oneof![9 => one_text_of(known), 1 => one_text_of(&["", "Other"]), 1 => wrong_type()];
    let failures = EXECUTION.failures;
    let failure = (option::weighted(0.8, reason(failures)), option::of(prop_oneof![4 => any::<bool>().prop_map(Value::from), 1 => wrong_type()]), option::of(time()))
        .prop_map(|(reason, executed, at)| json!({"reason": reason, "wasExecutionFailure": executed, "failedAt": at}));
    let failure = with_message(failure);
    let skips = &[
        "ResourceBusy",
        "RecentlyRemediated",
        "ExhaustedRetries",
        "PreviousExecutionFailed",
    ];
    let skip = (option::weighted(0.9, reason(skips)), option::of(time()))
        .prop_map(|(reason, at)| json!({"reason": reason, "skippedAt": at}));
    let skip = with_message(skip);
    let run =
        one_text_of(&["run-1", "", "wfe-\u{7f}\u{e9}"]).prop_map(|name| json!({"name": name}));
    let run_status = (
        one_text_of(&["Started", "Running", "PipelineRunPending", "ResolvingTaskRef", ""]),
        select(vec![json!(0), json!(1), json!(3), json!("3"), json!(null)]),
        select(vec![json!(0), json!(3), json!(-1)]),
    )
        .prop_map(|(reason, completed, total)| {
            json!({"status": "Unknown", "reason": reason, "completedTasks": completed, "totalTasks": total})
        });
    let or_wrong = |strategy: BoxedStrategy<Value>| prop_oneof![8 => strategy, 1 => wrong_type(), 1 => Just(json!({}))];
    let details = (
        option::weighted(0.3, or_wrong(failure.boxed())),
        option::weighted(0.2, or_wrong(skip.boxed())),
        option::weighted(0.2, or_wrong(run.clone().boxed())),
        option::weighted(0.2, or_wrong(run.boxed())),
        option::weighted(0.15, or_wrong(run_status.clone().boxed())),
        option::weighted(0.15, or_wrong(run_status.boxed())),
    );
    let times = (
        option::weighted(0.4, time()),
        option::weighted(0.4, time()),
        option::weighted(0.25, number()),
        option::weighted(0.2, select(details_texts())),
        option::weighted(0.2, select(details_texts())),
    );
    (
        option::weighted(0.93, phase),
        details,
        times,
        option::weighted(0.9, conditions()),
    )
        .prop_map(
            |(phase, details, (start, completion, generation, duration, failure), conditions)| {
                let fields = [
                    ("phase", phase),
                    ("failureDetails", details.0),
                    ("skipDetails", details.1),
                    ("pipelineRunRef", details.2),
                    ("executionRef", details.3),
                    ("pipelineRunStatus", details.4),
                    ("executionStatus", details.5),
                    ("startTime", start),
                    ("completionTime", completion),
                    ("observedGeneration", generation),
                    ("duration", duration),
                    ("failureReason", failure),
                    ("conditions", conditions),
                ];
                let present = fields
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)));
                Value::Object(present.collect())
            },
        )
        .boxed()
}
