//! The policies alone, the webhook alone, and both: the same verdicts and the same stored conditions, but for what the report
//! of `generate policies` leaves to the webhook.

use serde_json::{Value, json};
use test_support::lives::Life;
use test_support::properties::write::Write;
use test_support::space::{self, Case, Names};

use crate::match_conditions::{loose_plane, odd_statuses, random_choices};
use crate::object::Group;

use tally::Tally;
use trio::Trio;

mod tally;
mod trio;

fn group(names: Names) -> Group {
    match names {
        Names::Tekton => Group::Tekton,
        Names::Execution => Group::Kubernaut,
    }
}

/// Of so many cases one is sent; `WHOLE_SPACE=1` sends all, and thousands of lives, which takes half an hour.
const ONE_OF: usize = 11;

fn whole_space() -> bool {
    std::env::var_os("WHOLE_SPACE").is_some()
}

/// Sends cases of one vocabulary, those over the same stored status one after the other. Most are given the times that say
/// when what they imply happened.
async fn compare_cases(title: &str, names: Names, cases: Vec<Case>) {
    let one_of = if whole_space() { 1 } else { ONE_OF };
    let cases = cases.into_iter().step_by(one_of).enumerate();
    let timed = cases.map(|(at, case)| if at % 8 == 0 { case } else { with_times(case) });
    let mut cases: Vec<Case> = timed.collect();
    let vocabulary = names.vocabulary().name;
    let name = format!("{title}-{vocabulary}");
    let trio = Trio::on(loose_plane(), &name, vocabulary).await;
    let count = cases.len();
    cases.sort_by_cached_key(|case| case.stored.to_string());
    let mut tally = Tally::new();
    let over_one: Vec<&[Case]> = cases
        .chunk_by(|one, other| one.stored == other.stored)
        .collect();
    trio.compare_cases(&mut tally, group(names), &over_one)
        .await;
    tally.finish(&name, count);
}

fn with_times(mut case: Case) -> Case {
    case.status["completionTime"] = json!("2026-11-23T11:30:00Z");
    if case.status["skipDetails"].is_object() {
        case.status["skipDetails"]["skippedAt"] = json!("2026-11-23T11:40:00.5Z");
    }
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_of_each_phase() {
    for names in Names::BOTH {
        let cases = space::created_running_and_complete(names);
        compare_cases("roles", names, cases).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_that_do_not_bear_on_each_other() {
    for names in Names::BOTH {
        let cases = space::complete_and_the_roles_beside_it(names);
        compare_cases("beside", names, cases).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phases_and_details() {
    for names in Names::BOTH {
        compare_cases("details", names, space::phases_and_details(names)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_beside_details() {
    for names in Names::BOTH {
        compare_cases("reasons", names, space::reasons_beside_details(names)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_condition_over_a_stored_one() {
    for names in Names::BOTH {
        compare_cases("stored", names, space::one_role_over_one_stored(names)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_conditions_of_a_type() {
    for names in Names::BOTH {
        compare_cases("twice", names, space::two_of_a_type(names)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_conditions_over_all_stored_ones() {
    for names in Names::BOTH {
        compare_cases("sample", names, space::sample_of_all_roles(names)).await;
    }
}

/// Each write is sent again: nothing changes then.
#[tokio::test(flavor = "multi_thread")]
async fn random_lives() {
    let trio = Trio::on(loose_plane(), "completing-lives", "auto").await;
    let lives = random_choices().filter_map(|choices| Life::read(&choices));
    let lives: Vec<Life> = lives.take(if whole_space() { 4000 } else { 400 }).collect();
    let mut tally = Tally::new();
    trio.live(&mut tally, &lives).await;
    tally.finish("random lives", 3 * lives.len());
}

/// Whatever a schema lets through: the API server says when an expression fails, as the policies are `Fail` here.
#[tokio::test(flavor = "multi_thread")]
async fn odd_shapes_and_random_writes() {
    let trio = Trio::on(loose_plane(), "completing-odd", "auto").await;
    let mut tally = Tally::new();
    let odd = odd_statuses().into_iter().map(|status| Case {
        stored: json!({}),
        status,
    });
    let random = random_choices().filter_map(|choices| Write::read(&choices));
    let random = random.take(400).map(|write| {
        let request = &write.review.value()["request"];
        let [stored, status] = ["oldObject", "object"].map(|it| request[it]["status"].clone());
        Case { stored, status }
    });
    let cases: Vec<Case> = odd.chain(random).collect();
    let one_by_one: Vec<&[Case]> = cases.iter().map(std::slice::from_ref).collect();
    for group in [Group::Tekton, Group::Kubernaut] {
        trio.compare_cases(&mut tally, group, &one_by_one).await;
    }
    tally.finish("odd shapes and random writes", 1000);
}

fn condition(condition_type: &str, status: &str, reason: &str) -> Value {
    crate::policies::condition(condition_type, status, reason)
}

/// The cost of an expression is limited, and the schema limits no list.
#[tokio::test(flavor = "multi_thread")]
async fn the_longest_lists_are_completed() {
    let trio = Trio::on(loose_plane(), "completing-long", "auto").await;
    let mut tally = Tally::new();
    let long = |count: usize| -> Vec<Value> {
        let others = (0..count).map(|at| condition(&format!("example.com/C{at}"), "True", "Fine"));
        others.collect()
    };
    let status = |conditions: Vec<Value>| {
        json!({
            "phase": "Completed", "startTime": "2026-11-20T10:00:00Z", "completionTime": "2026-11-20T10:05:00Z",
            "failureReason": "much ".repeat(100_000), "duration": "much ".repeat(100_000), "conditions": conditions,
        })
    };
    let cases = [62, 64].map(|count| Case {
        stored: status(long(64)),
        status: status(long(count)),
    });
    let one_by_one: Vec<&[Case]> = cases.iter().map(std::slice::from_ref).collect();
    trio.compare_cases(&mut tally, Group::Tekton, &one_by_one)
        .await;
    assert_eq!(tally.both_pass, 2);
    tally.finish("the longest lists", 2);
    let longer = status(long(65));
    let stored = trio.policies_store(&json!({}), &longer).await;
    assert_eq!(stored, longer, "as the report says");
}
