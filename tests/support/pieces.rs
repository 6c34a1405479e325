//! What random statuses are made of, beside the vocabularies: plausible and implausible times, numbers and names.

use serde_json::{Value, json};

use crate::reviews::MARK;

/// Times that can be read.
pub const TIMES: &[&str] = &[
    "2026-11-23T10:00:00Z",
    "2026-11-23T11:00:00Z",
    "2026-11-23T11:00:00.000Z",
    "2026-11-23T11:00:00.5Z",
    "2026-11-23T12:30:00+01:30",
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:05:00.5Z",
    "2026-11-23T12:05:01Z",
    "2027-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z",
    "0001-01-01T00:00:01Z",
    "9999-12-31T23:59:59Z",
    "2024-02-29T00:00:00-23:59",
    "0001-01-01T00:00:00.000Z",
    "0001-01-01T00:00:00+00:00",
    "0001-01-01T00:30:00+01:00",
    "2026-11-23T11:00:00.1234567891Z",
    "2026-11-23T11:00:00.1234567892Z",
    "2026-11-23T12:05:00.50000000001Z",
    "2026-11-23T10:59:59.99999999999Z",
];

/// Times that cannot.
pub const ODD_TIMES: &[&str] = &[
    "",
    "2026-11-23",
    "2026-11-23t10:00:00Z",
    "2026-11-23T10:00:00z",
    "2026-11-23 10:00:00Z",
    "2026-11-23T10:00:00",
    "2026-11-23T10:00:00,5Z",
    "2026-11-23T10:00:00.Z",
    "2026-11-23T10:00:60Z",
    "2026-11-23T24:00:00Z",
    "2026-02-29T10:00:00Z",
    "2026-11-31T10:00:00Z",
    "2026-11-23T10:00:00+24:00",
    "2026-11-23T10:00:00+0100",
    "2026-11-23T10:00:00+01:60",
    "0000-12-31T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "+2026-11-23T10:00:00Z",
    "2026-11-23T10:00:00Z[UTC]",
    "2026-11-23T10:00:00+01:00:00",
    "２０２６-11-23T10:00:00Z",
];

/// Anything but a string.
pub fn wrong_types() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(7),
        json!(["True"]),
        json!({"a": 1}),
        json!(1.5),
    ]
}

/// What may stand where a generation belongs.
pub fn odd_generations() -> Vec<Value> {
    vec![
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!("1"),
        json!(i64::MAX),
        json!(9_223_372_036_854_775_808_u64),
        json!(u64::MAX),
        json!(1e30),
        json!(null),
        json!([1]),
        json!(false),
    ]
}

/// Condition types that no vocabulary has, some of them with the domain of a third party.
pub fn other_types() -> Vec<Value> {
    vec![
        json!("example.com/Audited"),
        json!("kubernaut.ai/Audited"),
        json!("x.kubernaut.ai/Audited"),
        json!("notkubernaut.ai/Audited"),
        json!("Example.com/Audited"),
        json!("a/b/c"),
        json!("/Audited"),
        json!("-x.example.com/Audited"),
        json!("example..com/Audited"),
        json!("Approved"),
        json!("Custom"),
        json!("TektonPipelineCompleted"),
        json!("executioncreated"),
        json!(""),
        json!("x".repeat(317)),
        json!(format!("example.com/{}", "x".repeat(304))),
        json!("Bidi\u{202e}\u{0}\"[x]"),
    ]
}

/// Reasons that few conditions may have.
pub fn other_reasons() -> Vec<Value> {
    vec![
        json!("snake_case"),
        json!("lowerCamel"),
        json!("With:Colon"),
        json!(""),
        json!("Übung"),
        json!("x".repeat(1025)),
        json!("X".repeat(1024)),
        json!("Custom"),
        json!("ResourceBusy"),
        json!("RBACError"),
        json!("PipelineSucceeded"),
        json!("ExecutionFailed"),
        json!("TaskFailed"),
        json!("a\nb"),
    ]
}

/// Texts of details, from which messages are derived.
pub fn details_texts() -> Vec<Value> {
    vec![
        json!("exit code 1"),
        json!("held by\u{202e}evil\u{202c} \u{2028} line \u{200b} zero \u{85} nel\n"),
        json!(" \t"),
        json!(""),
        json!("é".repeat(2_000)),
        json!("x".repeat(999)),
        json!("x".repeat(1_000)),
        json!(null),
        json!(17),
    ]
}

/// Messages with and without the webhook's mark: those that are derived, those of another phase, and foreign ones.
pub fn messages() -> Vec<Value> {
    let derived = [
        "phase is Running",
        "phase is Completed",
        "phase is Failed",
        "PipelineRun run-1 was created",
        "PipelineRun run-1 started",
        "execution run-1 started",
        "1 of 3 tasks completed",
        "all 3 tasks completed",
        "failed: TaskFailed",
        "exit code 1",
    ];
    let derived = derived.iter().map(|text| json!(format!("{text}{MARK}")));
    derived.chain(foreign_messages()).collect()
}

fn foreign_messages() -> Vec<Value> {
    vec![
        json!(MARK),
        json!(format!("{MARK} ")),
        json!("written by hand"),
        json!(""),
        json!(null),
        json!(17),
        json!("{\"\\\u{7}\u{2028}\"}"),
    ]
}

/// The longest message that is allowed, and one that is too long.
pub fn long_messages() -> Vec<Value> {
    let longest = format!("{}{MARK}", "é".repeat(32_768 - MARK.len()));
    vec![json!(longest), json!("x".repeat(32_769))]
}
