use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

fn is_json(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.skip().and_then(|()| reader.end()).is_ok()
}

/// The result of `serde_json`, which ignores numbers as large and depths as great as this reader does.
fn is_json_to_serde(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[test]
fn json_is_read() {
    for text in [
        "null",
        " \t\n\r[ ] ",
        "{}",
        "{ \"a\" : [ 1 , -0.5e+3 , true , false , null , {} , \"\" ] }",
        "1e400",
        "123456789012345678901234567890",
        "-0",
        r#""\"\\\/\b\f\n\r\t\u00e9\ud800""#,
        "\"é\u{2028}🚀\u{7f}\"",
        r#"{"a":1,"a":2,"":3}"#,
    ] {
        assert!(is_json(text), "{text}");
        assert!(is_json_to_serde(text), "{text}");
    }
}

#[test]
fn everything_else_is_refused_with_what_should_stand_there() {
    for (text, expected) in [
        ("", "expected a value at byte 0"),
        ("  ", "expected a value at byte 2"),
        ("nul", "expected a value at byte 0"),
        ("nothing", "expected a value at byte 0"),
        ("True", "expected a value at byte 0"),
        ("'a'", "expected a value at byte 0"),
        ("NaN", "expected a value at byte 0"),
        ("+1", "expected a value at byte 0"),
        (".5", "expected a value at byte 0"),
        ("-", "expected a digit at byte 1"),
        ("1.", "expected a digit at byte 2"),
        ("1e", "expected a digit at byte 2"),
        ("1e+", "expected a digit at byte 3"),
        ("01", "expected the end of the text at byte 1"),
        ("1 2", "expected the end of the text at byte 2"),
        ("{} {}", "expected the end of the text at byte 3"),
        ("\u{feff}{}", "expected a value at byte 0"),
        ("\"a", "expected a quote at byte 2"),
        ("\"a\\", "expected an escape of JSON at byte 2"),
        (r#""\x""#, "expected an escape of JSON at byte 1"),
        (r#""\u12g4""#, "expected an escape of JSON at byte 1"),
        ("\"a\nb\"", "expected no control character at byte 2"),
        ("[", "expected a value at byte 1"),
        ("[1", "expected a comma or a closing bracket at byte 2"),
        ("[1,", "expected a value at byte 3"),
        ("[1,]", "expected a value at byte 3"),
        ("[,1]", "expected a value at byte 1"),
        ("[1 2]", "expected a comma or a closing bracket at byte 3"),
        ("[1}", "expected a comma or a closing bracket at byte 2"),
        ("[[1]}", "expected a comma or a closing bracket at byte 4"),
        ("{1:2}", "expected a field's name in quotes at byte 1"),
        ("{\"a\"}", "expected a colon at byte 4"),
        ("{\"a\":}", "expected a value at byte 5"),
        ("{\"a\":1,}", "expected a field's name in quotes at byte 7"),
        (
            "{\"a\":1]",
            "expected a comma or a closing bracket at byte 6",
        ),
        (
            "{\"a\":[{\"b\":1]]}",
            "expected a comma or a closing bracket at byte 12",
        ),
    ] {
        let mut reader = Reader::new(text);
        let error = reader.skip().and_then(|()| reader.end()).unwrap_err();
        let error = format!("{error} at byte {}", reader.position());
        assert_eq!(error, expected, "{text}");
        assert!(!is_json_to_serde(text), "{text}");
    }
}

#[test]
fn any_depth_is_read() {
    let deep = 1_000_000;
    assert!(is_json(&("[".repeat(deep) + &"]".repeat(deep))));
    assert!(is_json(&("{\"a\":".repeat(deep) + "1" + &"}".repeat(deep))));
    assert!(!is_json(&("[".repeat(deep) + &"]".repeat(deep - 1))));
}

#[test]
fn fields_and_items_come_in_their_order() {
    let mut reader = Reader::new(r#"{"a": [1, {"x": 2}], "\u0062": "c"}, 5"#);
    let mut seen = Vec::new();
    let is_object = reader.object(|key, json| {
        let is_list = json.clone().list(|json| {
            seen.push(format!("item {}", json.raw()?.text()));
            Ok(())
        })?;
        seen.push(format!("{key} {is_list} {}", json.raw()?.text()));
        Ok(())
    });
    assert_eq!(is_object, Ok(true));
    assert_eq!(
        seen,
        [
            "item 1",
            "item {\"x\": 2}",
            "a true [1, {\"x\": 2}]",
            "b false \"c\""
        ]
    );
    assert!(!reader.is_at_end());
}

/// Text that is JSON, or nearly so.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just(" ".to_owned()),
        Just("\"a\"".to_owned()),
        Just("\"\\u00e9\\n\"".to_owned()),
        "-?[0-9.eE+-]{1,6}",
        "(true|false|null|\"[ -~]{0,9}\"|\\PC)",
    ];
    proptest::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn it_is_json_to_this_reader_if_and_only_if_it_is_to_serde(text in nearly_json()) {
        prop_assert_eq!(is_json(&text), is_json_to_serde(&text));
    }

    #[test]
    fn a_cut_or_changed_document_is_json_to_both_or_to_neither(
        at in 0_usize..60,
        put in "[\\[\\]{},:\"\\\\0-9a-f. ]{0,2}",
    ) {
        let text = r#"{"a":[1.5e3,{"b":"\u00e9\n"},true,null],"c":-0}"#;
        let at = at.min(text.len());
        let changed = format!("{}{put}{}", &text[..at], text.get(at + 1..).unwrap_or_default());
        prop_assert_eq!(is_json(&changed), is_json_to_serde(&changed));
        prop_assert_eq!(is_json(&text[..at]), is_json_to_serde(&text[..at]));
    }
}
