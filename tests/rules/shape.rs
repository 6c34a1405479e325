//! `condition-shape`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::reviews::{Review, condition};
use crate::verdicts::{admitted, findings, refused, tekton, with};

fn created() -> Value {
    condition("TektonPipelineCreated", "True", "PipelineCreated")
}

fn audited() -> Value {
    condition("example.com/Audited", "True", "Done")
}

#[rstest]
#[case("type", json!(null), &[])]
#[case("type", json!(7), &["7"])]
#[case("type", json!(""), &["\"\""])]
#[case("type", json!("x".repeat(317)), &["316"])]
#[case("status", json!(null), &["True", "False", "Unknown"])]
#[case("status", json!("true"), &["\"true\"", "True", "False", "Unknown"])]
#[case("status", json!(true), &["true", "True", "False", "Unknown"])]
#[case("reason", json!(null), &[])]
#[case("reason", json!(""), &["\"\""])]
#[case("reason", json!("X".repeat(1025)), &["1024"])]
#[case("reason", json!(["PipelineCreated"]), &[])]
#[case("message", json!(17), &["17"])]
#[case("message", json!("é".repeat(32_769)), &["32768"])]
#[case("observedGeneration", json!(-1), &["-1"])]
#[case("observedGeneration", json!(1.0), &["1.0"])]
#[case("observedGeneration", json!(1e30), &[])]
#[case("observedGeneration", json!("1"), &["\"1\""])]
#[case("observedGeneration", json!(9_223_372_036_854_775_808_u64), &["9223372036854775808"])]
#[case("lastTransitionTime", json!(null), &[])]
#[case("lastTransitionTime", json!(1_795_428_000), &["1795428000"])]
#[case("lastTransitionTime", json!("2026-11-23t10:00:00Z"), &["\"2026-11-23t10:00:00Z\""])]
#[case("lastTransitionTime", json!("2026-11-23T10:00:00z"), &["\"2026-11-23T10:00:00z\""])]
fn a_broken_field_is_refused_with_its_value_and_what_is_allowed(
    #[case] field: &str,
    #[case] value: Value,
    #[case] says: &[&str],
) {
    let path = format!("status.conditions[0].{field}");
    refused(
        &tekton("Running", &[with(created(), field, value)]),
        "condition-shape",
        &path,
        says,
    );
}

#[rstest]
#[case::date_only("2026-11-23")]
#[case::no_offset("2026-11-23T10:00:00")]
#[case::space("2026-11-23 10:00:00Z")]
#[case::comma("2026-11-23T10:00:00,5Z")]
#[case::no_digits("2026-11-23T10:00:00.Z")]
#[case::leap_second("2026-11-23T10:00:60Z")]
#[case::hour_24("2026-11-23T24:00:00Z")]
#[case::minute_60("2026-11-23T10:60:00Z")]
#[case::no_such_day("2026-02-29T10:00:00Z")]
#[case::century_is_no_leap_year("2100-02-29T10:00:00Z")]
#[case::month_13("2026-13-01T10:00:00Z")]
#[case::day_0("2026-11-00T10:00:00Z")]
#[case::offset_24("2026-11-23T10:00:00+24:00")]
#[case::offset_minute_60("2026-11-23T10:00:00+01:60")]
#[case::offset_without_colon("2026-11-23T10:00:00+0100")]
#[case::offset_with_seconds("2026-11-23T10:00:00+01:00:00")]
#[case::offset_by_hour("2026-11-23T10:00:00+01")]
#[case::unicode_minus("2026-11-23T10:00:00\u{2212}01:00")]
#[case::zone_name("2026-11-23T10:00:00Z[UTC]")]
#[case::year_0("0000-12-31T00:00:00Z")]
#[case::five_digits("12026-11-23T10:00:00Z")]
#[case::signed_year("+2026-11-23T10:00:00Z")]
#[case::other_digits("\u{662}026-11-23T10:00:00Z")]
#[case::blank_before(" 2026-11-23T10:00:00Z")]
#[case::newline_after("2026-11-23T10:00:00Z\n")]
#[case::no_time("0001-01-01T00:00:00Z")]
#[case::empty("")]
fn a_time_that_some_client_cannot_read_is_refused(#[case] time: &str) {
    let item = with(created(), "lastTransitionTime", json!(time));
    refused(
        &tekton("Running", &[item]),
        "condition-shape",
        "status.conditions[0].lastTransitionTime",
        &[],
    );
}

#[rstest]
#[case::digits("2026-11-23T10:00:00.5Z")]
#[case::many_digits("2026-11-23T10:00:00.123456789012345Z")]
#[case::ahead_of_utc("2026-11-23T12:00:00+23:59")]
#[case::behind_utc("2026-11-22T12:00:00-23:59")]
#[case::zero_offset("2026-11-23T10:00:00-00:00")]
#[case::leap_day("2024-02-29T23:59:59Z")]
#[case::leap_century("2000-02-29T00:00:00Z")]
#[case::first_year("0001-01-01T00:00:01Z")]
#[case::before_1970("1969-12-31T23:59:59Z")]
fn every_form_of_a_real_time_is_admitted(#[case] time: &str) {
    admitted(&tekton(
        "Running",
        &[with(created(), "lastTransitionTime", json!(time))],
    ));
}

#[rstest]
#[case("9999-12-31T23:59:59Z")]
#[case("9999-12-31T23:59:59-23:59")]
#[case("9999-12-31T23:59:59.999999999+23:59")]
fn the_last_year_has_the_shape_of_a_time(#[case] time: &str) {
    let item = with(created(), "lastTransitionTime", json!(time));
    let expected = ["transition-time status.conditions[0].lastTransitionTime warn"];
    assert_eq!(findings(&tekton("Running", &[item])), expected);
}

#[rstest]
#[case::longest_type(with(audited(), "type", json!(format!("example.com/{}", "x".repeat(304)))))]
#[case::shortest_reason(with(audited(), "reason", json!("X")))]
#[case::longest_reason(with(audited(), "reason", json!("X".repeat(1024))))]
#[case::longest_message(with(audited(), "message", json!("é".repeat(32_768))))]
#[case::empty_message(with(audited(), "message", json!("")))]
#[case::no_message(with(audited(), "message", json!(null)))]
#[case::generation_zero(with(audited(), "observedGeneration", json!(0)))]
#[case::unknown_field(with(audited(), "note", json!({"a": [1]})))]
fn the_bounds_of_each_field_are_admitted(#[case] item: Value) {
    admitted(&tekton("Running", &[item]));
}

#[test]
fn the_highest_generation_has_the_shape_of_one() {
    let item = with(audited(), "observedGeneration", json!(i64::MAX));
    let review = tekton("Running", &[item]).generation(i64::MAX.unsigned_abs());
    admitted(&review);
}

#[test]
fn null_counts_as_absent() {
    let mut item = created();
    item["message"] = json!(null);
    item["observedGeneration"] = json!(null);
    admitted(&tekton("Running", &[item]));
    admitted(
        &Review::tekton()
            .status(json!({"phase": null, "conditions": null, "failureDetails": null})),
    );
}

#[test]
fn every_broken_field_of_an_item_is_named_and_no_other_rule_judges_it() {
    let item = json!({"type": "Nonsense", "status": "yes", "reason": "snake_case", "observedGeneration": 99});
    let expected = [
        "condition-shape status.conditions[0].status deny",
        "condition-shape status.conditions[0].lastTransitionTime deny",
    ];
    assert_eq!(findings(&tekton("Running", &[item])), expected);
}

#[rstest]
#[case(json!("True"))]
#[case(json!(1))]
#[case(json!({"type": "TektonPipelineCreated"}))]
fn conditions_that_are_no_list_are_refused(#[case] conditions: Value) {
    let review = Review::tekton().status(json!({"phase": "Running", "conditions": conditions}));
    refused(&review, "condition-shape", "status.conditions", &["list"]);
}

#[rstest]
#[case(json!("True"))]
#[case(json!(["TektonPipelineCreated"]))]
#[case(json!(null))]
fn an_item_that_is_not_an_object_is_refused(#[case] item: Value) {
    let review = tekton("Running", &[created(), item]);
    refused(
        &review,
        "condition-shape",
        "status.conditions[1]",
        &["object"],
    );
}

#[rstest]
#[case(json!("Running"))]
#[case(json!([{"phase": "Executing"}]))]
#[case(json!(7))]
fn a_status_that_is_not_an_object_counts_as_empty(#[case] status: Value) {
    admitted(&Review::tekton().status(status));
}

/// A condition whose generation is spelled as given, which no `Value` can do for each of these.
fn spelled(number: &str) -> Vec<u8> {
    let item = with(created(), "observedGeneration", json!("SPELLED"));
    let body = tekton("Running", &[item]).generation(200).body();
    String::from_utf8(body)
        .unwrap()
        .replace("\"SPELLED\"", number)
        .into_bytes()
}

#[rstest]
#[case("0", true)]
#[case("100", true)]
#[case("1.0", false)]
#[case("1e2", false)]
#[case("1E0", false)]
#[case("0.0", false)]
#[case("-1", false)]
#[case("9223372036854775808", false)]
#[case("18446744073709551616", false)]
#[case("99999999999999999999999999999999999999", false)]
#[case("1e999", false)]
fn a_generation_is_spelled_in_digits_alone(#[case] number: &str, #[case] is_admitted: bool) {
    let body = spelled(number);
    let (_, answer) = crate::verdicts::validate(&body, &wfe_webhook::policy::Policy::default());
    assert_eq!(answer.allowed, is_admitted);
}

#[test]
fn a_lone_surrogate_is_a_character_that_clients_replace() {
    for text in ["\\ud800", "\\udc00x", "\\ud800\\ud800"] {
        for field in ["type", "reason", "message", "lastTransitionTime", "status"] {
            let item = with(created(), field, json!("SPELLED"));
            let body = tekton("Running", &[item]).body();
            let body = String::from_utf8(body)
                .unwrap()
                .replace("SPELLED", text)
                .into_bytes();
            let (_, answer) =
                crate::verdicts::validate(&body, &wfe_webhook::policy::Policy::default());
            assert_eq!(answer.allowed, field == "message", "{field}");
            crate::verdicts::mutate(&body, &wfe_webhook::policy::Policy::default());
        }
    }
}
