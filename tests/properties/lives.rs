//! Whole lives of an object whose writer never sets a condition.

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use wfe_webhook::policy::{Policy, VocabularyChoice};
use wfe_webhook::rules::{Action, Rule};

use crate::hooks::{Hooks, Oracle, Product};
use crate::oracle::now;
use crate::reviews::Review;

/// What the writer does with the conditions that it read.
#[derive(Clone, Copy, Debug)]
enum Carry {
    /// A PUT of what was read, or a merge patch.
    All,
    /// Server-side apply, or a writer that knows no conditions.
    Nothing,
    /// Some types get lost.
    Some(u8),
}

/// One write.
#[derive(Clone, Debug)]
struct Step {
    phase: usize,
    /// The writer's fields, phase and conditions left out.
    fields: Value,
    failure: Value,
    skip: Value,
    carry: Carry,
    mutate_is_up: bool,
    new_generation: bool,
    seconds: i64,
}

/// A life: where the object lives and what is written.
#[derive(Clone, Debug)]
struct Life {
    former_group: bool,
    vocabulary: VocabularyChoice,
    steps: Vec<Step>,
}

impl Life {
    /// Whether the phase Skipped is legal all along.
    fn may_skip(&self) -> bool {
        match self.vocabulary {
            VocabularyChoice::Tekton => true,
            VocabularyChoice::Execution => false,
            VocabularyChoice::Auto => self.former_group,
        }
    }

    /// The phases that may follow.
    fn next_phases(&self, phase: &str) -> Vec<&'static str> {
        let all = ["", "Pending", "Running", "Completed", "Failed", "Skipped"];
        let follows = |next: &&str| {
            (self.may_skip() || *next != "Skipped")
                && match phase {
                    "" | "Pending" => true,
                    "Running" => !["", "Pending"].contains(next),
                    _ => *next == phase,
                }
        };
        all.into_iter().filter(follows).collect()
    }
}

fn step() -> impl Strategy<Value = Step> {
    let time = select(vec![
        json!("2026-11-23T10:00:00Z"),
        json!("2026-11-23T11:00:00.75+00:00"),
        json!("2026-11-23T12:00:30Z"),
        json!("2027-01-01T00:00:00Z"),
        json!("yesterday"),
        json!(""),
        json!(null),
    ]);
    let run = select(vec![
        json!(null),
        json!({"name": "run-1"}),
        json!({"name": ""}),
        json!({}),
    ]);
    let run_status = select(vec![
        json!(null),
        json!({"status": "Unknown", "reason": "Started"}),
        json!({"status": "True", "reason": "Succeeded"}),
    ]);
    let fields = (time.clone(), time.clone(), run.clone(), run, run_status.clone(), run_status, option::weighted(0.3, 0_u64..6))
        .prop_map(|(start, completion, pipeline, execution, pipeline_status, execution_status, generation)| {
            json!({
                "startTime": start, "completionTime": completion, "observedGeneration": generation,
                "pipelineRunRef": pipeline, "executionRef": execution,
                "pipelineRunStatus": pipeline_status, "executionStatus": execution_status,
            })
        });
    let reason = select(vec![
        json!(null),
        json!("OOMKilled"),
        json!("DeadlineExceeded"),
        json!("Forbidden"),
        json!("ResourceExhausted"),
        json!("ConfigurationError"),
        json!("ImagePullBackOff"),
        json!("TaskFailed"),
        json!("Unknown"),
        json!("UnsupportedEngine"),
        json!("Deduplicated"),
        json!("OutsideTheEnum"),
    ]);
    let failure = (any::<bool>(), reason, any::<bool>(), time.clone()).prop_map(
        |(present, reason, executed, at)| {
            if present {
                json!({"reason": reason, "wasExecutionFailure": executed, "failedAt": at})
            } else {
                json!(null)
            }
        },
    );
    let skip_reason = select(vec![
        json!(null),
        json!("ResourceBusy"),
        json!("RecentlyRemediated"),
        json!("ExhaustedRetries"),
        json!("PreviousExecutionFailed"),
        json!("OutsideTheEnum"),
    ]);
    let skip =
        (skip_reason, time).prop_map(|(reason, at)| json!({"reason": reason, "skippedAt": at}));
    let carry = prop_oneof![
        Just(Carry::All),
        Just(Carry::Nothing),
        any::<u8>().prop_map(Carry::Some)
    ];
    let world = (
        carry,
        prop::bool::weighted(0.75),
        prop::bool::weighted(0.2),
        0_i64..90,
    );
    (0_usize..60, fields, failure, skip, world).prop_map(
        |(phase, fields, failure, skip, (carry, mutate_is_up, new_generation, seconds))| Step {
            phase,
            fields,
            failure,
            skip,
            carry,
            mutate_is_up,
            new_generation,
            seconds,
        },
    )
}

fn life() -> impl Strategy<Value = Life> {
    let vocabulary = select(vec![
        VocabularyChoice::Auto,
        VocabularyChoice::Auto,
        VocabularyChoice::Tekton,
        VocabularyChoice::Execution,
    ]);
    (any::<bool>(), vocabulary, vec(step(), 1..9)).prop_map(|(former_group, vocabulary, steps)| {
        Life {
            former_group,
            vocabulary,
            steps,
        }
    })
}

/// The conditions that a write carries.
fn carried(carry: Carry, stored: &Value) -> Value {
    let kept = |item: &Value| {
        let name = item["type"].as_str().unwrap_or_default();
        let place = name.bytes().map(usize::from).sum::<usize>() % 8;
        match carry {
            Carry::All => true,
            Carry::Nothing => false,
            Carry::Some(mask) => mask >> place & 1 == 1,
        }
    };
    match (&stored["conditions"], carry) {
        (_, Carry::Nothing) | (Value::Null, _) => Value::Null,
        (conditions, _) => conditions
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| kept(item))
            .cloned()
            .collect(),
    }
}

fn without_nulls(status: &Value) -> Value {
    let mut status = status.clone();
    status
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    status
}

fn live(hooks: &impl Hooks, life: &Life) -> Result<(), TestCaseError> {
    let mut policy = Policy::default();
    policy.vocabulary = life.vocabulary;
    // Times that the webhook writes itself must be beyond reproach as well.
    policy.set_action(Rule::TransitionTime, Action::Deny);
    let (mut stored, mut generation, mut clock, mut phase) = (json!({}), 1_u64, now(), "");
    for step in &life.steps {
        let phases = life.next_phases(phase);
        phase = phases[step.phase % phases.len()];
        generation += u64::from(step.new_generation);
        let mut written = step.fields.clone();
        written["phase"] = phase.into();
        match phase {
            "Failed" => written["failureDetails"] = step.failure.clone(),
            "Skipped" => written["skipDetails"] = step.skip.clone(),
            _ => {}
        }
        let mut write = |conditions: &Value, stored: &Value, mutate_is_up: bool| {
            clock += SignedDuration::from_secs(step.seconds) + SignedDuration::from_millis(300);
            let mut status = written.clone();
            status["conditions"] = conditions.clone();
            let status = without_nulls(&status);
            let base = if life.former_group {
                Review::tekton()
            } else {
                Review::execution()
            };
            let review = base
                .generation(generation)
                .status(status)
                .stored(stored.clone());
            let mut review = review.value().clone();
            if mutate_is_up {
                review = hooks.mutate(&review, &policy, clock);
            }
            let denials = hooks.denials(&review, &policy, clock);
            prop_assert!(denials.is_empty(), "{denials:?}\n{review}");
            Ok(review["request"]["object"]["status"].clone())
        };
        let conditions = carried(step.carry, &stored);
        stored = write(&conditions, &stored, step.mutate_is_up)?;
        if !step.mutate_is_up {
            continue;
        }
        let again = write(&conditions, &stored, true)?;
        prop_assert!(
            again == stored,
            "the same bytes moved the object\n{stored}\n{again}"
        );
        if !matches!(step.carry, Carry::Some(_)) {
            let again = write(&carried(step.carry, &stored), &stored, true)?;
            prop_assert!(
                again == stored,
                "the same write moved the object\n{stored}\n{again}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_writer_that_sets_no_condition_is_never_denied_and_repeats_move_nothing(life in life()) {
        live(&Product, &life)?;
    }

    #[test]
    fn the_second_formulation_denies_no_such_writer_either(life in life()) {
        live(&Oracle, &life)?;
    }
}
