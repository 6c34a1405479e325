//! The same review, spelled in another way: escapes, white space, the order of keys, and keys that come twice.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;
use serde_json::Value;
use wfe_webhook::policy::Policy;

use crate::oracle::{compare, now};
use crate::writes::{Write, review};

/// A small generator of choices, so that a spelling is a function of a seed and the value: equal values are spelled
/// alike, as one API server spells both objects of a review.
struct Choices(u64);

impl Choices {
    fn of(seed: u64, value: &Value) -> Self {
        let mut hasher = DefaultHasher::new();
        value.to_string().hash(&mut hasher);
        Self(seed ^ hasher.finish())
    }

    /// Whether something happens that happens once in `n` times.
    fn once_in(&mut self, n: u64) -> bool {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).is_multiple_of(n)
    }
}

const ELSE: [&str; 8] = [
    "null",
    "7",
    "\"Failed\"",
    "[{}]",
    "{\"name\":\"other\"}",
    "true",
    "[[],{\"a\":[null]}]",
    "\"\\ud83d\\ude00\\\"\\\\\"",
];

fn spell(value: &Value, seed: u64, out: &mut String) {
    let choices = &mut Choices::of(seed, value);
    if choices.once_in(6) {
        out.push_str(" \t\r\n");
    }
    match value {
        Value::String(text) => spell_text(text, choices, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                spell(item, seed, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            if choices.once_in(2) {
                entries.reverse();
            }
            let mut parts = Vec::new();
            for (at, (key, _)) in entries.iter().enumerate() {
                if choices.once_in(8) {
                    let mut part = String::new();
                    spell_text(key, choices, &mut part);
                    part.push(':');
                    part.push_str(ELSE[(at + key.len()) % ELSE.len()]);
                    parts.push(part);
                }
            }
            for (key, value) in entries {
                let mut part = String::new();
                spell_text(key, choices, &mut part);
                part.push(':');
                spell(value, seed, &mut part);
                parts.push(part);
            }
            out.push('{');
            out.push_str(&parts.join(if choices.once_in(4) { " ,\n" } else { "," }));
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
    if choices.once_in(9) {
        out.push(' ');
    }
}

fn spell_text(text: &str, choices: &mut Choices, out: &mut String) {
    let escapes = choices.once_in(5);
    out.push('"');
    for c in text.chars().take(40_000) {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' if !escapes => out.push_str("\\n"),
            c if c < ' ' || (escapes && text.len() < 100 && choices.once_in(2)) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04X}").expect("a string takes any text");
                }
            }
            '/' if escapes => out.push_str("\\/"),
            c => out.push(c),
        }
    }
    out.push('"');
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_review_means_the_same_however_it_is_spelled(Write(review) in review(), seed in any::<u64>()) {
        let mut body = String::new();
        spell(&review, seed, &mut body);
        let read: Value = serde_json::from_str(&body).unwrap();
        prop_assert!(read == review, "the spelling changed the review");
        compare(body.as_bytes(), &Policy::default(), now()).map_err(TestCaseError::fail)?;
    }
}
